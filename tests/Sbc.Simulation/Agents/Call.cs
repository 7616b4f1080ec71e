using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One side of an answered (or, at the callee, offered) call: what both sides do within a dialog.</summary>
public abstract class Call
{
    private readonly List<VirtualTimer> _timers = [];
    private ServerTransaction? _unacknowledged;
    private VirtualTimer? _repeat;
    private VirtualTimer? _ackTimeout;
    private long _repeatInterval;
    private ClientTransaction? _reinvite;
    private int _invitesOut;
    private bool _hangUpWanted;
    private bool _hangingUp;

    private protected Call(UserAgent agent, long number, char leg)
    {
        Agent = agent;
        Number = number;
        Leg = leg;
    }

    public UserAgent Agent { get; }

    public long Number { get; }

    /// <summary>'A' of the caller, 'B' of the callee.</summary>
    public char Leg { get; }

    /// <summary>Null until the first response, or request, that makes one.</summary>
    public Dialog? Dialog { get; private protected set; }

    public RtpEndpoint? Media { get; private protected set; }

    /// <summary>The dialog is over, or never came to be.</summary>
    public bool Over { get; private set; }

    /// <summary>A 2xx was sent or received.</summary>
    private protected bool Answered { get; set; }

    /// <summary>The script runs: the caller has the answer, or the callee its ACK.</summary>
    private protected bool Started { get; private set; }

    private Dialog Known => Dialog ?? throw Agent.Simulator.Failure("no dialog yet");

