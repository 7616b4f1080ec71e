using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A call from its caller's side, from INVITE to the end.</summary>
public sealed class OutgoingCall : Call
{
    private readonly Caller _caller;
    private readonly string _callId;
    private readonly string _fromTag;
    private readonly Action<OutgoingCall>? _onSettled;
    private ClientTransaction? _invite;
    private SipMessage _request = null!;
    private byte[]? _ack;
    private VirtualTimer? _cancelTimeout;
    private uint _number = 1;
    private bool _provisional;
    private bool _cancelWanted;
    private bool _cancelSent;
    private bool _credentialsSent;
    private bool _settled;

    internal OutgoingCall(Caller caller, CallScript script, long number, Action<OutgoingCall>? onSettled)
        : base(caller, number, 'A')
    {
        _caller = caller;
        _onSettled = onSettled;
        Script = script;
        _callId = caller.NewToken("c") + "@" + Address.Host(caller.Written);
        _fromTag = caller.NewToken("f");
        if (script.Media) Media = new RtpEndpoint(caller, number, 'A');
    }

    public CallScript Script { get; }

    public string CallId => _callId;

    /// <summary>The final status; 0 while there is none, 408 for none at all.</summary>
    public int FinalStatus { get; private set; }

    /// <summary>From the INVITE (the first of them) to the 2xx.</summary>
    public long SetupMicroseconds { get; private set; }

    /// <summary>The first provisional status above 100; 0 without.</summary>
    public int RingingStatus { get; private set; }

    private Instant PlacedAt { get; set; }

    internal void Place()
    {
        PlacedAt = Agent.Simulator.Now;
        Agent.Counters.Placed++;
        SendInvite(null);
        At(Script.CancelAfter, Cancel);
        At(Script.RingingMax, Cancel);
    }

    /// <summary>Gives up before the answer: CANCEL, once a provisional response allows it (RFC 3261 9.1).</summary>
    public void Cancel()
    {
        if (_settled || _cancelSent) return;
        _cancelWanted = true;
        if (!_provisional) return;
        _cancelSent = true;
        Agent.SendCancel(_invite!);
        _cancelTimeout = Agent.Simulator.After(SipTimers.SixtyFourT1, () =>
        {
            if (_settled) return;
            Agent.Counters.Cancelled++;
            Settle(487);
            End();
        });
    }

    private void SendInvite(HeaderField? credentials)
    {
        string domain = Script.Domain ?? _caller.NextHop.ToString();
        string uri = $"sip:{Script.User}@{domain}";
        _request = SipMessage.Request("INVITE", uri)
            .Add("From", $"\"{Agent.Name}\" <sip:{Agent.Name}@{_caller.Domain}>;tag={_fromTag}")
            .Add("To", $"<{uri}>")
            .Add("Call-ID", _callId)
            .Add("CSeq", $"{_number} INVITE");
        AddContact(_request);
        _request.Add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO");
        _request.Add(CallNumber.Header, CallNumber.Text(Number, Script.Media));
        if (Script.Callee != null) _request.Add(Callee.ScriptHeader, Script.Callee.ToText());
        if (credentials is { } field) _request.Headers.Add(field);
        _request.Headers.AddRange(Script.Headers);
        AddSdp(_request);
        _provisional = false;
        _invite = Agent.SendRequest(_request, _caller.NextHop, OnResponse, OnTimeout);
    }

    private void OnResponse(SipMessage response)
    {
        if (response.Status < 200) OnProvisional(response);
        else if (response.Status < 300) OnAnswer(response);
        else OnFailure(response);
    }

    private void OnProvisional(SipMessage response)
    {
        _provisional = true;
        if (response.Status > 100 && RingingStatus == 0) RingingStatus = response.Status;
        if (_cancelWanted) Cancel();
    }

    private void OnAnswer(SipMessage response)
    {
        if (_settled)
        {
            // Without a dialog the CANCEL went unanswered for 64*T1 and the call was given up (RFC 3261 9.1).
            if (Dialog == null) return;
            if (response.ToTag != Dialog.RemoteTag) Agent.Violation("a second 2xx with another To tag", response);
            else _ack = Acknowledge(_number, _ack);
            return;
        }
        SetupMicroseconds = Agent.Simulator.Now - PlacedAt;
        Agent.Counters.Answered++;
        Answered = true;
        Dialog = Dialog.OfResponse(_request, response);
        Agent.Add(Dialog, this);
        Settle(response.Status);
        if (response.Body.Length == 0) Agent.Violation("no SDP in the answer (RFC 3261 13.2.1)", response);
        ReadSdp(response);
        _ack = Acknowledge(_number, _ack);
        Start(Script);
        if (_cancelWanted) HangUp();
    }

    private void OnFailure(SipMessage response)
    {
        if (_settled) return;
        if (response.Status is 401 or 407 && Script.Password != null && !_credentialsSent && !_cancelWanted)
        {
            _credentialsSent = true;
            Agent.Counters.Challenged++;
            HeaderField? credentials = Digest.Answer(response, Agent.Name, Script.Password, _request);
            if (credentials == null) Agent.Violation("challenge cannot be answered", response);
            _number++;
            if (credentials != null)
            {
                SendInvite(credentials);
                return;
            }
        }
        if (response.Status == 487 && _cancelSent) Agent.Counters.Cancelled++;
        else AgentCounters.Count(Agent.Counters.Failed, response.Status);
        Settle(response.Status);
        End();
    }

    private void OnTimeout()
    {
        // Of an accepted transaction nothing times out here; timer M only ends it.
        if (_settled) return;
        Agent.Counters.Timeouts++;
        Settle(408);
        End();
    }

    private void Settle(int status)
    {
        _settled = true;
        FinalStatus = status;
        StopTimers();
        _cancelTimeout?.Cancel();
        if (Script.ExpectedStatus is { } expected && expected != status)
        {
            Agent.Violation($"call {Number}: final status {status}, expected {expected}");
        }
        _onSettled?.Invoke(this);
    }

    private protected override void End()
    {
        bool was = Over;
        base.End();
        if (!was) _caller.Finished(this);
    }
}
