using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One side of a session in one dialog: what both sides do within a call.</summary>
public abstract class Call : DialogUser
{
    private const int AttemptsMax = 8;

    private readonly Refers _refers;
    private readonly SessionTimer _timer;
    private ServerTransaction? _unacknowledged;
    private byte[] _accepted = [];
    private VirtualTimer? _repeat;
    private VirtualTimer? _ackTimeout;
    private long _repeatInterval;
    private ClientTransaction? _reinvite;
    private int _invitesOut;
    private bool _offered;
    private bool _hangUpWanted;
    private bool _hangingUp;

    private protected Call(UserAgent agent, long number, char leg, string contact, OfferAnswer? sdp = null)
        : base(agent, number, leg, contact)
    {
        Sdp = sdp ?? new OfferAnswer(agent, number, leg);
        _refers = new Refers(this);
        _timer = new SessionTimer(agent, leg, Refresh, () =>
        {
            Agent.Counters.SessionsExpired++;
            if (Script.Strict) Agent.Shortfall($"call {Number}, {Leg}: nobody refreshed the session");
            HangUp();
        });
    }

    public RtpEndpoint? Media { get; private protected set; }

    internal OfferAnswer Sdp { get; }

    internal SessionTimer Timer => _timer;

    internal InCallScript Script { get; private protected set; } = new();

    /// <summary>A 2xx was sent or received.</summary>
    private protected bool Answered { get; set; }

    /// <summary>The script runs: the caller has the answer, or the callee its ACK.</summary>
    private protected bool Started { get; private set; }

    private protected TransportAddress MediaAddress => Media?.Written ?? Agent.Written.WithPort(40_000);

    /// <summary>BYE, after the ACK where we are the callee (RFC 3261 15).</summary>
    public void HangUp()
    {
        if (Over || _hangingUp) return;
        if (_unacknowledged != null && Leg == 'B' && !Started)
        {
            _hangUpWanted = true;
            return;
        }
        _hangingUp = true;
        StopTimers();
        _timer.Stop();
        Media?.Stop();
        SendInDialog(NewInDialog("BYE"), _ => End(), End);
    }

    internal override void ReceiveAck(SipMessage ack)
    {
        if (_unacknowledged == null || ack.CSeqNumber != _unacknowledged.Request.CSeqNumber) return;
        CheckDialog(ack);
        _unacknowledged = null;
        StopRepeating();
        if (_offered)
        {
            _offered = false;
            if (ack.Body.Length > 0) Sdp.ReadAnswer(ack);
            else
            {
                Agent.Violation("no answer in the ACK to a 2xx with an offer (RFC 3261 13.2.2.4)", ack);
                Sdp.Withdraw();
            }
        }
        else if (ack.Body.Length > 0) Agent.Violation("SDP in an ACK whose 2xx had no offer", ack);
        OnAcknowledged();
        if (_hangUpWanted) HangUp();
    }

    /// <summary>Starts what both sides do after the answer.</summary>
    private protected void Start()
    {
        Started = true;
        At(Script.ReinviteAfter, () => Do(StepKind.Reinvite, 2));
        At(Script.InfoAfter, () => Do(StepKind.Info, 1));
        At(Script.OptionsAfter, () => Do(StepKind.Options, 1));
        foreach (Step step in Script.Steps)
        {
            Plan();
            At(step.After, () => Do(step.Kind, AttemptsMax, Met));
        }
        At(Script.HangUpAfter, HangUp);
        At(Script.AbandonAfter, () =>
        {
            Agent.Counters.Abandoned++;
            HangUp();
        });
    }

    /// <summary>A 2xx to an INVITE: repeated until the ACK (RFC 3261 13.3.1.4).</summary>
    private protected void Accept(ServerTransaction transaction, SipMessage response)
    {
        _unacknowledged = transaction;
        _accepted = transaction.Accept(response);
        _repeatInterval = SipTimers.T1;
        _repeat = Agent.Simulator.After(_repeatInterval, Repeat);
        _ackTimeout = Agent.Simulator.After(SipTimers.SixtyFourT1, () =>
        {
            Agent.Counters.AckTimeouts++;
            _unacknowledged = null;
            StopRepeating();
            HangUp();
        });
    }

