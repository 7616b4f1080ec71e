using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sbc.Perf.Media;

/// <summary>rtpengine's ng protocol: a cookie, a blank, a bencoded dictionary.</summary>
internal sealed class RtpengineControl : IDisposable
{
    private const int Attempts = 5;
    private readonly UdpClient control = new();

    public RtpengineControl()
    {
        control.Client.ReceiveTimeout = 1000;
        control.Connect(Topology.Edge, Topology.ControlPort);
    }

    public MediaRoute Open(int call)
    {
        var offer = Target($"o{call}", $"d7:command5:offer{Names(call)}"
            + $"3:sdp{Text(Sdp.Audio(MediaPath.CallerEnd(call)))}9:directionl4:edge4:coree7:replacel6:originee");
        var answer = Target($"a{call}", $"d7:command6:answer{Names(call)}6:to-tag{Text($"to{call}")}"
            + $"3:sdp{Text(Sdp.Audio(MediaPath.CalleeEnd(call)))}7:replacel6:originee");
        return new MediaRoute(answer, offer);
    }

    public void Delete(int call) => Ask($"d{call}", $"d7:command6:delete{Names(call)}e");

    public void Dispose() => control.Dispose();

    private IPEndPoint Target(string cookie, string dictionary)
    {
        var reply = Ask(cookie, dictionary);
        return Sdp.TryReadTarget(reply, out var target) ? target : throw new RowFailed($"rtpengine: {reply}");
    }

    private string Ask(string cookie, string dictionary)
    {
        var request = Encoding.Latin1.GetBytes($"{cookie} {dictionary}");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            control.Send(request);
            try
            {
                IPEndPoint? from = null;
                var reply = Encoding.Latin1.GetString(control.Receive(ref from));
                if (reply.StartsWith(cookie + " ", StringComparison.Ordinal)) return reply;
            }
            catch (SocketException late) when (late.SocketErrorCode == SocketError.TimedOut)
            {
            }
        }
        throw new RowFailed("rtpengine does not answer on its ng port");
    }

    private static string Names(int call) => $"7:call-id{Text($"call{call}")}8:from-tag{Text($"from{call}")}";

    private static string Text(string value) => $"{value.Length}:{value}";
}
