using Sbc.Runtime;

namespace Sbc.Simulation;

public enum ServerState
{
    /// <summary>Trying, of a request that is no INVITE, too.</summary>
    Proceeding,
    Completed,
    Confirmed,

    /// <summary>RFC 6026 7.1: a 2xx was sent; the user repeats it until its ACK.</summary>
    Accepted,
    Terminated,
}

/// <summary>RFC 3261 17.2, with the corrections of RFC 6026.</summary>
public sealed class ServerTransaction
{
    private readonly UserAgent _agent;
    private readonly byte[] _requestBytes;
    private readonly TransportAddress _replyTo;
    private readonly string _via;
    private byte[]? _last;
    private VirtualTimer? _retransmit;
    private VirtualTimer? _timeout;
    private long _interval = SipTimers.T1;

    internal ServerTransaction(UserAgent agent, SipMessage request, Datagram datagram)
    {
        _agent = agent;
        _requestBytes = datagram.Bytes;
        Request = request;
        Source = datagram.From;
        _via = StampedVia(request, datagram.From);
        _replyTo = ReplyAddress(_via, datagram.From);
    }

    public SipMessage Request { get; }

    public TransportAddress Source { get; }

    public ServerState State { get; private set; }

    internal string Key => KeyOf(Request);

    internal Action? OnCancelled { get; set; }

    private bool Invite => Request.Method == "INVITE";

    // RFC 3261 17.2.3: branch, sent-by, and the method, where ACK matches its INVITE.
    internal static string KeyOf(SipMessage request)
    {
        string method = request.Method == "ACK" ? "INVITE" : request.Method!;
        return string.Concat(request.TopBranch, "|", HeaderValue.SentBy(request["Via"] ?? ""), "|", method);
    }

    /// <summary>A response with what RFC 3261 8.2.6.2 copies from the request, and our tag.</summary>
    public SipMessage NewResponse(int status, string toTag)
    {
        SipMessage response = SipMessage.Response(status);
        response.Copy(Request, "Via");
        response.Set("Via", _via);
        response.Add("From", Request.From);
        bool tagged = Request.ToTag.Length > 0 || status == 100;
        response.Add("To", tagged ? Request.To : $"{Request.To};tag={toTag}");
        return response.Add("Call-ID", Request.CallId).Add("CSeq", Request["CSeq"]!);
    }

    public void Respond(SipMessage response)
    {
        if (State != ServerState.Proceeding) return;
        _last = response.ToBytes();
        _agent.Send(_replyTo, _last);
        if (response.Status < 200) return;
        if (Invite && response.Status < 300)
        {
            State = ServerState.Accepted;
            _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, Terminate);
            return;
        }
        State = ServerState.Completed;
        _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, Invite ? TimerH : Terminate);
        if (Invite) _retransmit = _agent.Simulator.After(_interval, TimerG);
    }

    /// <summary>The user will never answer: the transaction goes when its client's has gone.</summary>
    internal void StaySilent() => _timeout = _agent.Simulator.After(2 * SipTimers.SixtyFourT1, Terminate);

    /// <summary>
    /// A 2xx to an INVITE, which its user repeats (RFC 3261 13.3.1.4); another one too, where a proxy forked it.
    /// </summary>
    internal byte[] Accept(SipMessage response)
    {
        if (State != ServerState.Accepted)
        {
            Respond(response);
            return _last!;
        }
        byte[] bytes = response.ToBytes();
        _agent.Send(_replyTo, bytes);
        return bytes;
    }

    /// <summary>The user repeats its 2xx or its reliable provisional response.</summary>
    internal void SendAgain(byte[] response)
    {
        _agent.Counters.Retransmissions++;
        _agent.Send(_replyTo, response);
    }

    /// <summary>A provisional response that its user repeats (RFC 3262 3).</summary>
    internal byte[] RespondReliably(SipMessage response)
    {
        Respond(response);
        return _last!;
    }

    internal void Receive(SipMessage request, Datagram datagram)
    {
        if (request.Method == "ACK")
        {
            ReceiveAck(request);
            return;
        }
        if (!datagram.Bytes.AsSpan().SequenceEqual(_requestBytes))
        {
            _agent.Violation("a retransmission differs from its first transmission", request);
        }
        if (_last != null && State is ServerState.Proceeding or ServerState.Completed) _agent.Send(_replyTo, _last);
    }

    private void ReceiveAck(SipMessage ack)
    {
        if (State == ServerState.Accepted) _agent.Violation("ACK for a 2xx with the branch of the INVITE", ack);
        if (State != ServerState.Completed) return;
        State = ServerState.Confirmed;
        StopTimers();
        _timeout = _agent.Simulator.After(SipTimers.I, Terminate);
        if (_last == null || !SipMessage.TryParse(_last, out SipMessage response, out _)) return;
        if (ack.ToTag != response.ToTag) _agent.Violation("To tag of the ACK is not the response's", ack);
        if (ack.CSeqNumber != Request.CSeqNumber) _agent.Violation("CSeq of the ACK is not the INVITE's", ack);
        if (ack.RequestUri != Request.RequestUri) _agent.Violation("Request-URI of the ACK differs", ack);
    }

    private void TimerG()
    {
        _agent.Counters.Retransmissions++;
        _agent.Send(_replyTo, _last!);
        _interval = SipTimers.Backoff(_interval);
        _retransmit = _agent.Simulator.After(_interval, TimerG);
    }

    private void TimerH()
    {
        _agent.Counters.AckTimeouts++;
        Terminate();
    }

    private void Terminate()
    {
        State = ServerState.Terminated;
        StopTimers();
        _agent.Forget(this);
    }

    private void StopTimers()
    {
        _retransmit?.Cancel();
        _timeout?.Cancel();
    }

    /// <summary>RFC 3261 18.2.1 and RFC 3581 4: where it came from is written into the topmost Via.</summary>
    internal static string StampedVia(SipMessage request, in TransportAddress source)
    {
        string via = request["Via"] ?? "";
        string host = Address.Host(source);
        string port = $"rport={source.Port}";
        bool rport = HeaderValue.Parameter(via, "rport") == "";
        SipUri.TrySplit(HeaderValue.SentBy(via), out string sentBy, out _);
        if (rport)
        {
            via = string.Join(';', via.Split(';').Select(
                part => part.Trim().Equals("rport", StringComparison.OrdinalIgnoreCase) ? port : part));
        }
        return rport || sentBy != host ? $"{via};received={host}" : via;
    }

    /// <summary>RFC 3261 18.2.2.</summary>
    internal static TransportAddress ReplyAddress(string stampedVia, in TransportAddress source)
    {
        if (HeaderValue.Parameter(stampedVia, "rport") is { Length: > 0 }) return source;
        SipUri.TrySplit(HeaderValue.SentBy(stampedVia), out _, out int port);
        return source.WithPort(port == 0 ? 5060 : port);
    }
}
