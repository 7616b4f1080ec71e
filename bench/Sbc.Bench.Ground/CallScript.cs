using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Bench.Ground;

/// <summary>Scenarios of several calls at once: in each step all calls send, then the workers turn.</summary>
/// <remarks>A worker handles messages in order, so the i-th message out belongs to the i-th call.</remarks>
public sealed class CallScript(Box box, int calls)
{
    public Caller Caller { get; } = new(box, calls);

    public Callee Callee { get; } = new(box, calls);

    /// <summary>INVITE, 100, 180, 200, ACK, BYE, 200: seven datagrams in and seven out for each call.</summary>
    public void WholeCall()
    {
        Establish();
        HangUp();
    }

    public void Establish()
    {
        Begin();
        Ring();
        Answer();
    }

    /// <summary>To the INVITE at the callee and its 100.</summary>
    public void Begin()
    {
        for (int i = 0; i < calls; i++) Caller.Invite(i);
        box.Turn();
        Check.That(box.Edge.Sent.Count == calls && box.Core.Sent.Count == calls);
        for (int i = 0; i < calls; i++) Callee.Keep(i, i);
        for (int i = 0; i < calls; i++) Callee.Respond(i, 100);
        box.Turn();
    }

    public void Ring()
    {
        for (int i = 0; i < calls; i++) Callee.Respond(i, 180);
        box.Turn();
        Check.That(box.Edge.Sent.Count == calls);
    }

    public void Answer()
    {
        for (int i = 0; i < calls; i++) Callee.Respond(i, 200);
        box.Turn();
        for (int i = 0; i < calls; i++) Caller.Keep(i, i);
        for (int i = 0; i < calls; i++) Caller.Acknowledge(i);
        box.Turn();
        Check.That(box.Core.Sent.Count == calls);
    }

    public void HangUp()
    {
        for (int i = 0; i < calls; i++) Caller.Bye(i);
        RespondToAll(SipMethod.Bye);
    }

    /// <summary>The first proxy refuses with 503, the second one answers.</summary>
    public void WholeCallWithFailover()
    {
        for (int i = 0; i < calls; i++) Caller.Invite(i);
        box.Turn();
        for (int i = 0; i < calls; i++) Callee.RespondTo(i, 503);
        box.Turn();
        // For each call an ACK to the 503 and the INVITE to the next proxy.
        Check.That(box.Core.Sent.Count == 2 * calls);
        int kept = 0;
        for (int sent = 0; sent < 2 * calls; sent++)
        {
            if (Callee.MethodOf(sent) == SipMethod.Invite) Callee.Keep(kept++, sent);
        }
        Check.That(kept == calls);
        Ring();
        Answer();
        HangUp();
    }

    /// <summary>INVITE, 180, CANCEL: the caller gets 200 and 487 at once, the callee's 487 comes later.</summary>
    public void CancelledCall()
    {
        Begin();
        Ring();
        for (int i = 0; i < calls; i++) Caller.Cancel(i);
        box.Turn();
        Check.That(box.Core.Sent.Count == calls && Callee.MethodOf(0) == SipMethod.Cancel);
        Check.That(box.Edge.Sent.Count == 2 * calls);
        for (int i = 0; i < calls; i++) Callee.RespondTo(i, 200);
        for (int i = 0; i < calls; i++) Callee.Respond(i, 487);
        for (int sent = 0; sent < 2 * calls; sent++)
        {
            if (Caller.Status(sent) == 487) Caller.AcknowledgeFailure(sent / 2, sent);
        }
        box.Turn();
        Check.That(box.Core.Sent.Count == calls && Callee.MethodOf(0) == SipMethod.Ack);
    }

    /// <summary>A call that the box refuses with a final response of its own.</summary>
    public void RefusedCall(int code)
    {
        for (int i = 0; i < calls; i++) Caller.Invite(i);
        box.Turn();
        Check.That(box.Core.Sent.Count == 0 && Caller.Status(0) == code);
        for (int i = 0; i < calls; i++) Caller.AcknowledgeFailure(i, i);
        box.Turn();
    }

    public void Info()
    {
        for (int i = 0; i < calls; i++) Caller.Info(i);
        RespondToAll(SipMethod.Info);
    }

    public void Reinvite()
    {
        for (int i = 0; i < calls; i++) Caller.Reinvite(i);
        box.Turn();
        for (int i = 0; i < calls; i++) Callee.Keep(i, i);
        Answer();
    }

    /// <summary>What the callers delivered arrives at the callees, whose 200 comes back.</summary>
    private void RespondToAll(SipMethod method)
    {
        box.Turn();
        Check.That(box.Core.Sent.Count == calls && Callee.MethodOf(0) == method);
        for (int i = 0; i < calls; i++) Callee.RespondTo(i, 200);
        box.Turn();
        Check.That(box.Edge.Sent.Count == calls && Caller.Status(0) == 200);
    }
}