    // RFC 3261 12.2.1.1: the first of the route set, else the remote target.
    private TransportAddress NextHop
    {
        get
        {
            string next = Known.NextHopUri;
            if (SipUri.TryParse(next, out SipUri? uri) && uri.TryAddress(out TransportAddress address))
            {
                return address;
            }
            Agent.Violation($"route set or remote target cannot be reached: '{next}'");
            return Agent.Local;
        }
    }

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
        Media?.Stop();
        SendInDialog("BYE", _ => End(), End);
    }

    internal void Receive(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        CheckDialog(request);
        uint number = request.CSeqNumber;
        if (!Known.IsInOrder(number))
        {
            CheckOrder(transaction);
            Agent.Counters.OutOfOrder++;
            Respond(transaction, 500);
            return;
        }
        Known.AcceptNumber(number);
        switch (request.Method)
        {
            case "BYE":
                ReceiveBye(transaction);
                break;
            case "INVITE":
                ReceiveReinvite(transaction);
                break;
            case "INFO" or "OPTIONS":
                Respond(transaction, 200);
                break;
            default:
                Respond(transaction, 405);
                break;
        }
    }

    internal void ReceiveAck(SipMessage ack)
    {
        if (_unacknowledged == null || ack.CSeqNumber != _unacknowledged.Request.CSeqNumber) return;
        CheckDialog(ack);
        _unacknowledged = null;
        StopRepeating();
        OnAcknowledged();
        if (_hangUpWanted) HangUp();
    }

    /// <summary>Starts what both sides do after the answer.</summary>
    private protected void Start(InCallScript script)
    {
        Started = true;
        At(script.ReinviteAfter, () => SendReinvite(2));
        At(script.InfoAfter, () => SendPlain("INFO"));
        At(script.OptionsAfter, () => SendPlain("OPTIONS"));
        At(script.HangUpAfter, HangUp);
        At(script.AbandonAfter, () =>
        {
            Agent.Counters.Abandoned++;
            HangUp();
        });
    }

    /// <summary>A 2xx to an INVITE: repeated until the ACK (RFC 3261 13.3.1.4).</summary>
    private protected void Accept(ServerTransaction transaction, SipMessage response)
    {
        _unacknowledged = transaction;
        transaction.Respond(response);
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

    private protected virtual void OnAcknowledged()
    {
    }

    private protected virtual void Decorate(SipMessage response)
    {
    }

    private protected void AddContact(SipMessage message) => message.Add("Contact", $"<{Agent.ContactUri}>");

    private protected void AddSdp(SipMessage message)
    {
        message.Add("Content-Type", "application/sdp");
        TransportAddress media = Media?.Written ?? Agent.Written.WithPort(40_000);
        message.Body = SessionDescription.Write(media, Number);
    }

    /// <summary>Reads the peer's SDP and lets RTP flow to what it names.</summary>
    private protected void ReadSdp(SipMessage message)
    {
        if (message.Body.Length == 0) return;
        if (!SessionDescription.TryRead(message.Body, out TransportAddress target))
        {
            Agent.Violation("SDP cannot be read", message);
            return;
        }
        Media?.SetTarget(target);
    }

    /// <summary>An ACK for a 2xx, again for each copy of it.</summary>
    private protected byte[] Acknowledge(uint number, byte[]? sent)
    {
        TransportAddress to = NextHop;
        if (sent == null) return Agent.SendAck(Known.Request("ACK", number), to);
        Agent.Send(to, sent);
        return sent;
    }

    private protected virtual void End()
    {
        if (Over) return;
        Over = true;
        StopTimers();
        StopRepeating();
        Media?.Close();
        _reinvite?.DialogEnded();
        if (Dialog != null) Agent.Remove(Dialog);
        if (Answered) Agent.Counters.Ended++;
    }

    private void Respond(ServerTransaction transaction, int status)
    {
        SipMessage response = transaction.NewResponse(status, Known.LocalTag);
        if (status == 405) response.Add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO");
        transaction.Respond(response);
    }

    private void ReceiveBye(ServerTransaction transaction)
    {
        Respond(transaction, 200);
        End();
    }

    private void ReceiveReinvite(ServerTransaction transaction)
    {
        // RFC 3261 14.2: 491 while ours is pending, 500 while theirs is.
        if (_invitesOut > 0)
        {
            Respond(transaction, 491);
            return;
        }
        if (_unacknowledged != null)
        {
            SipMessage refusal = transaction.NewResponse(500, Known.LocalTag);
            transaction.Respond(refusal.Add("Retry-After", "2"));
            return;
        }
        Known.RemoteTarget = HeaderValue.Uri(transaction.Request["Contact"] ?? Known.RemoteTarget);
        ReadSdp(transaction.Request);
        SipMessage response = transaction.NewResponse(200, Known.LocalTag);
        Decorate(response);
        AddContact(response);
        AddSdp(response);
        Accept(transaction, response);
    }

    private void SendReinvite(int attempts)
    {
        if (Over || _hangingUp || _unacknowledged != null || _invitesOut > 0) return;
        _invitesOut++;
        bool settled = false;
        byte[]? ack = null;
        SipMessage request = NewInDialog("INVITE");
        AddContact(request);
        AddSdp(request);
        uint number = request.CSeqNumber;
        _reinvite = Agent.SendRequest(request, NextHop, response =>
        {
            if (response.Status < 200) return;
            if (!settled) _invitesOut--;
            bool first = !settled;
            settled = true;
            if (response.Status < 300)
            {
                if (first) Known.RemoteTarget = HeaderValue.Uri(response["Contact"] ?? Known.RemoteTarget);
                ack = Acknowledge(number, ack);
                if (!first) return;
                Agent.Counters.InDialogAnswered++;
                ReadSdp(response);
                return;
            }
            Refused(response.Status);
            // RFC 3261 14.1: after 491 once more, later; the owner of the Call-ID waits longer.
            if (response.Status is 491 or 500 && attempts > 1)
            {
                long wait = Leg == 'A' ? Agent.Random.Between(2100, 4000) : Agent.Random.Between(0, 2000);
                At(wait, () => SendReinvite(attempts - 1));
            }
        }, () =>
        {
            _invitesOut--;
            InDialogTimeout();
        });
    }

    private void SendPlain(string method)
    {
        if (Over || _hangingUp) return;
        SendInDialog(method, response =>
        {
            if (response.Status < 300) Agent.Counters.InDialogAnswered++;
            else Refused(response.Status);
        }, InDialogTimeout);
    }

    // RFC 3261 12.2.1.2: these end the dialog.
    private void Refused(int status)
    {
        AgentCounters.Count(Agent.Counters.InDialogRefused, status);
        if (status is 481 or 408) HangUp();
    }

    private void InDialogTimeout()
    {
        Agent.Counters.InDialogTimeouts++;
        HangUp();
    }

    private SipMessage NewInDialog(string method) => Known.Request(method, ++Known.LocalNumber);

    private void SendInDialog(string method, Action<SipMessage> onFinal, Action onTimeout)
    {
        Agent.SendRequest(NewInDialog(method), NextHop, response =>
        {
            if (response.Status >= 200) onFinal(response);
        }, onTimeout);
    }

    private void CheckDialog(SipMessage request)
    {
        string remote = HeaderValue.Uri(Known.Remote);
        string local = HeaderValue.Uri(Known.Local);
        if (HeaderValue.Uri(request.From) != remote) Agent.Violation("From URI changed", request);
        if (HeaderValue.Uri(request.To) != local) Agent.Violation("To URI changed", request);
        // RFC 3261 12.2.1.1: the Request-URI of a dialog's requests is the Contact we gave.
        if (request.RequestUri != Agent.ContactUri) Agent.Violation("Request-URI is not our Contact", request);
    }

    private void CheckOrder(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        bool inOrder = Agent.Simulator.Network.IsInOrder(transaction.Source, Agent.Local);
        if (Known.WasUsed(request.CSeqNumber)) Agent.Violation("CSeq is used twice in the dialog", request);
        else if (inOrder) Agent.Violation("CSeq is out of order where the network keeps it", request);
    }

    private void Repeat()
    {
        if (_unacknowledged == null) return;
        _unacknowledged.RepeatAccepted();
        _repeatInterval = SipTimers.Backoff(_repeatInterval);
        _repeat = Agent.Simulator.After(_repeatInterval, Repeat);
    }

    private protected void At(long? milliseconds, Action action)
    {
        if (milliseconds is { } delay) _timers.Add(Agent.Simulator.After(delay, action));
    }

    private void StopRepeating()
    {
        _repeat?.Cancel();
        _ackTimeout?.Cancel();
    }

    private protected void StopTimers()
    {
        foreach (VirtualTimer timer in _timers) timer.Cancel();
        _timers.Clear();
    }
}
