using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>How calls end: BYE on both legs where the box ends them, and everything they hold given back.</summary>
public sealed class CallEnding(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegRequest requests,
    LegResponse responses, EarlyDialogs early, CallMedia media, TargetChoice targets)
{
    private const int OrphanBytesMax = 8192;

    // The early dialog may have had requests of its own, whose numbers went with the call: gaps are allowed (12.2.2).
    private const uint OrphanCSeqStep = 100;

    /// <summary>Ends a call from the box: BYE on each leg that is a dialog, CANCEL where one is being made.</summary>
    /// <param name="reason">A whole Reason header line (RFC 3326), or empty.</param>
    public void EndBothLegs(Handle handle, ReadOnlySpan<byte> reason)
    {
        ref CallState call = ref calls[handle];
        for (int leg = 0; leg < 2; leg++)
        {
            if (call.Kind == CallKind.Session && call.Legs[leg].Established) SendBye(handle, leg, reason);
        }
        Finish(handle);
    }

    /// <summary>Gives everything back; transactions that still run live on by themselves.</summary>
    public void Finish(Handle handle)
    {
        ref CallState call = ref calls[handle];
        if (!call.Primary.IsNone)
        {
            FinishFork(handle);
            return;
        }
        if (call.Kind == CallKind.Subscription) early.DropBranches(handle);
        if (call.Kind == CallKind.Subscription && early.HasOthers(handle))
        {
            // Requests in the others carry this one's tag.
            call.Phase = CallPhase.Over;
            call.EndsAt = Instant.Never;
            calls.Schedule(handle);
            return;
        }
        early.DropAll(handle);
        EndRequest(ref call);
        Release(handle);
        calls.Remove(handle);
    }

    /// <summary>Ends what is in progress: the INVITE, or the request that began the call.</summary>
    public void EndRequest(ref CallState call)
    {
        // An INVITE that is still on its way would ring on for a call that is gone, without any timer of its own.
        clients.Cancel(call.InviteClient);
        // A request that is pending when its dialog ends gets 487 (15.1.2); else it waits for an answer for ever.
        if (servers.IsLive(call.InviteServer) && servers[call.InviteServer].IsInvite &&
            servers[call.InviteServer].State == TransactionState.Proceeding)
            responses.Send(call.InviteServer, 487);
        // Nobody will answer it any more (RFC 4320 4.2).
        if (call.Kind != CallKind.Session) servers.DropUnanswered(call.InviteServer);
    }

    private void FinishFork(Handle fork)
    {
        Handle primary = calls[fork].Primary;
        early.Drop(fork);
        if (calls[primary].Phase == CallPhase.Over && !early.HasOthers(primary)) Finish(primary);
    }

    /// <summary>Gives back what can be given back of a call whose state cannot be trusted; nobody is told.</summary>
    public void Discard(Handle handle)
    {
        if (!calls[handle].Primary.IsNone)
        {
            early.Drop(handle);
            return;
        }
        early.DropAll(handle);
        Release(handle);
        calls.Remove(handle);
    }

    /// <summary>
    /// Gives back what an active call holds and a challenged one does not: place, ports, its peers' counts.
    /// </summary>
    public void Release(Handle handle)
    {
        ref CallState call = ref calls[handle];
        media.Close(handle);
        servers.ForgetRequest(call.InviteServer);
        UncountPeer(ref call);
        targets.Return(ref call.Target);
        if (call.Phase == CallPhase.Challenged || call.Kind != CallKind.Session) return;
        work.Cells.ReturnRealmCall(call.Legs[CallState.Ingress].Realm);
        work.Counters.CountActive(-1);
    }

    /// <summary>The call counts as its caller's, where that is a peer.</summary>
    /// <param name="peer">Its row; -1: no peer.</param>
    public void CountPeer(ref CallState call, int peer)
    {
        call.Legs[CallState.Ingress].Peer = peer;
        call.Counted = peer >= 0;
        if (call.Counted) work.Cells.AddPeerCall(peer, 1);
    }

    private void UncountPeer(ref CallState call)
    {
        if (call.Counted) work.Cells.AddPeerCall(call.Legs[CallState.Ingress].Peer, -1);
        call.Counted = false;
    }

    private void SendBye(Handle handle, int legIndex, ReadOnlySpan<byte> reason)
    {
        var parts = new LegRequestParts
        {
            Method = "BYE"u8,
            MaxForwards = LegRequest.MaxForwardsDefault,
            ExtraLines = reason,
        };
        var use = new LegRequestUse(SipMethod.Bye, ClientPurpose.Own) { InDialog = true };
        requests.Send(handle, legIndex, parts, default, use, out _);
    }

    /// <summary>A 2xx that nobody wants any more: ACK it and end it (RFC 3261 13.2.2.4).</summary>
    /// <param name="keepsAck">
    /// The transaction has no other use: its repeated 2xx get the same ACK and no new BYE.
    /// </param>
    public void AcknowledgeAndEnd(Handle inviteClient, SipMessage response, bool keepsAck)
    {
        ref ClientTransaction invite = ref clients[inviteClient];
        SipMessage request = clients.StoredRequest(inviteClient);
        if (keepsAck && invite.HasAck)
        {
            if (TagOf(request).SequenceEqual(TagOf(response)))
            {
                clients.ResendAck(inviteClient);
                return;
            }
            // Another phone than the one that the stored ACK is for.
            keepsAck = false;
        }
        Span<byte> bytes = stackalloc byte[OrphanBytesMax];
        var ack = new SipWriter(bytes);
        WriteOrphan(ref ack, "ACK"u8, request, response, TokenKind.AckBranch, inviteClient, invite);
        if (ack.Overflowed) return;
        work.Outbox.Send(ack.Written, invite.Listener, invite.Remote, SipMethod.Ack);
        // A re-INVITE that outlived its call: a second BYE would use the number of the first one again.
        if (!invite.InDialog) SendOrphanBye(request, response, invite);
        if (keepsAck) clients.KeepAck(inviteClient, ack.Written);
    }

    private static ReadOnlySpan<byte> TagOf(SipMessage message)
    {
        NameAddress.TryParse(message.Value(HeaderName.To), out NameAddress to);
        to.TryGetTag(out ReadOnlySpan<byte> tag);
        return tag;
    }

    private void SendOrphanBye(SipMessage request, SipMessage response, in ClientTransaction invite)
    {
        if (!clients.TryCreate(SipMethod.Bye, ClientPurpose.Own, out Handle client)) return;
        Span<byte> slot = work.Outbox.Open();
        var bye = new SipWriter(slot);
        WriteOrphan(ref bye, "BYE"u8, request, response, TokenKind.Branch, client, invite);
        if (bye.Overflowed)
        {
            clients.Drop(client);
            return;
        }
        clients.Send(client, slot, bye.Length, invite.Listener, invite.Remote, work.Snapshot.Timers.T1x64);
    }

    private void WriteOrphan(
        ref SipWriter writer, scoped ReadOnlySpan<byte> method, SipMessage invite, SipMessage response, TokenKind kind,
        Handle branch, in ClientTransaction transaction)
    {
        ReadOnlySpan<byte> contact = LegSetup.TargetOf(response);
        writer.RequestLine(method, contact.Length > 0 ? contact : invite.RequestUri);
        requests.WriteVia(ref writer, work.Snapshot.Listeners[transaction.Listener], kind, branch);
        writer.Raw("Max-Forwards: 70\r\n"u8);
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int length = RouteSet.Write(response, reversed: true, routes);
        if (length > 0) writer.Header("Route: "u8, routes[..length]);
        writer.Header("From: "u8, response.Value(HeaderName.From));
        writer.Header("To: "u8, response.Value(HeaderName.To));
        writer.Header("Call-ID: "u8, response.Value(HeaderName.CallId));
        writer.Raw("CSeq: "u8);
        writer.Number(transaction.CSeq + (method.Length == 3 && method[0] == 'B' ? OrphanCSeqStep : 0u));
        writer.Byte((byte)' ');
        writer.Raw(method);
        writer.EndLine();
        // An offer in the 2xx must have its answer in the ACK (13.2.2.4), even if that is that there is nothing to say.
        if (method[0] == 'A' && transaction.HasNoOffer) Refusal.Write(ref writer, response);
        else writer.Raw("Content-Length: 0\r\n\r\n"u8);
    }
}
