namespace Sbc.Simulation;

/// <summary>A call from its callee's side: one of several callees where its INVITE forks.</summary>
public sealed class IncomingCall : Call
{
    private readonly UserAgent _callee;
    private readonly ServerTransaction _transaction;
    private readonly AnswerScript _script;
    private readonly ForkedAnswer? _fork;
    private readonly ReliableProvisionals _reliable;
    private readonly Queue<Provisional> _waiting = new();
    private bool _finalWaits;
    private bool _updated;
    private bool _refused;
    private bool _offered;

    internal IncomingCall(
        UserAgent callee,
        ServerTransaction transaction,
        AnswerScript script,
        long number,
        ForkedAnswer? fork,
        int index)
        : base(callee, number, 'B', callee.ContactOf(index))
    {
        _callee = callee;
        _transaction = transaction;
        _script = script;
        _fork = fork;
        Script = script;
        Dialog = Dialog.OfRequest(transaction.Request, callee.NewToken("t"));
        _reliable = new ReliableProvisionals(callee, Send, transaction.SendAgain);
    }

    /// <summary>The call that this one takes the place of (RFC 3891).</summary>
    internal Call? Replaced { get; init; }

    private bool CallerIsReliable => HasOption("Supported", "100rel") || HasOption("Require", "100rel");

    internal void Offer()
    {
        Listen();
        if (_fork == null) _transaction.OnCancelled = Cancelled;
        SipMessage invite = _transaction.Request;
        if (invite["Max-Forwards"] == "0") Agent.Violation("an INVITE that may not be forwarded came here", invite);
        int interval = SessionTimer.Seconds(invite["Session-Expires"] ?? "");
        if (interval > 0 && interval < _script.MinSE)
        {
            SipMessage refusal = NewResponse(_transaction, 422);
            Fail(refusal.Add("Min-SE", $"{_script.MinSE}"));
            return;
        }
        if (_script is { ExpectReliable: true, Strict: true } && !CallerIsReliable)
        {
            Agent.Shortfall($"call {Number}: its caller's 100rel did not come here");
        }
        if (invite.Body.Length > 0) Sdp.ReadOffer(invite);
        if (_script.Trying && _fork == null) _transaction.Respond(NewResponse(_transaction, 100));
        if (_script.Ringing != 0 && _script.RingingAfter < _script.FinalAfter)
        {
            At(_script.RingingAfter, () => Provide(new Provisional(_script.Ringing, 0, false, false)));
        }
        foreach (Provisional one in _script.Provisionals) At(one.After, () => Provide(one));
        At(_script.FinalAfter, Final);
    }

    /// <summary>The caller, or the proxy that forked, wants no answer any more.</summary>
    internal void Cancelled()
    {
        if (Answered || Over) return;
        Agent.Counters.Cancelled++;
        End();
    }

    private protected override void OnAcknowledged()
    {
        // Only the first ACK, that of the answer, starts the script.
        if (Started) return;
        Start();
        // RFC 3891 3: the call that this one replaces is ended by who accepted it.
        Replaced?.HangUp();
    }

    // A 2xx may have waited for it.
    private protected override void OnUpdateFailed() => FinalIfItWaits();

    private protected override void Decorate(SipMessage response) =>
        _callee.AddRecordRoute(response, _transaction.Request);

    private protected override void End()
    {
        bool was = Over;
        if (!was && !Answered) Script = Script with { Strict = false };
        base.End();
        if (was) return;
        _reliable.Stop();
        if (Media != null) _callee.Media.Add(Media.Counters);
        // RFC 3261 15.1.2: a BYE in the early dialog ends the INVITE too. Where it was answered this does nothing.
        if (!Answered) Send(NewResponse(_transaction, 487));
    }

    private protected override void OnPrack(ServerTransaction transaction)
    {
        SipMessage prack = transaction.Request;
        if (!_reliable.Acknowledge(prack, _transaction.Request.CSeqNumber))
        {
            Agent.Violation($"RAck '{prack["RAck"]}' is of no response that waits for it (RFC 3262 3)", prack);
            Respond(transaction, 481);
            return;
        }
        SipMessage response = NewResponse(transaction, 200);
        if (_offered)
        {
            _offered = false;
            if (prack.Body.Length > 0) Sdp.ReadAnswer(prack);
            else
            {
                Agent.Violation("no answer in the PRACK to a response with an offer (RFC 3262 5)", prack);
                Sdp.Withdraw();
            }
        }
        else if (prack.Body.Length > 0)
        {
            if (Sdp.RemotePending) Agent.Violation("an offer in PRACK while one is open (RFC 3264 4)", prack);
            else if (Sdp.ReadOffer(prack)) Sdp.AddAnswer(response, MediaAddress);
        }
        transaction.Respond(response);
        if (_waiting.Count > 0) Provide(_waiting.Dequeue());
        else if (_script.EarlyUpdate && !_updated && Sdp.Established && !Answered)
        {
            _updated = true;
            Plan();
            SendUpdate(true, 8, () =>
            {
                Met();
                FinalIfItWaits();
            });
        }
        FinalIfItWaits();
    }

