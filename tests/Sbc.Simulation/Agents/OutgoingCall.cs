using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A call from its caller's side, from INVITE to the end, with all dialogs its responses made.</summary>
public sealed class OutgoingCall : Placement
{
    private readonly List<CallerDialog> _dialogs = [];
    private readonly List<VirtualTimer> _timers = [];
    private readonly List<string> _targets = [];
    private ClientTransaction? _invite;
    private SipMessage _request = null!;
    private readonly OfferAnswer _sdp;
    private VirtualTimer? _cancelTimeout;
    private CallerDialog? _winner;
    private int _sessionExpires;
    private int _minSE = 90;
    private bool _provisional;
    private bool _cancelWanted;
    private bool _cancelSent;
    private bool _credentialsSent;
    private bool _finished;

    internal OutgoingCall(Caller caller, CallScript script, long number, Action<Placement>? onSettled)
        : base(caller, script, number, onSettled)
    {
        _sdp = new OfferAnswer(caller, number, 'A');
        _sessionExpires = script.SessionExpires;
        if (!script.Media) return;
        Media = new RtpEndpoint(caller, number, 'A');
        _sdp.Own(Media);
    }

    public RtpEndpoint? Media { get; }

    /// <summary>The dialog of the answered call.</summary>
    public Dialog? Dialog => _winner?.Dialog;

    /// <summary>All dialogs that responses made, early ones too.</summary>
    public IReadOnlyList<CallerDialog> Dialogs => _dialogs;

    /// <summary>The first provisional status above 100; 0 without.</summary>
    public int RingingStatus { get; private set; }

    /// <summary>Whom a REFER of ours names.</summary>
    internal string? ReferTo { get; private set; }

    /// <summary>Told of the last status that the NOTIFYs of a REFER of ours gave; 0 where none did.</summary>
    internal Action<int>? OnReferred { get; private set; }

    public override void Place()
    {
        base.Place();
        SendInvite(Uri, null);
        At(Script.CancelAfter, Cancel);
        At(Script.RingingMax, Cancel);
    }

    /// <summary>BYE in the answered dialog.</summary>
    public void HangUp() => _winner?.HangUp();

    /// <summary>Gives up before the answer: CANCEL, once a provisional response allows it (RFC 3261 9.1).</summary>
    public void Cancel()
    {
        if (Settled || _cancelSent) return;
        _cancelWanted = true;
        if (!_provisional) return;
        _cancelSent = true;
        Caller.SendCancel(_invite!);
        _cancelTimeout = Caller.Simulator.After(SipTimers.SixtyFourT1, () =>
        {
            if (Settled) return;
            Caller.Counters.Cancelled++;
            Settled487();
        });
    }

    /// <summary>Asks the peer of the answered call to call somebody.</summary>
    internal void Refer(string referTo, Action<int> onReferred)
    {
        ReferTo = referTo;
        OnReferred = onReferred;
        if (_winner is { Over: false } winner) winner.Refer();
        else onReferred(0);
    }

    internal void DialogEnded(CallerDialog dialog)
    {
        if (dialog == _winner) Finish();
    }

    internal void DialogReleased(CallerDialog dialog)
    {
        if (dialog != _winner) return;
        AsWanted = dialog.Unmet == 0;
        Ended?.Invoke(this);
    }

    private void SendInvite(string uri, HeaderField? credentials)
    {
        _request = NewRequest(uri);
        _request.Add("Contact", $"<{Caller.ContactUri}>").Add("Allow", UserAgent.Allow);
        AddOptions(_request);
        if (credentials is { } field) _request.Headers.Add(field);
        if (!Script.LateOffer)
        {
            _sdp.Withdraw();
            _sdp.AddOffer(_request, Media?.Written ?? Caller.Written.WithPort(40_000));
        }
        _provisional = false;
        _invite = Caller.SendRequest(_request, Caller.HopFor(_request.RequestUri), OnResponse, OnTimeout);
    }

    private void AddOptions(SipMessage request)
    {
        if (Script.Reliable == ReliableSupport.Required) request.Add("Require", "100rel");
        string reliable = Script.Reliable == ReliableSupport.Supported ? "100rel" : "";
        string timer = _sessionExpires > 0 ? "timer" : "";
        string supported = string.Join(", ", new[] { reliable, timer }.Where(one => one.Length > 0));
        if (supported.Length > 0) request.Add("Supported", supported);
        if (_sessionExpires == 0) return;
        string value = _sessionExpires.ToString(CultureInfo.InvariantCulture);
        // An even interval leaves the choice of the refresher to the callee.
        request.Add("Session-Expires", _sessionExpires % 2 == 0 ? value : $"{value};refresher=uac");
        if (_minSE > 90) request.Add("Min-SE", $"{_minSE}");
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
        if (response.Status > 100)
        {
            if (RingingStatus == 0) RingingStatus = response.Status;
            if (!Settled && response.ToTag.Length > 0) DialogOf(response).Provisional(response);
        }
        if (_cancelWanted) Cancel();
    }

