using System.Globalization;

namespace Sbc.Simulation;

/// <summary>RFC 3515 within a call: the REFERs of both sides and the subscriptions they make.</summary>
internal sealed class Refers(Call call)
{
    private readonly List<ReferSubscription> _ours = [];
    private int _alive;

    /// <summary>A subscription of either side uses the dialog.</summary>
    public bool Alive => _alive > 0;

    public void Send(Action? done)
    {
        SipMessage request = call.NewInDialog("REFER");
        call.AddContact(request);
        request.Add("Refer-To", call.ReferTo);
        _alive++;
        var subscription = new ReferSubscription(call.Agent, request.CSeqNumber, status =>
        {
            _alive--;
            if (status is >= 200 and < 300) done?.Invoke();
            call.OnReferred(status);
            call.Release();
        });
        _ours.Add(subscription);
        call.SendInDialog(request, response =>
        {
            if (response.Status < 300)
            {
                call.Agent.Counters.InDialogAnswered++;
                return;
            }
            subscription.Refused();
            call.Refused(response.Status);
        }, () =>
        {
            subscription.Refused();
            call.InDialogTimeout();
        });
    }

    public void Receive(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        List<string> targets = request.All("Refer-To", split: true);
        if (targets.Count != 1 || !SipUri.TryParse(HeaderValue.Uri(targets[0]), out _))
        {
            call.Agent.Violation("REFER without one Refer-To that can be read (RFC 3515 2.4.1)", request);
            call.Respond(transaction, 400);
            return;
        }
        SipMessage response = call.NewResponse(transaction, 202);
        call.AddContact(response);
        transaction.Respond(response);
        _alive++;
        uint id = request.CSeqNumber;
        Notify(id, 100, false);
        call.OnRefer(HeaderValue.Uri(targets[0]), status => Notify(id, status, true));
    }

    public void ReceiveNotify(ServerTransaction transaction)
    {
        SipMessage notify = transaction.Request;
        bool known = _ours.Exists(subscription => subscription.Receive(notify));
        if (!known && call.Agent.ArrivesInOrder) call.Agent.Violation("NOTIFY of no subscription of ours", notify);
        call.Respond(transaction, known ? 200 : 481);
    }

    private void Notify(uint id, int status, bool last)
    {
        SipMessage notify = call.NewInDialog("NOTIFY");
        call.AddContact(notify);
        notify.Add("Event", $"refer;id={id}");
        notify.Add("Subscription-State", last ? "terminated;reason=noresource" : "active;expires=120");
        notify.Add("Content-Type", "message/sipfrag;version=2.0");
        notify.Body = $"SIP/2.0 {status.ToString(CultureInfo.InvariantCulture)} {ReasonPhrase.Of(status)}\r\n";
        void Ended()
        {
            if (!last) return;
            _alive--;
            call.Release();
        }
        call.SendInDialog(notify, response =>
        {
            if (response.Status >= 300)
            {
                AgentCounters.Count(call.Agent.Counters.InDialogRefused, response.Status);
                if (call.Script.Strict)
                {
                    call.Agent.Shortfall($"call {call.Number}, {call.Leg}: NOTIFY refused with {response.Status}");
                }
            }
            Ended();
        }, Ended);
    }
}
