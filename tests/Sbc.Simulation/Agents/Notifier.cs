using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>RFC 6665 4.2: a subscription at its notifier; of a REFER outside a dialog too.</summary>
public sealed class Notifier : DialogUser
{
    private readonly ServerTransaction _transaction;
    private readonly AnswerScript _script;
    private readonly bool _refer;
    private VirtualTimer? _expiry;
    private bool _ending;

    internal Notifier(Callee callee, ServerTransaction transaction, AnswerScript script, long number, int index)
        : base(callee, number, 'B', callee.ContactOf(index))
    {
        _transaction = transaction;
        _script = script;
        _refer = transaction.Request.Method == "REFER";
        Dialog = Dialog.OfRequest(transaction.Request, callee.NewToken("t"));
        Listen();
    }

    /// <param name="answers">Whether its 2xx goes back: of several forks one answers.</param>
    internal void Begin(bool answers)
    {
        SipMessage request = _transaction.Request;
        int expires = _refer ? 60 : SessionTimer.Seconds(request["Expires"] ?? "");
        if (_script.NotifyFirst) Notify(expires == 0 ? "timeout" : null);
        if (answers)
        {
            SipMessage response = NewResponse(_transaction, _refer ? 202 : 200);
            Agent.AddRecordRoute(response, request);
            AddContact(response);
            if (!_refer) response.Add("Expires", expires.ToString(CultureInfo.InvariantCulture));
            _transaction.Respond(response);
        }
        if (!_script.NotifyFirst) Notify(expires == 0 ? "timeout" : null);
        if (expires == 0) return;
        if (_refer)
        {
            At(Agent.Random.Between(50, 3000), () => Notify("noresource", 200));
            return;
        }
        Expire(expires);
        At(Agent.Random.Between(100, 5000), () => Notify(null));
        At(_script.TerminateAfter, () => Notify("deactivated"));
    }

    internal override void ReceiveAck(SipMessage ack) => Agent.Violation("ACK in a subscription", ack);

    private protected override void OnRequest(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (request.Method != "SUBSCRIBE" || _ending)
        {
            if (request.Method != "SUBSCRIBE") Agent.Violation($"{request.Method} in a subscription", request);
            Respond(transaction, request.Method == "SUBSCRIBE" ? 481 : 405);
            return;
        }
        if (HeaderValue.Uri(request["Event"] ?? "") != "presence") Agent.Violation("another Event", request);
        int expires = SessionTimer.Seconds(request["Expires"] ?? "");
        SipMessage response = NewResponse(transaction, 200);
        AddContact(response);
        transaction.Respond(response.Add("Expires", expires.ToString(CultureInfo.InvariantCulture)));
        if (expires > 0) Expire(expires);
        Notify(expires == 0 ? "timeout" : null);
    }

    private void Expire(int seconds)
    {
        _expiry?.Cancel();
        _expiry = Agent.Simulator.After(seconds * 1000L, () => Notify("timeout"));
    }

    // RFC 6665 4.2.2. A reason ends the subscription.
    private void Notify(string? reason, int status = 100)
    {
        if (_ending) return;
        SipMessage notify = NewInDialog("NOTIFY");
        AddContact(notify);
        // RFC 6665 4.1.2.4: the subscriber's dialog comes from it.
        Agent.AddOwnRecordRoute(notify);
        notify.Add("Event", _refer ? "refer" : "presence");
        notify.Add("Subscription-State", reason == null ? "active;expires=60" : $"terminated;reason={reason}");
        if (_refer)
        {
            notify.Add("Content-Type", "message/sipfrag;version=2.0");
            notify.Body = $"SIP/2.0 {status} {ReasonPhrase.Of(status)}\r\n";
        }
        else
        {
            notify.Add("Content-Type", "application/pidf+xml");
            notify.Body = Callee.MarkOf(Number);
        }
        bool last = reason != null;
        if (last) Stop();
        SendInDialog(notify, response =>
        {
            if (response.Status >= 300)
            {
                AgentCounters.Count(Agent.Counters.InDialogRefused, response.Status);
                if (_script.Strict) Agent.Shortfall($"call {Number}: NOTIFY refused with {response.Status}");
            }
            // RFC 6665 4.2.2: who does not know the subscription is not notified again.
            if (last || response.Status == 481) End();
        }, End);
    }

    private void Stop()
    {
        _ending = true;
        _expiry?.Cancel();
        StopTimers();
    }

    private void End()
    {
        if (Over) return;
        Over = true;
        Stop();
        Unlisten();
    }
}
