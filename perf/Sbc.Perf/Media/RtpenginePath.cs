using System.Net;
using System.Net.Sockets;
using System.Text;
using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>rtpengine, told of the calls over its ng protocol: a cookie, a blank, a bencoded dictionary.</summary>
internal sealed class RtpenginePath : MediaPath
{
    private const int Attempts = 5;

    public override string Name => "rtpengine, user space";
    public override string? Missing(Workspace workspace) => Workspace.MissingProgram("rtpengine");

    public override RunningMedia Start(Workspace workspace, string folder, int calls)
    {
        var process = Rtpengine.Start(folder);
        try
        {
            using var control = new UdpClient();
            control.Client.ReceiveTimeout = 1000;
            control.Connect("127.0.0.1", Topology.ControlPort);
            return new RunningMedia(process, [.. Enumerable.Range(0, calls).Select(i => Open(control, i))]);
        }
        catch (RowFailed)
        {
            process.Dispose();
            throw;
        }
    }

    private static MediaRoute Open(UdpClient control, int call)
    {
        var id = $"7:call-id{Text($"call{call}")}8:from-tag{Text($"from{call}")}";
        var offer = Ask(control, $"o{call}", $"d7:command5:offer{id}3:sdp{Text(Sdp.Audio(CallerEnd(call)))}"
            + "9:directionl4:edge4:coree7:replacel6:originee");
        var answer = Ask(control, $"a{call}", $"d7:command6:answer{id}6:to-tag{Text($"to{call}")}"
            + $"3:sdp{Text(Sdp.Audio(CalleeEnd(call)))}7:replacel6:originee");
        return new MediaRoute(answer, offer);
    }

    private static IPEndPoint Ask(UdpClient control, string cookie, string dictionary)
    {
        var request = Encoding.Latin1.GetBytes($"{cookie} {dictionary}");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            control.Send(request);
            try
            {
                IPEndPoint? from = null;
                var reply = Encoding.Latin1.GetString(control.Receive(ref from));
                if (!reply.StartsWith(cookie + " ", StringComparison.Ordinal)) continue;
                return Sdp.TryReadTarget(reply, out var target) ? target : throw new RowFailed($"rtpengine: {reply}");
            }
            catch (SocketException late) when (late.SocketErrorCode == SocketError.TimedOut)
            {
            }
        }
        throw new RowFailed("rtpengine does not answer on its ng port");
    }

    private static string Text(string value) => $"{value.Length}:{value}";
}