    /// <summary>An offer in a 2xx, whose answer comes in the ACK.</summary>
    private protected void AddAcceptedOffer(SipMessage response)
    {
        _offered = true;
        Sdp.AddOffer(response, MediaAddress);
    }

    private protected virtual void OnAcknowledged()
    {
    }

    private protected virtual void OnUpdateFailed()
    {
    }

    private protected virtual void Decorate(SipMessage response)
    {
    }

    private protected virtual void OnPrack(ServerTransaction transaction)
    {
        Agent.Violation("PRACK for a response that was never sent", transaction.Request);
        Respond(transaction, 481);
    }

    /// <summary>An ACK for a 2xx, again for each copy of it.</summary>
    private protected byte[] Acknowledge(uint number, byte[]? sent)
    {
        TransportAddress to = NextHop;
        if (sent == null)
        {
            SipMessage ack = Known.Request("ACK", number);
            if (Sdp.RemotePending) Sdp.AddAnswer(ack, MediaAddress);
            return Agent.SendAck(ack, to);
        }
        Agent.Send(to, sent);
        return sent;
    }

    private protected virtual void End()
    {
        if (Over) return;
        Over = true;
        StopTimers();
        StopRepeating();
        _timer.Stop();
        Media?.Close();
        _reinvite?.DialogEnded();
        if (Answered) Agent.Counters.Ended++;
        Release();
    }

    /// <summary>Nothing uses the dialog any more.</summary>
    private protected virtual void Released()
    {
        Unlisten();
        if (Script.Strict && Unmet > 0) Agent.Shortfall($"call {Number}, {Leg}: {Unmet} planned things did not happen");
    }

    private protected override void OnRequest(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (Over && request.Method != "NOTIFY")
        {
            // The dialog lives on for a subscription alone (RFC 5057).
            Respond(transaction, 481);
            return;
        }
        switch (request.Method)
        {
            case "BYE":
                Respond(transaction, 200);
                End();
                break;
            case "INVITE":
                ReceiveReinvite(transaction);
                break;
            case "UPDATE":
                ReceiveUpdate(transaction);
                break;
            case "PRACK":
                OnPrack(transaction);
                break;
            case "INFO" or "MESSAGE" or "FOO":
                CheckMark(request);
                Respond(transaction, 200);
                break;
            case "OPTIONS":
                Respond(transaction, 200);
                break;
            case "REFER":
                _refers.Receive(transaction);
                break;
            case "NOTIFY":
                _refers.ReceiveNotify(transaction);
                break;
            default:
                Respond(transaction, 405);
                break;
        }
    }

    /// <summary>Whom a REFER of ours names; the peer is asked to call it.</summary>
    internal virtual string ReferTo => "<sip:carol@example.net>";

    /// <summary>The NOTIFYs of our REFER are over; 0 where no final status came.</summary>
    internal virtual void OnReferred(int status)
    {
    }

    /// <summary>The peer asks us to call somebody: a made-up call, unless the agent makes a real one.</summary>
    internal void OnRefer(string referTo, Action<int> ended)
    {
        if (Agent.TryRefer(referTo, ended)) return;
        Agent.Simulator.After(Agent.Random.Between(50, 3000), () => ended(200));
    }

    internal void Refer() => _refers.Send(null);