    private void OnAnswer(SipMessage response)
    {
        CallerDialog dialog = DialogOf(response);
        if (Settled)
        {
            // RFC 3261 13.2.2.4: whichever did not win, or came after the call was given up, is ended.
            if (dialog == _winner) dialog.Accepted(response);
            else dialog.AcceptedToo(response);
            return;
        }
        _winner = dialog;
        Caller.Counters.Answered++;
        Settle(response.Status);
        StopTimers();
        dialog.Accepted(response);
        if (_dialogs.Count > 1) Caller.Simulator.After(SipTimers.SixtyFourT1, LoseOthers);
        if (_cancelWanted) dialog.HangUp();
    }

    private CallerDialog DialogOf(SipMessage response)
    {
        string tag = response.ToTag;
        foreach (CallerDialog known in _dialogs)
        {
            if (known.Dialog!.RemoteTag == tag) return known;
        }
        if (Script.Forks.Count == 0 && _dialogs.Count > 0 && !Settled && Script.Callee is { Status: 200 }
            && Caller.ArrivesInOrder && Script.Strict)
        {
            Caller.Violation("another To tag where nothing forks", response);
        }
        var dialog = new CallerDialog(this, _request, response, _sdp.Fork());
        _dialogs.Add(dialog);
        return dialog;
    }

    private void OnFailure(SipMessage response)
    {
        if (Settled) return;
        LoseOthers();
        if (!_cancelWanted && TryAgain(response)) return;
        if (response.Status == 487 && _cancelSent) Caller.Counters.Cancelled++;
        else AgentCounters.Count(Caller.Counters.Failed, response.Status);
        Settle(response.Status);
        Finish();
    }

    // With credentials, with a longer interval, or to another target: the same Call-ID and From, the next CSeq.
    private bool TryAgain(SipMessage response)
    {
        HeaderField? credentials = null;
        string uri = _request.RequestUri;
        if (response.Status is 401 or 407 && Script.Password != null && !_credentialsSent)
        {
            _credentialsSent = true;
            Caller.Counters.Challenged++;
            credentials = Digest.Answer(response, Caller.Name, Script.Password, _request);
            if (credentials == null) Caller.Violation("challenge cannot be answered", response);
            if (credentials == null) return false;
        }
        else if (response.Status == 422 && _sessionExpires > 0)
        {
            int least = SessionTimer.Seconds(response["Min-SE"] ?? "");
            if (least <= _sessionExpires)
            {
                Caller.Violation("422 without a Min-SE above our Session-Expires (RFC 4028 6)", response);
                return false;
            }
            _sessionExpires = _minSE = least;
        }
        else if (!TryNextTarget(response, ref uri)) return false;
        CSeqNumber++;
        SendInvite(uri, credentials);
        return true;
    }

    private bool TryNextTarget(SipMessage response, ref string uri)
    {
        if (!Script.FollowRedirects) return false;
        if (response.Status is >= 300 and < 400)
        {
            var found = new List<(double Q, string Uri)>();
            foreach (string contact in response.All("Contact", split: true))
            {
                string q = HeaderValue.Parameter(contact, "q") ?? "1";
                found.Add((double.Parse(q, CultureInfo.InvariantCulture), HeaderValue.Uri(contact)));
            }
            if (found.Count == 0) Caller.Violation("3xx without Contact", response);
            _targets.InsertRange(0, found.OrderByDescending(one => one.Q).Select(one => one.Uri));
        }
        else if (response.Status >= 600) return false;
        if (_targets.Count == 0) return false;
        uri = _targets[0];
        _targets.RemoveAt(0);
        return true;
    }

    private void OnTimeout()
    {
        // Of an accepted transaction nothing times out here; timer M only ends it.
        if (Settled) return;
        Caller.Counters.Timeouts++;
        LoseOthers();
        Settle(408);
        Finish();
    }

    private void Settled487()
    {
        LoseOthers();
        Settle(487);
        Finish();
    }

    // Early dialogs that nothing confirmed end 64*T1 after the first 2xx (RFC 3261 13.2.2.4), or with the failure.
    private void LoseOthers()
    {
        foreach (CallerDialog dialog in _dialogs.ToArray())
        {
            if (dialog != _winner) dialog.Lose();
        }
        _dialogs.RemoveAll(dialog => dialog != _winner);
    }

    private void Finish()
    {
        StopTimers();
        if (_finished) return;
        _finished = true;
        Media?.Close();
        Caller.Finished(this);
        if (_winner != null) return;
        AsWanted = true;
        Ended?.Invoke(this);
    }

    private void At(long? milliseconds, Action action)
    {
        if (milliseconds is { } delay) _timers.Add(Caller.Simulator.After(delay, action));
    }

    private void StopTimers()
    {
        foreach (VirtualTimer timer in _timers) timer.Cancel();
        _timers.Clear();
        _cancelTimeout?.Cancel();
    }
}
