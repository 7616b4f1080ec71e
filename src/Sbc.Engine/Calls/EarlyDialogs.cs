using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// The dialogs that one INVITE or SUBSCRIBE makes behind the box (RFC 3261 12.1.2, RFC 6665 4.1.2.4): each tag of the
/// callee's side is one, with a tag of ours of its own towards the caller.
/// </summary>
public sealed class EarlyDialogs(
    Workspace work, CallTable calls, ClientTransactions clients, LegSetup setup, CallMedia media)
{
    /// <summary>
    /// The dialog of a message from the callee's side: that of its tag, made where the tag is new.
    /// </summary>
    /// <param name="call">The call itself, not an early dialog of it.</param>
    /// <param name="message">A response to the request that began the call, or a NOTIFY for it.</param>
    /// <param name="dialog">The dialog's state; the call where there is no tag.</param>
    /// <returns>False where no further dialog can be made.</returns>
    public bool TryFollow(Handle call, SipMessage message, in Origin origin, out Handle dialog)
    {
        dialog = call;
        HeaderName name = message.IsRequest ? HeaderName.From : HeaderName.To;
        if (!NameAddress.TryParse(message.Value(name), out NameAddress theirs)) return false;
        if (!theirs.TryGetTag(out ReadOnlySpan<byte> tag)) return true;
        ref CallState state = ref calls[call];
        if (state.Legs[CallState.Egress].RemoteTagLength == 0 && !state.TagSpent)
            return setup.TryFollow(call, message, tag, origin);
        for (Handle each = call; !each.IsNone; each = calls[each].NextFork)
        {
            if (calls[each].Phase is CallPhase.Over or CallPhase.Joined) continue;
            if (!LegText.RemoteTag(work.Buffers, calls[each].Legs[CallState.Egress]).SequenceEqual(tag)) continue;
            dialog = each;
            return setup.TryFollow(each, message, tag, origin);
        }
        // One phone too many rings unheard, but who answers has the call: another one's early dialog makes room.
        bool answers = !message.IsRequest && message.StatusCode >= 200 && state.Kind == CallKind.Session;
        if (answers && state.Forks == Limits.ForksPerCallMax) Drop(state.NextFork);
        if (!TryFork(call, out dialog)) return false;
        if (setup.TryFollow(dialog, message, tag, origin)) return true;
        Drop(dialog);
        return false;
    }

    /// <summary>A copy of the call's state without what only the call itself holds.</summary>
    private bool TryFork(Handle primary, out Handle handle)
    {
        if (!calls.TryCreateFork(primary, out handle)) return false;
        ref CallState call = ref calls[primary];
        ref CallState fork = ref calls[handle];
        for (int leg = 0; leg < 2; leg++)
        {
            Handle token = leg == CallState.Ingress ? handle : call.Legs[leg].Token;
            fork.Legs[leg] = call.Legs[leg];
            fork.Legs[leg].Text = fork.Legs[leg].Description = BufferRef.None;
            fork.Legs[leg].Token = token;
            fork.Legs[leg].Counted = fork.Legs[leg].Established = false;
            if (!LegText.TryCopy(work.Buffers, call.Legs[leg], ref fork.Legs[leg]))
            {
                Drop(handle);
                return false;
            }
        }
        // Number spaces are a dialog's own: both begin with the request that made it (12.2.1.1).
        fork.Legs[CallState.Ingress].LocalCSeq = 0;
        fork.Legs[CallState.Ingress].RemoteCSeqNext = call.InviteCSeq + 1;
        fork.Legs[CallState.Egress].LocalCSeq = clients.IsLive(call.InviteClient)
            ? clients[call.InviteClient].CSeq
            : call.Legs[CallState.Egress].LocalCSeq;
        fork.Legs[CallState.Egress].RemoteCSeqNext = 0;
        fork.InviteServer = call.InviteServer;
        fork.InviteClient = call.InviteClient;
        fork.InviteCSeq = call.InviteCSeq;
        fork.InviteFrom = call.InviteFrom;
        fork.Route = call.Route;
        fork.Group = call.Group;
        fork.Kind = call.Kind;
        fork.SessionSeconds = call.SessionSeconds;
        fork.Phase = call.Kind == CallKind.Session ? CallPhase.Setup : CallPhase.Confirmed;
        media.Share(ref call, ref fork, !clients.IsLive(call.InviteClient) || !clients[call.InviteClient].HasNoOffer);
        return true;
    }

    /// <summary>
    /// A 2xx chose this early dialog (13.2.2.4): it becomes the call's, the others are over.
    /// </summary>
    public void Win(Handle call, Handle winner)
    {
        ref CallState state = ref calls[call];
        if (winner != call)
        {
            ref CallState fork = ref calls[winner];
            (bool ingress, bool egress) =
                (state.Legs[CallState.Ingress].Counted, state.Legs[CallState.Egress].Counted);
            (state.Legs, fork.Legs) = (fork.Legs, state.Legs);
            fork.Legs[CallState.Ingress].Counted = fork.Legs[CallState.Egress].Counted = false;
            state.Legs[CallState.Ingress].Counted = ingress;
            state.Legs[CallState.Egress].Counted = egress;
            // The INVITE's description was every callee's.
            if (state.Legs[CallState.Egress].Description.IsNone)
            {
                (state.Legs[CallState.Egress].Description, fork.Legs[CallState.Egress].Description) =
                    (fork.Legs[CallState.Egress].Description, BufferRef.None);
            }
            state.Subscriptions = fork.Subscriptions;
            state.SubscribedUntil = fork.SubscribedUntil;
            media.Take(call, ref state, ref fork);
            fork.Phase = CallPhase.Joined;
            ReturnTexts(ref fork);
        }
        for (Handle each = state.NextFork; !each.IsNone;)
        {
            Handle next = calls[each].NextFork;
            if (calls[each].Phase != CallPhase.Joined) Drop(each);
            each = next;
        }
    }

    /// <summary>Whether any beside the call's own still lives, and is not just a tag.</summary>
    public bool HasOthers(Handle call)
    {
        for (Handle each = calls[call].NextFork; !each.IsNone; each = calls[each].NextFork)
        {
            if (calls[each].Phase != CallPhase.Joined) return true;
        }
        return false;
    }

    /// <summary>Ends all early dialogs beside the call's own.</summary>
    public void DropAll(Handle call)
    {
        while (!calls[call].NextFork.IsNone) Drop(calls[call].NextFork);
    }

    /// <summary>Ends one early dialog; what is on its way in it lives on by itself.</summary>
    public void Drop(Handle fork)
    {
        media.Close(fork);
        calls.Unlink(fork);
        calls.Remove(fork);
    }

    /// <summary>All early dialogs are over, and the next attempt's need other tags towards the caller.</summary>
    public void Spend(Handle call)
    {
        ref CallState state = ref calls[call];
        DropAll(call);
        state.TagSpent |= state.Legs[CallState.Egress].RemoteTagLength > 0;
    }

    private void ReturnTexts(ref CallState call)
    {
        for (int leg = 0; leg < 2; leg++)
        {
            work.Buffers.Return(ref call.Legs[leg].Text);
            work.Buffers.Return(ref call.Legs[leg].Description);
        }
    }
}
