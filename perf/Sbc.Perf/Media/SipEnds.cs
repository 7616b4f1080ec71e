using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sbc.Perf.Machine;

namespace Sbc.Perf.Media;

/// <summary>
/// Caller on the edge and answerer on the core in one, so that it knows both ports the box gave a call. Calls are
/// told apart by the user of the Request-URI, which a box that hides topology keeps.
/// </summary>
internal sealed class SipEnds : IDisposable
{
    private const int AttemptsMax = 8;
    private readonly Socket caller = Bind(Topology.Caller);
    private readonly Socket farm;
    private readonly EndPoint box = new IPEndPoint(IPAddress.Parse(Topology.Edge), Topology.SipPort);
    private readonly ConcurrentDictionary<int, IPEndPoint> offered = new();
    private readonly BlockingCollection<SipMessage> finals = new(1024);
    private readonly List<SipMessage> answers = [];
    private readonly Thread[] readers;
    private volatile bool closed;

    /// <param name="farmNamespace">Where the farm's address is, if it is not here.</param>
    public SipEnds(string? farmNamespace)
    {
        farm = InNamespace.Make(farmNamespace, () => Bind(Topology.Farm));
        readers = [new Thread(() => Read(caller, AtCaller)), new Thread(() => Read(farm, AtFarm))];
        foreach (var reader in readers) reader.Start();
    }

    public MediaRoute Open(int call)
    {
        var target = $"sip:{CallUser(call)}@{Topology.Edge}:{Topology.SipPort}";
        var invite = Request("INVITE", target, call, 1, $"To: <{target}>\r\n", Sdp.Audio(MediaPath.CallerEnd(call)));
        var answer = Exchange(invite, call, "INVITE");
        if (answer.Status != 200 || !Sdp.TryReadTarget(answer.Body, out var edge))
            throw new RowFailed($"call {call} was not answered: {answer.Text.Split('\r')[0]}");
        if (!offered.TryGetValue(call, out var core)) throw new RowFailed($"call {call} never reached the farm");
        answers.Add(answer);
        Send(caller, InDialog("ACK", answer, call, 1), box);
        return new MediaRoute(edge, core);
    }

    public void Dispose()
    {
        try
        {
            for (var call = 0; call < answers.Count; call++)
                Exchange(InDialog("BYE", answers[call], call, 2), call, "BYE");
        }
        catch (RowFailed failure)
        {
            Console.Error.WriteLine($"perf: ending the calls: {failure.Message}");
        }
        closed = true;
        foreach (var reader in readers) reader.Join();
        caller.Dispose();
        farm.Dispose();
        finals.Dispose();
    }

    private SipMessage Exchange(string request, int call, string method)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            Send(caller, request, box);
            while (finals.TryTake(out var answer, 500))
                if (answer.First("CSeq").EndsWith(method, StringComparison.Ordinal)
                    && answer.First("Call-ID") == CallId(call)) return answer;
        }
        throw new RowFailed($"{method} of call {call} has no final response");
    }

    private void AtCaller(SipMessage message, EndPoint from)
    {
        if (message.Status >= 200) finals.TryAdd(message);
        else if (!message.IsResponse && message.Method != "ACK") Send(caller, message.Answer("200 OK", "c"), from);
    }

    private void AtFarm(SipMessage message, EndPoint from)
    {
        if (message.IsResponse || message.Method == "ACK") return;
        if (message.Method != "INVITE" || !int.TryParse(message.RequestUser.AsSpan(4), out var call))
        {
            Send(farm, message.Answer("200 OK", "f"), from);
            return;
        }
        if (Sdp.TryReadTarget(message.Body, out var target)) offered[call] = target;
        var more = $"Contact: <sip:farm@{Topology.Farm}:{Topology.SipPort}>\r\nContent-Type: application/sdp\r\n";
        Send(farm, message.Answer("200 OK", $"f{call}", more, Sdp.Audio(MediaPath.CalleeEnd(call))), from);
    }

    private void Read(Socket socket, Action<SipMessage, EndPoint> handle)
    {
        var bytes = new byte[8192];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!closed)
        {
            if (!socket.Poll(100_000, SelectMode.SelectRead)) continue;
            var length = socket.ReceiveFrom(bytes, ref from);
            if (length > 16) handle(new SipMessage(bytes.AsSpan(0, length)), from);    // shorter: keep-alives
        }
    }

    private static string InDialog(string method, SipMessage answer, int call, int sequence)
    {
        var contact = answer.First("Contact");
        var target = contact.Contains('<', StringComparison.Ordinal) ? contact.Split('<', '>')[1] : contact;
        var routes = string.Concat(answer.All("Record-Route").Reverse().Select(r => $"Route: {r}\r\n"));
        return Request(method, target, call, sequence, $"To: {answer.First("To")}\r\n{routes}", "");
    }

    private static string Request(string method, string target, int call, int sequence, string more, string body) =>
        $"{method} {target} SIP/2.0\r\n"
        + $"Via: SIP/2.0/UDP {Topology.Caller}:{Topology.SipPort};branch=z9hG4bK{method}{call}\r\n"
        + $"Max-Forwards: 70\r\nFrom: <sip:perf@{Topology.Caller}>;tag=c{call}\r\n{more}"
        + $"Call-ID: {CallId(call)}\r\nCSeq: {sequence} {method}\r\n"
        + $"Contact: <sip:perf@{Topology.Caller}:{Topology.SipPort}>\r\n"
        + (body.Length > 0 ? "Content-Type: application/sdp\r\n" : "")
        + $"Content-Length: {body.Length}\r\n\r\n{body}";

    private static string CallUser(int call) => $"call{call}";

    private static string CallId(int call) => $"perf-{call}-{Environment.ProcessId}";

    private static void Send(Socket socket, string text, EndPoint to) =>
        socket.SendTo(Encoding.Latin1.GetBytes(text), to);

    private static Socket Bind(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), Topology.SipPort));
        return socket;
    }
}