    /// <summary>UPDATE, with an offer where none is open (RFC 3311 5.1).</summary>
    private protected void SendUpdate(bool offer, int attempts, Action? done = null)
    {
        if (Over || _hangingUp) return;
        if (offer && !MayOffer)
        {
            if (attempts > 1) At(200, () => SendUpdate(offer, attempts - 1, done));
            return;
        }
        SipMessage request = NewInDialog("UPDATE");
        AddContact(request);
        if (offer) Sdp.AddOffer(request, MediaAddress);
        AddTimer(request);
        SendInDialog(request, response =>
        {
            if (response.Status < 300)
            {
                Agent.Counters.InDialogAnswered++;
                if (offer && response.Body.Length > 0) Sdp.ReadAnswer(response);
                else if (offer) Agent.Violation("no answer in the 2xx to an UPDATE with an offer", response);
                else if (response.Body.Length > 0) Agent.Violation("SDP where nothing was offered", response);
                if (offer) Sdp.Withdraw();
                _timer.Negotiated(response, sentByUs: false);
                done?.Invoke();
                return;
            }
            if (offer) Sdp.Withdraw();
            Refused(response.Status);
            if (response.Status is 491 or 500) Later(attempts, left => SendUpdate(offer, left, done));
            OnUpdateFailed();
        }, () =>
        {
            if (offer) Sdp.Withdraw();
            InDialogTimeout();
            OnUpdateFailed();
        });
    }

    private bool MayOffer => Sdp.Idle && _invitesOut == 0 && _unacknowledged == null;

    private void Do(StepKind kind, int attempts, Action? done = null)
    {
        if (Over || _hangingUp) return;
        switch (kind)
        {
            case StepKind.Reinvite or StepKind.LateReinvite:
                SendReinvite(kind == StepKind.LateReinvite, attempts, done);
                break;
            case StepKind.Update or StepKind.BareUpdate:
                SendUpdate(kind == StepKind.Update, attempts, done);
                break;
            case StepKind.Refer:
                _refers.Send(done);
                break;
            default:
                SendPlain(kind.ToString().ToUpperInvariant(), done);
                break;
        }
    }

    private void ReceiveUpdate(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        bool offer = request.Body.Length > 0;
        if (offer && (_invitesOut > 0 || Sdp.LocalPending))
        {
            Respond(transaction, 491);
            return;
        }
        if (offer && Sdp.RemotePending)
        {
            SipMessage refusal = NewResponse(transaction, 500);
            transaction.Respond(refusal.Add("Retry-After", "1"));
            return;
        }
        Known.RemoteTarget = HeaderValue.Uri(request["Contact"] ?? Known.RemoteTarget);
        SipMessage response = NewResponse(transaction, 200);
        AddContact(response);
        if (offer && Sdp.ReadOffer(request)) Sdp.AddAnswer(response, MediaAddress);
        AnswerTimer(request, response);
        transaction.Respond(response);
    }

    private void ReceiveReinvite(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        // RFC 3261 14.2: 491 while ours is pending, 500 while theirs is.
        if (_invitesOut > 0 || (Sdp.LocalPending && _unacknowledged == null))
        {
            Respond(transaction, 491);
            return;
        }
        if (_unacknowledged != null || Sdp.RemotePending)
        {
            SipMessage refusal = NewResponse(transaction, 500);
            transaction.Respond(refusal.Add("Retry-After", "2"));
            return;
        }
        Known.RemoteTarget = HeaderValue.Uri(request["Contact"] ?? Known.RemoteTarget);
        SipMessage response = NewResponse(transaction, 200);
        Decorate(response);
        AddContact(response);
        if (request.Body.Length == 0) AddAcceptedOffer(response);
        else if (Sdp.ReadOffer(request)) Sdp.AddAnswer(response, MediaAddress);
        AnswerTimer(request, response);
        Accept(transaction, response);
    }

    private void SendReinvite(bool late, int attempts, Action? done = null)
    {
        if (Over || _hangingUp) return;
        if (!MayOffer)
        {
            // Without somebody who waits for it, it is dropped.
            if (done != null && attempts > 1) At(200, () => SendReinvite(late, attempts - 1, done));
            return;
        }
        _invitesOut++;
        bool settled = false;
        byte[]? ack = null;
        SipMessage request = NewInDialog("INVITE");
        AddContact(request);
        if (!late) Sdp.AddOffer(request, MediaAddress);
        AddTimer(request);
        uint number = request.CSeqNumber;
        _reinvite = Agent.SendRequest(request, NextHop, response =>
        {
            if (response.Status < 200) return;
            bool first = !settled;
            settled = true;
            if (first) _invitesOut--;
            if (response.Status < 300)
            {
                if (first) ReinviteAccepted(response, late, done);
                ack = Acknowledge(number, ack);
                return;
            }
            if (!late) Sdp.Withdraw();
            Refused(response.Status);
            // RFC 3261 14.1: after 491 once more, later.
            if (response.Status is 491 or 500) Later(attempts, left => SendReinvite(late, left, done));
        }, () =>
        {
            _invitesOut--;
            if (!late) Sdp.Withdraw();
            InDialogTimeout();
        });
    }

