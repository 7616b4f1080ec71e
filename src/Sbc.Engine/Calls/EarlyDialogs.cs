using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// The dialogs that one INVITE or SUBSCRIBE makes behind the box (RFC 3261 12.1.2, RFC 6665 4.1.2.4): each tag of the
/// callee's side is one, with a tag of ours of its own towards the caller. Where the box forks itself, each of its
/// branches may have several.
/// </summary>
public sealed class EarlyDialogs(
    Workspace work, CallTable calls, ClientTransactions clients, LegSetup setup, CallMedia media, TargetChoice targets)
{
    /// <summary>
    /// The dialog of a message from the callee's side: that of its tag, made where the tag is new.
    /// </summary>
    /// <param name="branch">What sent the request: a branch, or the call itself.</param>
    /// <param name="message">A response to the request that began the call, or a NOTIFY for it.</param>
    /// <param name="dialog">The dialog's state; the branch's where there is no tag.</param>
    /// <returns>False where no further dialog can be made.</returns>
    public bool TryFollow(Handle branch, SipMessage message, in Origin origin, out Handle dialog)
    {
        dialog = branch;
        HeaderName name = message.IsRequest ? HeaderName.From : HeaderName.To;
        if (!NameAddress.TryParse(message.Value(name), out NameAddress theirs)) return false;
        if (!theirs.TryGetTag(out ReadOnlySpan<byte> tag)) return true;
        ref CallState state = ref calls[branch];
        Handle sender = state.Legs[CallState.Egress].Token;
        if (state.Legs[CallState.Egress].RemoteTagLength == 0 && !state.TagSpent)
            return setup.TryFollow(branch, message, tag, origin);
        Handle root = calls.Root(branch);
        for (Handle each = root; !each.IsNone; each = calls[each].NextFork)
        {
            if (calls[each].Phase is CallPhase.Over or CallPhase.Joined) continue;
            if (calls[each].Legs[CallState.Egress].Token != sender) continue;
            if (!LegText.RemoteTag(work.Buffers, calls[each].Legs[CallState.Egress]).SequenceEqual(tag)) continue;
            dialog = each;
            return setup.TryFollow(each, message, tag, origin);
        }
        // One phone too many rings unheard, but who answers has the call: another one's early dialog makes room.
        bool answers = !message.IsRequest && message.StatusCode >= 200 && state.Kind == CallKind.Session;
        if (answers && calls[root].Forks == Limits.ForksPerCallMax) DropOne(root);
        if (!TryFork(branch, out dialog)) return false;
        if (setup.TryFollow(dialog, message, tag, origin)) return true;
        Drop(dialog);
        return false;
    }

    /// <summary>A branch of the call's, with the caller's leg and without one to the other side.</summary>
    public bool TryBranch(Handle root, out Handle handle)
    {
        if (!calls.TryCreateFork(root, isBranch: true, out handle)) return false;
        ref CallState call = ref calls[root];
        ref CallState branch = ref calls[handle];
        ref LegState ingress = ref branch.Legs[CallState.Ingress];
        ingress = call.Legs[CallState.Ingress];
        ingress.Text = ingress.Description = BufferRef.None;
        ingress.Token = branch.Legs[CallState.Egress].Token = handle;
        branch.Legs[CallState.Egress].Peer = -1;
        if (!LegText.TryCopy(work.Buffers, call.Legs[CallState.Ingress], ref ingress))
        {
            Drop(handle);
            return false;
        }
        ingress.LocalCSeq = 0;
        ingress.RemoteCSeqNext = call.InviteCSeq + 1;
        branch.InviteServer = call.InviteServer;
        branch.InviteCSeq = call.InviteCSeq;
        branch.Route = call.Route;
        branch.Group = -1;
        branch.Kind = call.Kind;
        branch.Subscriptions = call.Subscriptions;
        branch.SessionSeconds = call.SessionSeconds;
        branch.Phase = CallPhase.Setup;
        return true;
    }

    /// <summary>A copy of the branch's state without what only that itself holds.</summary>
    private bool TryFork(Handle branch, out Handle handle)
    {
        if (!calls.TryCreateFork(calls.Root(branch), isBranch: false, out handle)) return false;
        ref CallState call = ref calls[branch];
        ref CallState fork = ref calls[handle];
        for (int leg = 0; leg < 2; leg++)
        {
            Handle token = leg == CallState.Ingress ? handle : call.Legs[leg].Token;
            fork.Legs[leg] = call.Legs[leg];
            fork.Legs[leg].Text = fork.Legs[leg].Description = BufferRef.None;
            fork.Legs[leg].Token = token;
            fork.Legs[leg].Established = false;
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
        media.Share(
            handle, branch, clients.IsLive(call.InviteClient) ? clients.StoredRequest(call.InviteClient) : null);
        return true;
    }

    /// <summary>
    /// A 2xx chose this early dialog (13.2.2.4): it becomes the call's, the others are over.
    /// </summary>
    public void Win(Handle call, Handle winner)
    {
        ref CallState state = ref calls[call];
        Handle branch = calls[winner].Legs[CallState.Egress].Token;
        if (branch != call) Adopt(call, branch);
        if (winner != call)
        {
            ref CallState fork = ref calls[winner];
            (state.Legs, fork.Legs) = (fork.Legs, state.Legs);
            // The INVITE's description was every callee's.
            if (state.Legs[CallState.Egress].Description.IsNone)
            {
                (state.Legs[CallState.Egress].Description, fork.Legs[CallState.Egress].Description) =
                    (fork.Legs[CallState.Egress].Description, BufferRef.None);
            }
            state.Subscriptions = fork.Subscriptions;
            state.SubscribedUntil = fork.SubscribedUntil;
            media.Take(call, winner, branch);
        }
        for (Handle each = state.NextFork; !each.IsNone;)
        {
            Handle next = calls[each].NextFork;
            // Its tag is in the caller's requests, its branch's in the callee's.
            if (each == winner || each == branch) Join(each);
            else Drop(each);
            each = next;
        }
    }

    /// <summary>The branch's request and places become the call's.</summary>
    private void Adopt(Handle call, Handle branch)
    {
        ref CallState state = ref calls[call];
        ref CallState won = ref calls[branch];
        state.InviteClient = won.InviteClient;
        if (clients.IsLive(won.InviteClient)) clients[won.InviteClient].Call = call;
        won.InviteClient = Handle.None;
        state.Route = won.Route;
        state.Group = won.Group;
        state.SessionSeconds = won.SessionSeconds;
        targets.Move(ref won.Target, ref state.Target);
        if (state.Legs[CallState.Egress].Description.IsNone)
        {
            (state.Legs[CallState.Egress].Description, won.Legs[CallState.Egress].Description) =
                (won.Legs[CallState.Egress].Description, BufferRef.None);
        }
    }

    /// <summary>It is the call now, and only its tag is left of it.</summary>
    private void Join(Handle handle)
    {
        media.Close(handle);
        ref CallState fork = ref calls[handle];
        fork.Phase = CallPhase.Joined;
        fork.EndsAt = Instant.Never;
        calls.Schedule(handle);
        ReturnTexts(ref fork);
        if (!fork.IsBranch) return;
        fork.IsBranch = false;
        calls[fork.Primary].Branches--;
        calls[fork.Primary].Forks++;
    }

    /// <summary>Whether any beside the call's own still lives, and is not just a tag.</summary>
    public bool HasOthers(Handle call)
    {
        for (Handle each = calls[call].NextFork; !each.IsNone; each = calls[each].NextFork)
        {
            if (calls[each].Phase != CallPhase.Joined && !calls[each].IsBranch) return true;
        }
        return false;
    }

    /// <summary>Ends all that has no final response yet.</summary>
    public void DropBranches(Handle call)
    {
        for (Handle each = calls[call].NextFork; calls[call].Branches > 0;)
        {
            Handle next = calls[each].NextFork;
            bool isBranch = calls[each].IsBranch;
            if (isBranch) Drop(each);
            // With a branch its dialogs go, the next one may be among them.
            each = isBranch ? calls[call].NextFork : next;
        }
    }

    /// <summary>Ends all early dialogs beside the call's own.</summary>
    public void DropAll(Handle call)
    {
        while (!calls[call].NextFork.IsNone) Drop(calls[call].NextFork);
    }

    /// <summary>
    /// Ends one early dialog, or a branch, which is cancelled; what is on its way in it lives on by itself.
    /// </summary>
    public void Drop(Handle fork)
    {
        if (calls[fork].IsBranch)
        {
            DropOf(fork);
            clients.Cancel(calls[fork].InviteClient);
            targets.Return(ref calls[fork].Target);
        }
        media.Close(fork);
        calls.Unlink(fork);
        calls.Remove(fork);
    }

    /// <summary>
    /// All early dialogs of a branch are over, and the next attempt's need other tags towards the caller.
    /// </summary>
    public void Spend(Handle branch)
    {
        ref CallState state = ref calls[branch];
        DropOf(branch);
        state.TagSpent |= state.Legs[CallState.Egress].RemoteTagLength > 0;
    }

    private void DropOf(Handle branch)
    {
        for (Handle each = calls[calls.Root(branch)].NextFork; !each.IsNone;)
        {
            Handle next = calls[each].NextFork;
            if (each != branch && calls[each].Legs[CallState.Egress].Token == branch) Drop(each);
            each = next;
        }
    }

    private void DropOne(Handle root)
    {
        Handle each = calls[root].NextFork;
        while (!each.IsNone && calls[each].IsBranch) each = calls[each].NextFork;
        if (!each.IsNone) Drop(each);
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
