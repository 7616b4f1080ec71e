using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Trunks;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>Everything within a call's dialogs, of whatever method, from either leg to the other.</summary>
public sealed class DialogFlow(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegSetup setup,
    LegRequest requests, LegResponse responses, CallEnding ending, InviteFlow invites, Subscriptions subscriptions,
    CallTimers timers, CallMedia media, StatelessReply reply, Credentials credentials, RegEvents registrations)
{
    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 3\r\n"u8;

    /// <summary>A request with a To tag that one of our tokens names.</summary>
    public Verdict OnRequest(
        SipMessage request, in ViaValue via, (ulong Low, ulong High) key, in Origin origin, TokenKind kind,
            Handle handle)
    {
        bool isAck = request.Method == SipMethod.Ack;
        if (!calls.TryFindDialog(request, kind, ref handle, out int from) &&
            !subscriptions.TryFollowNotify(request, kind, ref handle, origin))
            return isAck ? Verdict.Dropped(DropReason.StrayAck) : reply.Send(request, via, origin, 481);
        work.CallAtWork = calls.Root(handle);
        ref CallState call = ref calls[handle];
        ref LegState leg = ref call.Legs[from];
        if (origin.Realm.Id != leg.Realm)
            return isAck ? Verdict.Dropped(DropReason.UnknownDialog) : reply.Send(request, via, origin, 481);
        if (origin.Realm.InDialogSameIP && origin.Peer is null && !leg.Flow.SameAddress(origin.Source))
            return Verdict.Dropped(DropReason.SourceRefused);
        if (isAck)
        {
            Verdict verdict = OnAck(handle, from, request, origin);
            if (call.EndsWithAck && call.Phase == CallPhase.Confirmed)
                ending.EndBothLegs(handle, "Reason: SIP;cause=503\r\n"u8);
            return verdict;
        }
        if (MaxForwards.IsSpent(request)) return reply.Send(request, via, origin, 483);
        if (MaxBreadth.IsSpent(request)) return reply.Send(request, via, origin, 440);
        CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq);
        // Out of order (12.2.2); a repeated number is a retransmission whose transaction is over.
        if (cseq.Number < leg.RemoteCSeqNext) return reply.Send(request, via, origin, 500);
        int refusal = RefusalOf(ref call, from, request.Method);
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!servers.TryCreate(request, via, key, origin.Source, origin.Listener, toSource, out Handle server))
            return reply.Send(request, via, origin, 503, default, RetryAfterLine);
        leg.RemoteCSeqNext = cseq.Number + 1;
        Follow(ref leg, origin);
        servers[server].Call = handle;
        servers[server].Leg = (byte)from;
        if (refusal != 0)
        {
            // With a transaction: its repetition must not find the call in another state and be accepted.
            responses.Send(server, refusal, default, refusal == 500 ? RetryAfterLine : default);
            return Verdict.Answered;
        }
        return Accept(handle, from, server, request);
    }

    /// <summary>Whether the state of the call allows the request; 0, or the response that refuses it.</summary>
    private int RefusalOf(ref CallState call, int from, SipMethod method)
    {
        bool early = call.Phase == CallPhase.Setup;
        if (call.Phase is CallPhase.Challenged or CallPhase.Joined or CallPhase.Over) return 481;
        // It makes no dialog (12.1); without a tag of the other side anything without a tag would be in it.
        if (call.Kind == CallKind.Request) return 481;
        if (call.Kind != CallKind.Session)
            return method is SipMethod.Bye or SipMethod.Invite or SipMethod.Prack or SipMethod.Update ? 481 : 0;
        if (method == SipMethod.Bye) return early && from == CallState.Egress ? 481 : 0;
        if (call.Phase == CallPhase.Ending) return method == SipMethod.Notify ? 0 : 481;
        // Without a tag from the other side there is no early dialog to send anything in (12.1.2).
        if (early && call.Legs[CallState.Egress].RemoteTagLength == 0) return 481;
        if (method != SipMethod.Invite || (!early && call.InviteServer.IsNone)) return 0;
        // One INVITE at a time: glare is 491, a second one of the same side 500 with Retry-After (14.2).
        return from == call.InviteFrom ? 500 : 491;
    }

    private Verdict Accept(Handle handle, int from, Handle server, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        SipMethod method = request.Method;
        // BYE on the only early dialog ends the call (15): for the INVITE it is a CANCEL.
        bool cancels = call.Phase == CallPhase.Setup && call.Primary.IsNone && call.Forks == 0;
        if (method == SipMethod.Bye && (cancels || call.Phase == CallPhase.Ending))
        {
            responses.Send(server, 200);
            if (cancels) invites.OnCancel(handle, default);
            return Verdict.Answered;
        }
        if (method.HasContact()) setup.RefreshTarget(ref call.Legs[from], request);
        if (call.Kind == CallKind.Watch)
        {
            registrations.OnRequest(handle, server, request);
            return Verdict.Answered;
        }
        if (method == SipMethod.Invite) responses.Send(server, 100);
        if (!TryPass(handle, from, server, request, out Handle client, out int refusal))
        {
            ReadOnlySpan<byte> lines = refusal == 500 ? RetryAfterLine : media.RefusalLines(refusal);
            responses.Send(server, refusal, default, lines);
            if (method == SipMethod.Bye && call.Phase != CallPhase.Setup) ending.EndBothLegs(handle, default);
            return Verdict.Answered;
        }
        if (method == SipMethod.Invite)
        {
            call.InviteServer = server;
            call.InviteClient = client;
            call.InviteFrom = (byte)from;
            call.InviteCSeq = servers[server].CSeq;
            call.InviteAnswered = false;
        }
        else if (method == SipMethod.Bye && call.Phase != CallPhase.Setup)
        {
            call.Phase = CallPhase.Ending;
            // The other end may be gone: then its silence ends the call, at Timer F and a little more.
            call.SessionEndsAt = call.CheckAt = Instant.Never;
            calls.SetEnd(handle, work.Snapshot.Timers.T1x64 + 1000);
        }
        return Verdict.Forwarded;
    }

    /// <summary>Sends the request on the other leg in a transaction of its own.</summary>
    private bool TryPass(Handle handle, int from, Handle server, SipMessage request, out Handle client, out int refusal)
    {
        request = work.Rewritten(calls[handle].Route, from == CallState.Ingress, request);
        Span<byte> lines = stackalloc byte[Limits.TimerLinesBytesMax];
        client = Handle.None;
        refusal = 481;
        if (request.Method == SipMethod.Prack && !TryWriteRAck(calls[handle], from, request, ref lines)) return false;
        if (request.Method != SipMethod.Prack) timers.WriteLines(calls[handle], request.Method, ref lines);
        int to = 1 - from;
        ref LegState leg = ref calls[handle].Legs[to];
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(handle, to, text);
        if (!media.TryRequestBody(handle, from, request, map, out ReadOnlySpan<byte> body, out refusal)) return false;
        subscriptions.OnNotify(handle, request);
        var parts = new LegRequestParts
        {
            Method = request.MethodToken,
            MaxForwards = MaxForwards.Next(request),
            Source = request,
            Body = body,
            ExtraLines = lines,
            HasContact = request.Method.HasContact(),
        };
        var use = new LegRequestUse(request.Method, ClientPurpose.Relayed)
        {
            Server = server,
            InDialog = true,
            EndsSubscription = Subscriptions.IsLast(request),
            Life = LifeOf(request.Method),
        };
        refusal = requests.Send(handle, to, parts, map, use, out client);
        if (request.Method == SipMethod.Refer)
        {
            calls[handle].Legs[from].ReferCSeq = servers[server].CSeq;
            leg.ReferCSeq = leg.LocalCSeq;
        }
        if (refusal != 0)
        {
            media.OnRefused(handle, to, request.Method, servers[server].CSeq);
            return false;
        }
        servers[server].Client = client;
        return true;
    }

    /// <summary>
    /// Timer F. A BYE is answered for a dead end before its sender's own timer ends, or nobody waits for the answer.
    /// </summary>
    private int LifeOf(SipMethod method)
    {
        Timers timers = work.Snapshot.Timers;
        return method == SipMethod.Bye ? timers.T1x64 - (2 * timers.T1) : timers.T1x64;
    }

    /// <summary>
    /// RAck names the INVITE by the number it has on this leg; on the other leg it has another (RFC 3262 7.2).
    /// </summary>
    private bool TryWriteRAck(in CallState call, int from, SipMessage prack, ref Span<byte> lines)
    {
        if (!RAckValue.TryParse(prack.Value(HeaderName.RAck), out RAckValue acknowledged)) return false;
        if (from != call.InviteFrom || acknowledged.CSeq != call.InviteCSeq || !clients.IsLive(call.InviteClient))
            return false;
        var writer = new SipWriter(lines);
        writer.Raw("RAck: "u8);
        writer.Number(acknowledged.Response);
        writer.Byte((byte)' ');
        writer.Number(clients[call.InviteClient].CSeq);
        writer.Raw(" INVITE\r\n"u8);
        lines = lines[..writer.Length];
        return true;
    }

    private Verdict OnAck(Handle handle, int from, SipMessage ack, in Origin origin)
    {
        ref CallState call = ref calls[handle];
        CSeqValue.TryParse(ack.Value(HeaderName.CSeq), out CSeqValue cseq);
        // A repeated ACK needs nothing: the other leg's repeated 2xx get theirs from its transaction.
        if (!call.InviteAnswered || from != call.InviteFrom || cseq.Number != call.InviteCSeq) return Verdict.Absorbed;
        ref LegState leg = ref call.Legs[1 - from];
        Follow(ref call.Legs[from], origin);
        call.InviteAnswered = false;
        servers.ForgetRequest(call.InviteServer);
        call.InviteServer = Handle.None;
        if (call.Phase == CallPhase.Answered)
        {
            call.Phase = CallPhase.Confirmed;
            timers.OnConfirmed(handle);
        }
        if (!clients.IsLive(call.InviteClient)) return Verdict.Absorbed;
        ref ClientTransaction invite = ref clients[call.InviteClient];
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(handle, 1 - from, text);
        media.TryRequestBody(handle, from, ack, map, out ReadOnlySpan<byte> body, out _);
        Span<byte> lines = stackalloc byte[Limits.CredentialLinesBytesMax];
        int length = invite.HasAck || credentials.AuthOf(invite.Peer) is null
            ? 0
            : credentials.CopyLines(invite.Peer, clients.StoredRequest(call.InviteClient), lines);
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        var parts = new LegRequestParts
        {
            Method = "ACK"u8,
            ExtraLines = lines[..length],
            CSeq = invite.CSeq,
            BranchKind = TokenKind.AckBranch,
            Branch = call.InviteClient,
            MaxForwards = MaxForwards.Next(ack),
            Source = ack,
            Body = body,
        };
        requests.Write(ref writer, handle, 1 - from, parts, map);
        if (writer.Overflowed) return Verdict.Dropped(DropReason.TooLong);
        // From here on the transaction repeats this ACK, over the dialog's route and not the INVITE's.
        invite.Remote = leg.NextHop;
        invite.Listener = leg.Listener;
        clients.KeepAck(call.InviteClient, slot[..writer.Length]);
        work.Outbox.Commit(writer.Length, leg.Listener, leg.NextHop, SipMethod.Ack);
        return Verdict.Forwarded;
    }

    /// <summary>A response to a request within the dialog, re-INVITEs included.</summary>
    public Verdict OnResponse(Handle client, TransactionState before, SipMessage response, in Origin origin)
    {
        ref ClientTransaction transaction = ref clients[client];
        Handle handle = transaction.Call;
        Handle server = transaction.Server;
        int code = response.StatusCode;
        ref CallState call = ref calls[handle];
        ref LegState leg = ref call.Legs[transaction.Leg];
        bool succeeds = code is >= 200 and < 300;
        bool isGone = call.Kind != CallKind.Session || (!call.NextFork.IsNone && !IsToOurs(leg, response));
        if (isGone && transaction.Method is SipMethod.Update or SipMethod.Prack)
        {
            // The session ended meanwhile, and its dialog lives on for a subscription alone; or it was asked for in an
            // early dialog that has lost since.
            responses.Send(server, succeeds ? 481 : code);
            return Verdict.Forwarded;
        }
        if (transaction.IsInvite)
        {
            if (code == 100) return Verdict.Absorbed;
            if (before == TransactionState.Accepted && !IsOfDialog(leg, response))
            {
                // A second phone answered behind a forking proxy: the first one has the call (13.2.2.4).
                ending.AcknowledgeAndEnd(client, response, keepsAck: false);
                return Verdict.Absorbed;
            }
            if (before == TransactionState.Accepted && transaction.HasAck)
            {
                clients.ResendAck(client);
                return Verdict.Absorbed;
            }
            if (succeeds) call.InviteAnswered = before != TransactionState.Accepted || call.InviteAnswered;
        }
        // Not where it comes from an early dialog that has lost since.
        bool counts = succeeds && IsOfDialog(leg, response);
        if (counts && transaction.Method.HasContact())
        {
            Follow(ref leg, origin);
            setup.RefreshTarget(ref leg, response);
        }
        if (counts) timers.OnAnswer(handle, transaction.Method, response);
        Forward(handle, server, transaction.Leg, response);
        if (code < 200) return Verdict.Forwarded;
        SipMethod method = transaction.Method;
        if (method == SipMethod.Invite && code >= 300) OnReinviteRefused(handle, code);
        else if (method == SipMethod.Bye) OnByeAnswered(handle, code);
        else subscriptions.OnAnswer(handle, transaction, response);
        return Verdict.Forwarded;
    }

    private void OnReinviteRefused(Handle handle, int code)
    {
        calls[handle].InviteServer = Handle.None;
        // The dialog is gone at the other end (12.2.1.2).
        if (code is 408 or 481) ending.EndBothLegs(handle, "Reason: SIP;cause=481\r\n"u8);
    }

    private void OnByeAnswered(Handle handle, int code)
    {
        ref CallState call = ref calls[handle];
        if (call.Phase != CallPhase.Ending) return;
        if (code is 401 or 407)
        {
            // The proxy wants to know who hangs up; the call lives until the BYE comes again.
            call.Phase = CallPhase.Confirmed;
            timers.OnConfirmed(handle);
            return;
        }
        if (!subscriptions.TryOutlive(handle)) ending.Finish(handle);
    }

    /// <summary>
    /// Remembers where the other end sends from now; where it moved, that is counted (in_dialog_source).
    /// </summary>
    private void Follow(ref LegState leg, in Origin origin)
    {
        if (leg.Flow == origin.Source) return;
        if (!leg.Flow.SameAddress(origin.Source)) work.Counters.CountSourceChange(origin.Realm.Id);
        leg.Flow = origin.Source;
        if (leg.Nat) setup.SetNextHop(ref leg);
    }

    /// <summary>Whether the request it answers was sent in this dialog: the tag that was ours in it.</summary>
    private bool IsToOurs(in LegState leg, SipMessage response) =>
        !NameAddress.TryParse(response.Value(HeaderName.From), out NameAddress from) ||
        !from.TryGetTag(out ReadOnlySpan<byte> tag) ||
        !work.Tokens.TryRead(tag, out _, out _, out Handle ours) || ours == leg.Token;

    private bool IsOfDialog(in LegState leg, SipMessage response)
    {
        NameAddress.TryParse(response.Value(HeaderName.To), out NameAddress to);
        to.TryGetTag(out ReadOnlySpan<byte> tag);
        return LegText.RemoteTag(work.Buffers, leg).SequenceEqual(tag);
    }

    /// <summary>Nothing came back for a request within the dialog, or an ICMP error did.</summary>
    public void OnUnreachable(Handle client, bool timedOut)
    {
        ref ClientTransaction transaction = ref clients[client];
        Handle handle = transaction.Call;
        Handle server = transaction.Server;
        media.OnRefused(handle, transaction.Leg, transaction.Method, AskedBy(server));
        if (transaction.IsInvite)
        {
            responses.Send(server, 408);
            OnReinviteRefused(handle, 408);
        }
        else if (transaction.Method == SipMethod.Bye)
        {
            // Who sent the BYE is done with the call, whether its other end heard of it or not.
            responses.Send(server, 200);
            OnByeAnswered(handle, 200);
        }
        else if (!timedOut)
        {
            responses.Send(server, 500);
        }
        else
        {
            // No 408 to a non-INVITE request: it would come too late (RFC 4320 4.2).
            servers.DropUnanswered(server);
        }
    }

    /// <summary>CANCEL of a re-INVITE goes to the other leg, whose 487 comes back (9.2).</summary>
    public void OnCancel(Handle handle, ReadOnlySpan<byte> reason) =>
        clients.Cancel(calls[handle].InviteClient, reason);

    /// <summary>The call's timer: what its phase waits for did not come, or the box looks after it.</summary>
    public void OnTimer(Handle handle)
    {
        ref CallState call = ref calls[handle];
        call.Timer = 0;
        if (call.EndsAt <= work.Now)
        {
            OnEnd(handle);
        }
        else if (call.SessionEndsAt <= work.Now)
        {
            // Where it waits for the ACK it would be due every millisecond until that has come.
            call.SessionEndsAt = Instant.Never;
            End(handle, "Reason: SIP;cause=408;text=\"Session expired\"\r\n"u8);
        }
        else
        {
            timers.OnDue(handle);
        }
        if (calls.IsLive(handle) && calls[handle].Timer == 0) calls.Schedule(handle);
    }

    private void OnEnd(Handle handle)
    {
        calls[handle].EndsAt = Instant.Never;
        switch (calls[handle].Phase)
        {
            case CallPhase.Setup when calls[handle].Kind == CallKind.Session:
                invites.OnRungOut(handle);
                break;
            case CallPhase.Answered:
                ending.EndBothLegs(handle, "Reason: SIP;cause=408;text=\"ACK missing\"\r\n"u8);
                break;
            case CallPhase.Confirmed when calls[handle].Kind == CallKind.Watch:
                registrations.OnExpired(handle);
                break;
            case CallPhase.Confirmed:
                End(handle, "Reason: SIP;cause=408;text=\"Duration limit\"\r\n"u8);
                break;
            default:
                ending.Finish(handle);
                break;
        }
    }

    /// <summary>Ends a call from the box: at once, or with the ACK where the caller may not have its 2xx yet.</summary>
    /// <remarks>
    /// A BYE before the ACK (15) ends the repetitions of a 2xx that got lost: its caller would wait on.
    /// </remarks>
    public void End(Handle handle, ReadOnlySpan<byte> reason)
    {
        if (calls[handle].Phase == CallPhase.Answered)
        {
            calls[handle].EndsWithAck = true;
            return;
        }
        ending.EndBothLegs(handle, reason);
    }

    /// <summary>Refuses a call that is being set up.</summary>
    public void Refuse(Handle handle, int code) => invites.Refuse(handle, code);

    private uint AskedBy(Handle server) => servers.IsLive(server) ? servers[server].CSeq : 0;

    private void Forward(Handle handle, Handle server, int fromLeg, SipMessage response)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(handle, 1 - fromLeg, text);
        response = work.Rewritten(calls[handle].Route, fromLeg == CallState.Ingress, response);
        ReadOnlySpan<byte> body = media.ResponseBody(handle, fromLeg, AskedBy(server), response, map);
        responses.Forward(server, handle, response.StatusCode, response.ReasonPhrase, response, map, body);
    }
}
