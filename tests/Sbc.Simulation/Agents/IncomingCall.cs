namespace Sbc.Simulation;

/// <summary>A call from its callee's side.</summary>
public sealed class IncomingCall : Call
{
    private readonly Callee _callee;
    private readonly ServerTransaction _transaction;
    private readonly AnswerScript _script;
    private readonly string _tag;

    internal IncomingCall(Callee callee, ServerTransaction transaction, AnswerScript script, long number)
        : base(callee, number, 'B')
    {
        _callee = callee;
        _transaction = transaction;
        _script = script;
        _tag = callee.NewToken("t");
        Dialog = Dialog.OfRequest(transaction.Request, _tag);
    }

    internal void Offer()
    {
        Agent.Add(Dialog!, this);
        _transaction.OnCancelled = Cancelled;
        SipMessage invite = _transaction.Request;
        if (invite["Max-Forwards"] == "0") Agent.Violation("an INVITE that may not be forwarded came here", invite);
        if (_script.Trying) _transaction.Respond(_transaction.NewResponse(100, _tag));
        if (_script.Ringing != 0 && _script.RingingAfter < _script.FinalAfter)
        {
            At(_script.RingingAfter, () => _transaction.Respond(DialogResponse(_script.Ringing)));
        }
        At(_script.FinalAfter, Final);
    }

    private protected override void OnAcknowledged()
    {
        // Only the first ACK, that of the answer, starts the script.
        if (!Started) Start(_script);
    }

    private protected override void Decorate(SipMessage response) =>
        _callee.AddRecordRoute(response, _transaction.Request);

    private protected override void End()
    {
        bool was = Over;
        base.End();
        if (was) return;
        if (Media != null) _callee.Media.Add(Media.Counters);
        // RFC 3261 15.1.2: a BYE in the early dialog ends the INVITE too. Where it was answered this does nothing.
        if (!Answered) _transaction.Respond(_transaction.NewResponse(487, _tag));
    }

    private void Final()
    {
        if (_script.Status >= 300)
        {
            SipMessage response = _transaction.NewResponse(_script.Status, _tag);
            if (_script.Status < 400) response.Add("Contact", "<sip:elsewhere@198.51.100.77>");
            if (_script.Status == 503) response.Add("Retry-After", "1");
            AgentCounters.Count(Agent.Counters.Failed, _script.Status);
            _transaction.Respond(response);
            End();
            return;
        }
        Agent.Counters.Answered++;
        Answered = true;
        if (CallNumber.HasMedia(_transaction.Request)) Media = new RtpEndpoint(_callee, Number, 'B');
        SipMessage answer = DialogResponse(_script.Status);
        answer.Add("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO");
        AddSdp(answer);
        ReadSdp(_transaction.Request);
        Accept(_transaction, answer);
    }

    private void Cancelled()
    {
        if (Answered || Over) return;
        Agent.Counters.Cancelled++;
        End();
    }

    private SipMessage DialogResponse(int status)
    {
        SipMessage response = _transaction.NewResponse(status, _tag);
        Decorate(response);
        AddContact(response);
        return response;
    }
}
