using Sbc.Runtime;

namespace Sbc.Simulation;

public enum ClientState
{
    /// <summary>Trying, of a request that is no INVITE.</summary>
    Calling,
    Proceeding,
    Completed,

    /// <summary>RFC 6026 7.2: a 2xx came; more of them go to the transaction's user.</summary>
    Accepted,
    Terminated,
}

/// <summary>RFC 3261 17.1, with the corrections of RFC 6026.</summary>
public sealed class ClientTransaction
{
    private readonly UserAgent _agent;
    private readonly Action<SipMessage> _onResponse;
    private readonly Action _onTimeout;
    private readonly byte[] _bytes;
    private readonly List<string> _vias;
    private readonly bool _invite;
    private byte[]? _ack;
    private bool _dialogEnded;
    private VirtualTimer? _retransmit;
    private VirtualTimer? _timeout;
    private long _interval = SipTimers.T1;

    internal ClientTransaction(
        UserAgent agent,
        SipMessage request,
        TransportAddress destination,
        Action<SipMessage> onResponse,
        Action onTimeout)
    {
        _agent = agent;
        _onResponse = onResponse;
        _onTimeout = onTimeout;
        _bytes = request.ToBytes();
        _vias = request.All("Via");
        _invite = request.Method == "INVITE";
        Request = request;
        Destination = destination;
    }

    public SipMessage Request { get; }

    public TransportAddress Destination { get; }

    public ClientState State { get; private set; }

    internal string Key => KeyOf(Request.TopBranch, Request.Method!);

    internal static string KeyOf(string branch, string method) => string.Concat(branch, "|", method);

    internal void Start()
    {
        _agent.Send(Destination, _bytes);
        _retransmit = _agent.Simulator.After(_interval, Retransmit);
        _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, TimeOut);
    }

    /// <summary>
    /// A re-INVITE that was heard of has no timer, and a 2xx to it that got lost is repeated no more once the dialog is
    /// over: it is given up after as long as its answer may be on the way.
    /// </summary>
    internal void DialogEnded()
    {
        _dialogEnded = true;
        if (_invite && State == ClientState.Proceeding)
            _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, Terminate);
    }

    internal void Receive(SipMessage response)
    {
        CheckAgainstRequest(response);
        if (response.Status < 200) ReceiveProvisional(response);
        else if (_invite) ReceiveInviteFinal(response);
        else ReceiveFinal(response);
    }

    private void ReceiveProvisional(SipMessage response)
    {
        if (State > ClientState.Proceeding) return;
        if (State == ClientState.Calling && _invite)
        {
            // RFC 3261 17.1.1.2: timers A and B end; the user decides how long it lets the peer ring.
            StopTimers();
            // The 100 was late: nothing else would end it.
            if (_dialogEnded) _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, Terminate);
        }
        State = ClientState.Proceeding;
        _onResponse(response);
    }

    private void ReceiveInviteFinal(SipMessage response)
    {
        if (response.Status < 300)
        {
            if (State is ClientState.Completed or ClientState.Terminated) return;
            bool first = State != ClientState.Accepted;
            State = ClientState.Accepted;
            if (first)
            {
                StopTimers();
                _timeout = _agent.Simulator.After(SipTimers.SixtyFourT1, Terminate);
            }
            _onResponse(response);
            return;
        }
        if (State is ClientState.Accepted or ClientState.Terminated) return;
        _ack ??= Ack(response).ToBytes();
        _agent.Send(Destination, _ack);
        if (State == ClientState.Completed) return;
        State = ClientState.Completed;
        StopTimers();
        _timeout = _agent.Simulator.After(SipTimers.D, Terminate);
        _onResponse(response);
    }

    private void ReceiveFinal(SipMessage response)
    {
        if (State >= ClientState.Completed) return;
        State = ClientState.Completed;
        StopTimers();
        _timeout = _agent.Simulator.After(SipTimers.K, Terminate);
        _onResponse(response);
    }

    // RFC 3261 17.1.1.3.
    private SipMessage Ack(SipMessage response)
    {
        SipMessage ack = SipMessage.Request("ACK", Request.RequestUri).Add("Via", Request["Via"]!);
        ack.Copy(Request, "Route");
        return ack
            .Add("Max-Forwards", "70")
            .Add("From", Request.From)
            .Add("To", response.To)
            .Add("Call-ID", Request.CallId)
            .Add("CSeq", $"{Request.CSeqNumber} ACK");
    }

    private void Retransmit()
    {
        _agent.Counters.Retransmissions++;
        _agent.Send(Destination, _bytes);
        // Timer A doubles without end; timer E stops at T2 and is T2 in Proceeding.
        _interval = _invite ? _interval * 2
            : State == ClientState.Proceeding ? SipTimers.T2 : SipTimers.Backoff(_interval);
        _retransmit = _agent.Simulator.After(_interval, Retransmit);
    }

    private void TimeOut()
    {
        Terminate();
        _onTimeout();
    }

    private void Terminate()
    {
        State = ClientState.Terminated;
        StopTimers();
        _agent.Forget(this);
    }

    private void StopTimers()
    {
        _retransmit?.Cancel();
        _timeout?.Cancel();
    }

    // RFC 3261 8.2.6.2: a response repeats these of its request.
    private void CheckAgainstRequest(SipMessage response)
    {
        if (response.CallId != Request.CallId) _agent.Violation("Call-ID differs from the request's", response);
        if (response.From != Request.From) _agent.Violation("From differs from the request's", response);
        if (response.CSeqNumber != Request.CSeqNumber) _agent.Violation("CSeq differs from the request's", response);
        if (HeaderValue.Uri(response.To) != HeaderValue.Uri(Request.To)) _agent.Violation("To URI changed", response);
        if (Request.ToTag.Length > 0 && response.Status != 100 && response.ToTag != Request.ToTag)
        {
            _agent.Violation("To tag changed within the dialog", response);
        }
        CheckVias(response);
    }

    private void CheckVias(SipMessage response)
    {
        List<string> vias = response.All("Via");
        bool same = vias.Count == _vias.Count;
        for (int i = 0; same && i < vias.Count; i++)
        {
            same = HeaderValue.WithoutReceived(vias[i]) == HeaderValue.WithoutReceived(_vias[i]);
        }
        if (!same) _agent.Violation("Vias are not the request's", response);
        else _agent.CheckReceived(vias[0], response);
    }
}
