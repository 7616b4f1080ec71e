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

/// <summary>Sets calls up: from the INVITE without a To tag over attempts at peers to the final response.</summary>
public sealed class InviteFlow(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegSetup setup,
    LegResponse responses, CallEnding ending, Attempts attempts, Branches branches, EarlyDialogs early,
    Redirection redirection, CallTimers timers, CallMedia media, StatelessReply reply, TargetChoice targets)
{
    /// <summary>For the phones that rang in vain: no missed call (RFC 3326 3.1).</summary>
    private static ReadOnlySpan<byte> AnsweredElsewhere =>
        "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"u8;

    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 5\r\n"u8;

    /// <summary>A new INVITE that passed the checks of its form.</summary>
    public Verdict OnInvite(SipMessage invite, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        Route? route = work.Match(invite, origin, invite.RequestUri);
        if (route is null) return Refuse(invite, via, origin, null, 404);
        if (!LegSetup.MakesDialog(invite)) return Refuse(invite, via, origin, route, 400);
        if (route.Target == RouteTarget.Reject)
            return Refuse(invite, via, origin, route, route.RejectCode, route.RejectReason);
        if (work.Cells.Draining) return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        NameAddress.TryParse(invite.Value(HeaderName.From), out NameAddress from);
        from.TryGetTag(out ReadOnlySpan<byte> fromTag);
        ReadOnlySpan<byte> callId = invite.Value(HeaderName.CallId);
        ulong ingressKey = calls.IngressKey(callId, fromTag);
        bool known = calls.TryFindIngress(ingressKey, callId, fromTag, out Handle handle);
        bool repeats = known && calls[handle].Phase == CallPhase.Challenged;
        if (known && !repeats && IsMerged(handle, invite)) return Refuse(invite, via, origin, route, 482);
        Realm realm = origin.Realm;
        if (!work.Cells.TryTakeCallRate(realm.Id, realm.CallsPerSecond, work.Now.Microseconds) ||
            !work.Cells.TryTakeRealmCall(realm.Id, realm.CallsMax))
        {
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        if (!repeats && !calls.TryCreate(ingressKey, out handle))
        {
            work.Cells.ReturnRealmCall(realm.Id);
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        ref CallState call = ref calls[handle];
        int preferred = repeats ? call.Legs[CallState.Egress].Peer : -1;
        if (!targets.TryEnter(route, ref call.Target, work.Now))
        {
            work.Cells.ReturnRealmCall(realm.Id);
            // A challenged call stays what it was: its caller may try once more.
            if (!repeats) calls.Remove(handle);
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        work.CallAtWork = handle;
        work.Counters.CountActive(1);
        call.Phase = CallPhase.Setup;
        call.Legs[CallState.Ingress].Realm = (byte)realm.Id;
        call.SessionSeconds = route.SessionSeconds;
        bool toSource = realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!setup.TryIngress(handle, invite, via, origin) ||
            !servers.TryCreate(invite, via, key, origin.Source, origin.Listener, toSource, out Handle server))
        {
            ending.Finish(handle);
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        Start(ref call, handle, server, route, origin);
        int refusal = branches.Send(handle, invite, preferred);
        if (refusal != 0) Fail(handle, refusal);
        return Verdict.Forwarded;
    }

    private void Start(ref CallState call, Handle handle, Handle server, Route route, in Origin origin)
    {
        servers[server].Call = handle;
        call.InviteServer = server;
        call.InviteClient = Handle.None;
        call.InviteFrom = CallState.Ingress;
        call.InviteCSeq = servers[server].CSeq;
        call.InviteAnswered = call.Rang = false;
        call.TagSpent = false;
        call.Group = -1;
        call.BestFailure = 0;
        call.StartedAt = work.Now;
        call.Route = (short)route.Id;
        ending.CountPeer(ref call, origin.Peer?.Id ?? -1);
        calls.SetEnd(handle, work.Snapshot.Timers.RingingMax);
        // At once (8.2.6.1): the caller stops repeating, whatever the core takes.
        responses.Send(server, 100);
    }

    /// <summary>A response to the INVITE that sets the call up, passed by its transaction.</summary>
    public Verdict OnResponse(Handle client, TransactionState before, SipMessage response, in Origin origin)
    {
        Handle handle = clients[client].Call;
        if (response.StatusCode < 200) return OnProvisional(handle, response, origin);
        if (response.StatusCode < 300)
        {
            return before == TransactionState.Accepted
                ? OnRepeatedSuccess(handle, client, response)
                : OnSuccess(handle, response, origin);
        }
        return OnFailure(handle, response);
    }

    private Verdict OnProvisional(Handle branch, SipMessage response, in Origin origin)
    {
        if (response.StatusCode == 100) return Verdict.Absorbed;
        // One phone too many: it may still answer, but nobody hears how it rings.
        if (!early.TryFollow(branch, response, origin, out Handle dialog)) return Verdict.Absorbed;
        Handle handle = calls.Root(branch);
        ref CallState call = ref calls[handle];
        if (branch != handle) calls[branch].Rang = true;
        if (!call.Rang)
        {
            call.Rang = true;
            work.Counters.CountSetup(SetupStage.Ringing, work.Now - call.StartedAt);
        }
        Forward(handle, dialog, response.StatusCode, response);
        return Verdict.Forwarded;
    }

    private Verdict OnSuccess(Handle branch, SipMessage response, in Origin origin)
    {
        if (!early.TryFollow(branch, response, origin, out Handle winner))
        {
            ending.AcknowledgeAndEnd(calls[branch].InviteClient, response, keepsAck: true);
            Fail(branch, 500);
            return Verdict.Absorbed;
        }
        Handle handle = calls.Root(branch);
        branches.Cancel(handle, branch, AnsweredElsewhere);
        early.Win(handle, winner);
        branches.Forget(handle);
        ref CallState call = ref calls[handle];
        call.Phase = CallPhase.Answered;
        call.InviteAnswered = true;
        call.AnsweredAt = work.Now;
        call.Legs[CallState.Ingress].Established = call.Legs[CallState.Egress].Established = true;
        redirection.Forget(handle);
        work.Counters.CountCall(call.Route, CallResult.Answered);
        work.Counters.CountSetup(SetupStage.Answer, work.Now - call.StartedAt);
        timers.OnAnswer(handle, SipMethod.Invite, response);
        calls.SetEnd(handle, work.Snapshot.Timers.T1x64);
        if (!Forward(handle, handle, response.StatusCode, response))
        {
            // The caller cannot be told that the call is answered, so it is not.
            call.Legs[CallState.Ingress].Established = false;
            responses.Send(call.InviteServer, 500);
            ending.EndBothLegs(handle, default);
            return Verdict.Absorbed;
        }
        media.OnAnswered(handle);
        return Verdict.Forwarded;
    }

    /// <summary>
    /// The 2xx again: its ACK again, or, while there is none, the 2xx again to the caller (13.3.1.4).
    /// </summary>
    private Verdict OnRepeatedSuccess(Handle handle, Handle client, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        NameAddress.TryParse(response.Value(HeaderName.To), out NameAddress to);
        to.TryGetTag(out ReadOnlySpan<byte> tag);
        if (!LegText.RemoteTag(work.Buffers, call.Legs[CallState.Egress]).SequenceEqual(tag))
        {
            // A second phone answered behind a forking proxy: the first one has the call.
            ending.AcknowledgeAndEnd(client, response, keepsAck: false);
            return Verdict.Absorbed;
        }
        if (clients[client].HasAck)
        {
            clients.ResendAck(client);
            return Verdict.Absorbed;
        }
        if (call.InviteAnswered) Forward(handle, handle, response.StatusCode, response);
        return Verdict.Forwarded;
    }

    /// <summary>The next peer, the next target of a redirection or of a fork, or the best of all failures (16.7).
    /// </summary>
    private Verdict OnFailure(Handle handle, SipMessage response)
    {
        int code = response.StatusCode;
        if (code == 430) attempts.LoseFlow(handle, code);
        if (code < 600 && attempts.FailsOverOn(handle, code) &&
            attempts.TryNext(handle, out int refusal))
        {
            Failure.Keep(ref calls[handle], code);
            if (refusal != 0) Fail(handle, refusal);
            return Verdict.Absorbed;
        }
        if (attempts.TryRaiseSession(handle, response, out refusal) ||
            redirection.TryFollow(handle, response, out refusal))
        {
            if (refusal != 0) Fail(handle, refusal);
            return Verdict.Absorbed;
        }
        if (Failure.IsBetter(calls[handle].BestFailure, code))
        {
            Fail(handle, Failure.ToCaller(calls[handle].BestFailure));
            return Verdict.Absorbed;
        }
        if (calls[handle].IsBranch)
        {
            Fail(handle, code, response);
            return Verdict.Absorbed;
        }
        PassFailure(handle, response);
        return Verdict.Forwarded;
    }

    private void PassFailure(Handle handle, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        int code = work.RewrittenStatus(call.Route, attempts.ToCaller(handle, response.StatusCode));
        bool challenged = code is 401 or 407 or 422;
        if (!challenged) work.Counters.CountCall(call.Route, Failure.ResultOf(code));
        Forward(handle, handle, code, response);
        if (!challenged)
        {
            ending.Finish(handle);
            return;
        }
        early.DropAll(handle);
        redirection.Forget(handle);
        branches.Forget(handle);
        ending.Release(handle);
        call.Phase = CallPhase.Challenged;
        call.InviteServer = call.InviteClient = Handle.None;
        calls.SetEnd(handle, Limits.ChallengeSeconds * 1000L);
    }

    /// <summary>DNS answered for a call that waited.</summary>
    public void OnLocated(Handle handle)
    {
        if (attempts.TryResume(handle, out int refusal) && refusal != 0) Fail(handle, refusal);
    }

    public void OnSilent(Handle client)
    {
        Handle handle = clients[client].Call;
        int refusal = attempts.OnSilent(client);
        if (refusal != 0) Fail(handle, refusal);
    }

    /// <summary>Timer B, or an ICMP error: nothing more comes from there.</summary>
    public void OnUnreachable(Handle client, bool timedOut)
    {
        Handle handle = clients[client].Call;
        // Nothing heard is 408, unreachable as good as 503 of the peer, which is 500 to the caller (16.7, 16.9).
        int code = attempts.LostCode(handle, timedOut);
        attempts.LoseFlow(handle, timedOut ? 408 : 503);
        if (attempts.FailsOverUnanswered(handle, timedOut) &&
            attempts.TryNext(handle, out int refusal))
        {
            Failure.Keep(ref calls[handle], code);
            if (refusal != 0) Fail(handle, refusal);
            return;
        }
        if (redirection.TryNext(handle, out refusal))
        {
            Failure.Keep(ref calls[handle], code);
            if (refusal != 0) Fail(handle, refusal);
            return;
        }
        Failure.Keep(ref calls[handle], code);
        if (calls[handle].IsBranch) Fail(handle, calls[handle].BestFailure);
        else End(handle, Failure.ToCaller(calls[handle].BestFailure), CallResult.Failed);
    }

    /// <summary>CANCEL that matched the INVITE's transaction: 487 to the caller, CANCEL to the peer (9.2).</summary>
    /// <param name="reason">Header lines that the CANCEL carries on (RFC 3326).</param>
    public void OnCancel(Handle handle, ReadOnlySpan<byte> reason)
    {
        branches.Cancel(handle, Handle.None, reason);
        Fail(handle, 487);
    }

    /// <summary>It rang for as long as it may (Timer C): the call, or one branch of it.</summary>
    public void OnRungOut(Handle handle)
    {
        clients.Cancel(calls[handle].InviteClient);
        Fail(handle, 408);
    }

    /// <summary>The box itself ends the set-up.</summary>
    public void Refuse(Handle handle, int code)
    {
        branches.Cancel(handle, Handle.None, default);
        End(handle, code, CallResult.Failed);
    }

    /// <summary>A call has failed, or a branch of one, which then goes on or ends with the best failure.</summary>
    private void Fail(Handle handle, int code, SipMessage? response = null)
    {
        if (!calls[handle].IsBranch)
        {
            End(handle, code, Failure.ResultOf(code));
            return;
        }
        Handle call = calls[handle].Primary;
        if (branches.TryGoOn(handle, code, response)) return;
        code = Failure.ToCaller(calls[call].BestFailure);
        if (branches.TryBest(call, out SipMessage best)) PassFailure(call, best);
        else End(call, code, Failure.ResultOf(code));
    }

    /// <summary>Answers the caller with a failure of our own and ends the call.</summary>
    private void End(Handle handle, int code, CallResult result)
    {
        ref CallState call = ref calls[handle];
        work.Counters.CountCall(call.Route, result);
        ReadOnlySpan<byte> lines = code == 503 ? RetryAfterLine : media.RefusalLines(code);
        responses.Send(call.InviteServer, code, default, lines);
        ending.Finish(handle);
    }

    /// <param name="dialog">Whose tag of ours it carries: an early dialog's, or the call's.</param>
    private bool Forward(Handle handle, Handle dialog, int code, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(dialog, CallState.Ingress, text);
        response = work.Rewritten(calls[dialog].Route, toTarget: false, response);
        ReadOnlySpan<byte> body = media.ResponseBody(dialog, CallState.Egress, call.InviteCSeq, response, map);
        ReadOnlySpan<byte> reason = code == response.StatusCode ? response.ReasonPhrase : default;
        ReadOnlySpan<byte> challenges = code is 401 or 407 ? branches.ChallengesOf(call) : default;
        return responses.Forward(call.InviteServer, dialog, code, reason, response, map, body, challenges);
    }

    /// <summary>Refuses without state, so that a flood of refused INVITEs costs no memory.</summary>
    private Verdict Refuse(
        SipMessage invite, in ViaValue via, in Origin origin, Route? route, int code,
        ReadOnlySpan<byte> reason = default, ReadOnlySpan<byte> extraLines = default)
    {
        if (route is not null) work.Counters.CountCall(route.Id, code == 503 ? CallResult.Failed : CallResult.Rejected);
        return reply.Send(invite, via, origin, code, reason, extraLines);
    }

    /// <summary>The same request on a second way (8.2.2.2), and not a proxy's fork to another Request-URI.</summary>
    private bool IsMerged(Handle handle, SipMessage invite)
    {
        ref CallState call = ref calls[handle];
        CSeqValue.TryParse(invite.Value(HeaderName.CSeq), out CSeqValue cseq);
        if (call.Phase != CallPhase.Setup || call.InviteCSeq != cseq.Number || !servers.IsLive(call.InviteServer))
            return false;
        return attempts.Stored(handle).RequestUri.SequenceEqual(invite.RequestUri);
    }
}