    private bool HasOption(string header, string option) =>
        _transaction.Request[header]?.Contains(option, StringComparison.Ordinal) == true;

    private void Send(SipMessage response)
    {
        if (_refused) return;
        _refused = response.Status >= 300;
        if (_fork == null) _transaction.Respond(response);
        else _fork.Forward(this, response);
    }

    private void Provide(Provisional one)
    {
        if (Over || Answered || _finalWaits) return;
        bool reliable = one.Reliable && CallerIsReliable;
        if (HasOption("Require", "100rel")) reliable = true;
        if (reliable && _reliable.Pending)
        {
            _waiting.Enqueue(one);
            return;
        }
        SipMessage response = DialogResponse(one.Status);
        if (one.Sdp) OpenMedia();
        if (one.Sdp && Sdp.RemotePending) Sdp.AddAnswer(response, MediaAddress, preview: !reliable);
        else if (one.Sdp && reliable && !Sdp.Established && Sdp.Idle)
        {
            _offered = true;
            Sdp.AddOffer(response, MediaAddress);
        }
        if (reliable) _reliable.Send(response, response.ToBytes, () => Fail(NewResponse(_transaction, 504)));
        else Send(response);
    }

    private void Final()
    {
        if (_script.Status >= 300)
        {
            SipMessage response = NewResponse(_transaction, _script.Status);
            if (_script.Status < 400) AddTargets(response);
            if (_script.Status == 503) response.Add("Retry-After", "1");
            Fail(response);
            return;
        }
        // RFC 3262 3: no 2xx before the PRACK of a response with SDP; nor while an UPDATE of ours has an offer open.
        if (_reliable.Pending || _waiting.Count > 0 || Sdp.LocalPending)
        {
            _finalWaits = true;
            return;
        }
        Answer();
    }

    private void FinalIfItWaits()
    {
        if (!_finalWaits || _reliable.Pending || Sdp.LocalPending || Over) return;
        _finalWaits = false;
        _waiting.Clear();
        Answer();
    }

    private void Answer()
    {
        Agent.Counters.Answered++;
        Answered = true;
        _reliable.Stop();
        OpenMedia();
        SipMessage invite = _transaction.Request;
        SipMessage answer = DialogResponse(_script.Status);
        answer.Add("Allow", UserAgent.Allow);
        if (Sdp.RemotePending) Sdp.AddAnswer(answer, MediaAddress);
        else if (!Sdp.Established) AddAcceptedOffer(answer);
        if (invite["Session-Expires"] is { } wanted && HasOption("Supported", "timer"))
        {
            // RFC 4028 9: the caller's choice, else ours.
            string refresher = HeaderValue.Parameter(wanted, "refresher")
                ?? (_script.SessionExpires % 2 == 0 ? "uas" : "uac");
            answer.Add("Session-Expires", $"{SessionTimer.Seconds(wanted)};refresher={refresher}");
            if (refresher == "uac") answer.Add("Require", "timer");
            Timer.Negotiated(answer, sentByUs: true);
        }
        else if (_script.SessionExpires > 0 && _script.Strict)
        {
            Agent.Shortfall($"call {Number}: no session timer in the INVITE");
        }
        // The second answer's call is ended at once, whatever it planned.
        if (_fork?.Won() == false) Script = Script with { Strict = false };
        Accept(_transaction, answer);
    }

    private void Fail(SipMessage response)
    {
        if (Over || Answered) return;
        AgentCounters.Count(Agent.Counters.Failed, response.Status);
        Send(response);
        End();
    }

    // RTP flows from the first description that we send.
    private void OpenMedia()
    {
        if (Media != null || !CallNumber.HasMedia(_transaction.Request)) return;
        Media = new RtpEndpoint(_callee, Number, 'B');
        Sdp.Relay(Media);
    }

    // Each target's user says how it will answer.
    private void AddTargets(SipMessage response)
    {
        if (_script.Redirects.Count == 0) response.Add("Contact", "<sip:elsewhere@198.51.100.77>");
        for (int i = 0; i < _script.Redirects.Count; i++)
        {
            response.Add("Contact", $"<sip:r{_script.Redirects[i]}@{Agent.Written}>;q=0.{9 - i}");
        }
    }

    private SipMessage DialogResponse(int status)
    {
        SipMessage response = NewResponse(_transaction, status);
        Decorate(response);
        AddContact(response);
        return response;
    }
}
