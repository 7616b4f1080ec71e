using System.Globalization;

namespace Sbc.Simulation;

/// <summary>One of the dialogs that responses to a caller's INVITE made: one for each To tag (RFC 3261 12.1).</summary>
public sealed class CallerDialog : Call
{
    private readonly OutgoingCall _call;
    private readonly SipMessage _invite;
    private long _reliable = -1;
    private byte[]? _ack;
    private bool _confirmed;
    private bool _offeredInPrack;
    private bool _updated;

    internal CallerDialog(OutgoingCall call, SipMessage invite, SipMessage response, OfferAnswer sdp)
        : base(call.Caller, call.Number, 'A', call.Caller.ContactUri, sdp)
    {
        _call = call;
        _invite = invite;
        Script = call.Script;
        Media = call.Media;
        Dialog = Dialog.OfResponse(invite, response);
        if (Media != null) Sdp.Relay(Media);
        Listen();
    }

    /// <summary>The 2xx that made the call was this one's.</summary>
    public bool Winner { get; private set; }

    internal void Provisional(SipMessage response)
    {
        if (Over || _confirmed) return;
        bool reliable = response["Require"]?.Contains("100rel", StringComparison.OrdinalIgnoreCase) == true;
        if (reliable) Reliable(response);
        else if (response["RSeq"] != null) Agent.Violation("RSeq without Require: 100rel (RFC 3262 7.1)", response);
        else if (response.Body.Length > 0 && !Sdp.Established)
        {
            if (Sdp.LocalPending) Sdp.ReadAnswer(response, preview: true);
            else Agent.Violation("an offer in a response that is not reliable", response);
        }
        if (!reliable && Script.EarlyUpdate && !_updated && !Sdp.Established)
        {
            _updated = true;
            PlanUpdate(false);
        }
    }

    /// <summary>The 2xx of the call, or a copy of it.</summary>
    internal void Accepted(SipMessage response)
    {
        if (_confirmed)
        {
            _ack = Acknowledge(_invite.CSeqNumber, _ack);
            return;
        }
        _confirmed = true;
        Winner = true;
        Answered = true;
        Confirm(response);
        if (Script.SessionExpires > 0 && response["Session-Expires"] == null && Script.Strict)
        {
            Agent.Shortfall($"call {Number}: no session timer in the 2xx");
        }
        Timer.Negotiated(response, sentByUs: false);
        Start();
    }

    /// <summary>A 2xx of another callee than the first's: acknowledged and ended (RFC 3261 13.2.2.4).</summary>
    internal void AcceptedToo(SipMessage response)
    {
        if (_confirmed)
        {
            _ack = Acknowledge(_invite.CSeqNumber, _ack);
            return;
        }
        _confirmed = true;
        Agent.Counters.SecondAnswers++;
        Script = Script with { Strict = false };
        Confirm(response);
        HangUp();
    }

    /// <summary>Another dialog won, or the INVITE failed.</summary>
    internal void Lose()
    {
        if (_confirmed) return;
        Script = Script with { Strict = false };
        base.End();
    }

    private protected override void End()
    {
        bool was = Over;
        base.End();
        if (!was && _confirmed) _call.DialogEnded(this);
    }

    private protected override void Released()
    {
        base.Released();
        if (_confirmed) _call.DialogReleased(this);
    }

    internal override string ReferTo => _call.ReferTo ?? base.ReferTo;

    internal override void OnReferred(int status) => _call.OnReferred?.Invoke(status);

    private void Confirm(SipMessage response)
    {
        Known.Confirm(response);
        // RFC 3261 13.2.1: after the answer in a reliable response others are no news.
        if (!Sdp.Established && response.Body.Length > 0)
        {
            if (Sdp.LocalPending) Sdp.ReadAnswer(response);
            else Sdp.ReadOffer(response);
        }
        else if (!Sdp.Established)
        {
            Agent.Violation("no SDP in the 2xx, and none in a reliable response before (RFC 3261 13.2.1)", response);
            Sdp.Withdraw();
        }
        // Of several early dialogs this one has the call.
        if (Media != null) Sdp.Relay(Media);
        _ack = Acknowledge(_invite.CSeqNumber, _ack);
    }

    // RFC 3262 4.
    private void Reliable(SipMessage response)
    {
        if (_call.Script.Reliable == ReliableSupport.None)
        {
            Agent.Violation("a reliable response to an INVITE without 100rel (RFC 3262 3)", response);
            return;
        }
        if (!uint.TryParse(response["RSeq"], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            || number == 0)
        {
            Agent.Violation($"RSeq is '{response["RSeq"]}' (RFC 3262 7.1)", response);
            return;
        }
        if (_reliable >= 0 && number <= _reliable) return;
        if (_reliable >= 0 && number != _reliable + 1)
        {
            if (Agent.ArrivesInOrder) Agent.Violation($"RSeq {number} follows {_reliable} (RFC 3262 3)", response);
            return;
        }
        _reliable = number;
        if (response.Body.Length > 0 && !Sdp.Established)
        {
            if (Sdp.LocalPending) Sdp.ReadAnswer(response);
            else Sdp.ReadOffer(response);
        }
        Acknowledge(number);
    }

    private void Acknowledge(uint number)
    {
        SipMessage prack = NewInDialog("PRACK");
        prack.Add("RAck", $"{number} {_invite.CSeqNumber} INVITE");
        bool offers = false;
        if (Sdp.RemotePending) Sdp.AddAnswer(prack, MediaAddress);
        else if (_call.Script.OfferInPrack && Sdp.Established && Sdp.Idle && !_offeredInPrack)
        {
            offers = _offeredInPrack = true;
            Sdp.AddOffer(prack, MediaAddress);
        }
        Plan();
        SendInDialog(prack, response =>
        {
            if (response.Status < 300) Met();
            else AgentCounters.Count(Agent.Counters.InDialogRefused, response.Status);
            if (offers && response.Status < 300)
            {
                if (response.Body.Length > 0) Sdp.ReadAnswer(response);
                else Agent.Violation("no answer to the offer in PRACK (RFC 3262 5)", response);
            }
            else if (response.Body.Length > 0) Agent.Violation("SDP where PRACK offered nothing", response);
            if (offers) Sdp.Withdraw();
            if (response.Status < 300 && Script.EarlyUpdate && !_updated)
            {
                _updated = true;
                PlanUpdate(Sdp.Established);
            }
        }, () =>
        {
            if (offers) Sdp.Withdraw();
            Agent.Counters.InDialogTimeouts++;
        });
    }

    private void PlanUpdate(bool offer)
    {
        Plan();
        SendUpdate(offer, 8, Met);
    }
}
