using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// RFC 6665 4.1: a SUBSCRIBE, or a REFER outside a dialog, and the dialogs that NOTIFYs make of it: several where it
/// forked.
/// </summary>
public sealed class Subscriber : Placement
{
    private readonly List<SubscriberDialog> _dialogs = [];
    private VirtualTimer? _timerN;
    private VirtualTimer? _watchdog;
    private bool _over;
    private int _ended;

    internal Subscriber(Caller caller, CallScript script, long number, Action<Placement>? onSettled)
        : base(caller, script, number, onSettled)
    {
    }

    public IReadOnlyList<SubscriberDialog> Dialogs => _dialogs;

    internal string Key => KeyOf(CallId, FromTag);

    internal bool IsRefer => Script.Method == "REFER";

    internal static string KeyOf(string callId, string localTag) => string.Concat(callId, "|", localTag);

    public override void Place()
    {
        base.Place();
        Caller.Add(this);
        SipMessage request = NewRequest(Uri);
        request.Add("Contact", $"<{Caller.ContactUri}>");
        if (IsRefer) request.Add("Refer-To", "<sip:carol@example.net>");
        else
        {
            request.Add("Event", "presence");
            request.Add("Expires", Script.Expires.ToString(CultureInfo.InvariantCulture));
        }
        Caller.SendRequest(request, Caller.HopFor(request.RequestUri), OnResponse, OnTimeout);
        // RFC 6665 4.1.2.4.
        _timerN = Caller.Simulator.After(SipTimers.SixtyFourT1, TimerN);
    }

    /// <summary>A NOTIFY of a dialog that is not known yet; it may come before the 2xx.</summary>
    internal void ReceiveFirst(ServerTransaction transaction)
    {
        string tag = transaction.Request.FromTag;
        if (_dialogs.Exists(known => known.Dialog!.RemoteTag == tag))
        {
            // Its last NOTIFY has overtaken this one.
            if (Caller.ArrivesInOrder) Caller.Violation("NOTIFY after the last one", transaction.Request);
            transaction.Respond(transaction.NewResponse(481, ""));
            return;
        }
        var dialog = new SubscriberDialog(this, transaction.Request);
        _dialogs.Add(dialog);
        dialog.Receive(transaction);
    }

    internal void DialogEnded()
    {
        _ended++;
        TryEnd();
    }

    private void OnResponse(SipMessage response)
    {
        if (response.Status < 200) return;
        if (response.Status >= 300)
        {
            AgentCounters.Count(Caller.Counters.Failed, response.Status);
            if (_dialogs.Count > 0 && Caller.ArrivesInOrder)
            {
                Caller.Violation("a refused SUBSCRIBE has NOTIFYs", response);
            }
            AsWanted = true;
            Settle(response.Status);
            End();
            return;
        }
        if (response["Contact"] == null) Caller.Violation("2xx without Contact (RFC 6665 4.2.1.1)", response);
        string? expires = response["Expires"];
        if (!IsRefer && (expires == null || SessionTimer.Seconds(expires) > Script.Expires))
        {
            Caller.Violation($"Expires of the 2xx is '{expires}', asked for {Script.Expires}", response);
        }
        Caller.Counters.Answered++;
        Caller.Counters.Ended++;
        Settle(response.Status);
        TryEnd();
    }

    private void OnTimeout()
    {
        Caller.Counters.Timeouts++;
        Settle(408);
        // A NOTIFY says that the request had come there.
        TryEnd();
    }

    private void TimerN()
    {
        // Forks may make dialogs until now; from here on their end is the end.
        _timerN = null;
        if (_dialogs.Count == 0 && Settled && FinalStatus < 300) Caller.Shortfall($"call {Number}: no NOTIFY came");
        _watchdog = Caller.Simulator.After((Script.Expires * 1000L) + 120_000, () =>
        {
            Caller.Shortfall($"call {Number}: its subscription did not end");
            End();
        });
        TryEnd();
    }

    private void TryEnd()
    {
        if (_over || !Settled || _timerN != null || _ended < _dialogs.Count) return;
        int callees = 1 + Script.Forks.Count;
        AsWanted = FinalStatus < 300 && _dialogs.Count == callees && _dialogs.TrueForAll(dialog => dialog.Unmet == 0);
        if (!AsWanted && Script.Strict && FinalStatus < 300)
        {
            Caller.Shortfall($"call {Number}: {_dialogs.Count} subscriptions of {callees}");
        }
        End();
    }

    private void End()
    {
        if (_over) return;
        _over = true;
        _timerN?.Cancel();
        _watchdog?.Cancel();
        foreach (SubscriberDialog dialog in _dialogs) dialog.GiveUp();
        Caller.Remove(this);
        Ended?.Invoke(this);
    }
}