    private void ReinviteAccepted(SipMessage response, bool late, Action? done)
    {
        Known.RemoteTarget = HeaderValue.Uri(response["Contact"] ?? Known.RemoteTarget);
        Agent.Counters.InDialogAnswered++;
        if (response.Body.Length == 0) Agent.Violation("no SDP in the 2xx to a re-INVITE", response);
        else if (late) Sdp.ReadOffer(response);
        else Sdp.ReadAnswer(response);
        if (!late) Sdp.Withdraw();
        _timer.Negotiated(response, sentByUs: false);
        done?.Invoke();
    }

    // The owner of the Call-ID waits longer.
    private void Later(int attempts, Action<int> again)
    {
        if (attempts <= 1) return;
        At(Leg == 'A' ? Agent.Random.Between(2100, 4000) : Agent.Random.Between(0, 2000), () => again(attempts - 1));
    }

    private void SendPlain(string method, Action? done)
    {
        SipMessage request = NewInDialog(method);
        if (method != "OPTIONS") AddMark(request);
        SendInDialog(request, response =>
        {
            if (response.Status < 300)
            {
                Agent.Counters.InDialogAnswered++;
                done?.Invoke();
            }
            else Refused(response.Status);
        }, InDialogTimeout);
    }

    // RFC 4028 7.4 and 10: a refresh names what was negotiated.
    private void AddTimer(SipMessage request)
    {
        request.Add("Supported", "timer, 100rel, replaces");
        if (!_timer.Runs) return;
        request.Add("Session-Expires", _timer.RefreshValue);
        request.Add("Min-SE", "90");
    }

    private void AnswerTimer(SipMessage request, SipMessage response)
    {
        if (request["Session-Expires"] is not { } wanted)
        {
            if (_timer.Runs && Agent.ArrivesInOrder) Agent.Violation("the session timer is lost", request);
            return;
        }
        bool uac = HeaderValue.Parameter(wanted, "refresher") != "uas";
        response.Add("Session-Expires", $"{SessionTimer.Seconds(wanted)};refresher={(uac ? "uac" : "uas")}");
        if (uac) response.Add("Require", "timer");
        _timer.Negotiated(response, sentByUs: true);
    }

    private void Refresh()
    {
        if (Script.RefreshByReinvite) SendReinvite(false, AttemptsMax, () => { });
        else SendUpdate(false, AttemptsMax);
    }

    /// <summary>RFC 3261 12.2.1.2: 481 and 408 end the dialog.</summary>
    internal void Refused(int status)
    {
        AgentCounters.Count(Agent.Counters.InDialogRefused, status);
        if (status is 481 or 408 && Answered) HangUp();
    }

    internal void InDialogTimeout()
    {
        Agent.Counters.InDialogTimeouts++;
        if (Answered) HangUp();
    }

    private void Repeat()
    {
        if (_unacknowledged == null) return;
        _unacknowledged.SendAgain(_accepted);
        _repeatInterval = SipTimers.Backoff(_repeatInterval);
        _repeat = Agent.Simulator.After(_repeatInterval, Repeat);
    }

    private void StopRepeating()
    {
        _repeat?.Cancel();
        _ackTimeout?.Cancel();
    }

    /// <summary>The last usage of the dialog ends it (RFC 5057).</summary>
    internal void Release()
    {
        if (Over && !_refers.Alive) Released();
    }
}
