using System.Globalization;

namespace Sbc.Simulation;

/// <summary>A subscription in its dialog, at its subscriber.</summary>
public sealed class SubscriberDialog : DialogUser
{
    private readonly Subscriber _subscriber;
    private bool _ending;

    internal SubscriberDialog(Subscriber subscriber, SipMessage notify)
        : base(subscriber.Caller, subscriber.Number, 'A', subscriber.Caller.ContactUri)
    {
        _subscriber = subscriber;
        Dialog = Dialog.OfNotify(notify, 1);
        Listen();
        CallScript script = subscriber.Script;
        if (subscriber.IsRefer) return;
        Plan();
        if (script.RefreshAfter != null) Plan();
        At(script.RefreshAfter, () => Subscribe(script.Expires, Met));
        At(script.UnsubscribeAfter, () =>
        {
            _ending = true;
            Subscribe(0, () => { });
        });
    }

    /// <summary>How many came.</summary>
    public long Notifies { get; private set; }

    internal override void ReceiveAck(SipMessage ack) => Agent.Violation("ACK in a subscription", ack);

    internal void GiveUp()
    {
        if (Over) return;
        Over = true;
        StopTimers();
        Unlisten();
    }

    private protected override void OnRequest(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (request.Method != "NOTIFY")
        {
            Agent.Violation($"{request.Method} in a subscription", request);
            Respond(transaction, 405);
            return;
        }
        Notifies++;
        Check(request);
        Respond(transaction, 200);
        if (request["Subscription-State"]?.StartsWith("terminated", StringComparison.Ordinal) != true) return;
        if (!_subscriber.IsRefer) Met();
        GiveUp();
        _subscriber.DialogEnded();
    }

    private void Check(SipMessage notify)
    {
        string wanted = _subscriber.IsRefer ? "refer" : "presence";
        if (HeaderValue.Uri(notify["Event"] ?? "") != wanted) Agent.Violation("NOTIFY of another event", notify);
        string state = notify["Subscription-State"] ?? "";
        if (!state.StartsWith("active", StringComparison.Ordinal)
            && !state.StartsWith("terminated", StringComparison.Ordinal))
        {
            Agent.Violation($"Subscription-State is '{state}' (RFC 6665 4.1.3)", notify);
        }
        if (_subscriber.IsRefer)
        {
            if (!notify.Body.StartsWith("SIP/2.0 ", StringComparison.Ordinal)) Agent.Violation("no sipfrag", notify);
        }
        else if (notify.Body != Callee.MarkOf(Number)) Agent.Violation("the state of another subscription", notify);
    }

    private void Subscribe(int expires, Action done)
    {
        if (Over || (_ending && expires > 0)) return;
        SipMessage request = NewInDialog("SUBSCRIBE");
        AddContact(request);
        request.Add("Event", "presence").Add("Expires", expires.ToString(CultureInfo.InvariantCulture));
        SendInDialog(request, response =>
        {
            if (response.Status < 300)
            {
                Agent.Counters.InDialogAnswered++;
                done();
                return;
            }
            AgentCounters.Count(Agent.Counters.InDialogRefused, response.Status);
            if (response.Status != 481 || Over) return;
            // RFC 6665 4.1.2.2: the subscription is gone.
            GiveUp();
            _subscriber.DialogEnded();
        }, () =>
        {
            Agent.Counters.InDialogTimeouts++;
            if (Over) return;
            GiveUp();
            _subscriber.DialogEnded();
        });
    }
}
