using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Calls;

/// <summary>
/// Requests without a To tag other than INVITE, of whatever method: through the routes to the other side, and the
/// response back; SUBSCRIBE and REFER leave a dialog.
/// </summary>
public sealed class RequestFlow(
    Workspace work, CallTable calls, ServerTransactions servers, LegSetup setup, LegResponse responses,
    CallEnding ending, Attempts attempts, Branches branches, EarlyDialogs early, Subscriptions subscriptions,
    CallMedia media, StatelessReply reply)
{
    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 5\r\n"u8;

    public Verdict OnRequest(SipMessage request, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        Route? route = work.Match(request, origin, request.RequestUri);
        if (route is null) return reply.Send(request, via, origin, 404);
        if (route.Target == RouteTarget.Reject)
            return reply.Send(request, via, origin, route.RejectCode, route.RejectReason);
        if (request.Method.Subscribes() && !LegSetup.MakesDialog(request)) return reply.Send(request, via, origin, 400);
        if (work.Cells.Draining) return reply.Send(request, via, origin, 503, default, RetryAfterLine);
        // Its key is random: a repeated one is another request, and none of them is looked for.
        if (!calls.TryCreate(work.NextRandom(), out Handle handle))
            return reply.Send(request, via, origin, 503, default, RetryAfterLine);
        work.CallAtWork = handle;
        ref CallState call = ref calls[handle];
        call.Kind = request.Method.Subscribes() ? CallKind.Subscription : CallKind.Request;
        call.Phase = CallPhase.Setup;
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!setup.TryIngress(handle, request, via, origin) ||
            !servers.TryCreate(request, via, key, origin.Source, origin.Listener, toSource, out Handle server))
        {
            ending.Finish(handle);
            return reply.Send(request, via, origin, 503, default, RetryAfterLine);
        }
        servers[server].Call = handle;
        call.InviteServer = server;
        call.InviteCSeq = servers[server].CSeq;
        call.Route = (short)route.Id;
        call.Group = -1;
        call.Legs[CallState.Ingress].Peer = origin.Peer?.Id ?? -1;
        if (call.Kind == CallKind.Subscription) subscriptions.Begin(handle);
        // Each attempt has its own Timer F; together they have two of them.
        calls.SetEnd(handle, 2L * work.Snapshot.Timers.T1x64);
        int refusal = branches.Send(handle, request);
        if (refusal != 0) Fail(handle, refusal);
        return Verdict.Forwarded;
    }

    /// <summary>A response to the request that began it, passed by its transaction.</summary>
    /// <param name="branch">What sent it: the call, or a branch of it.</param>
    public Verdict OnResponse(Handle branch, SipMessage response, in Origin origin)
    {
        int code = response.StatusCode;
        // No provisional responses to what must be answered at once (RFC 4320 4.1).
        if (code < 200) return Verdict.Absorbed;
        Handle handle = calls.Root(branch);
        ref CallState call = ref calls[handle];
        if (code >= 300)
        {
            if (code == 430) attempts.LoseFlow(branch, code);
            if (TryNext(branch, code)) return Verdict.Absorbed;
            if (branch != handle)
            {
                Fail(branch, code, response);
                return Verdict.Absorbed;
            }
            Forward(handle, handle, attempts.ToCaller(handle, code), response);
            ending.Finish(handle);
            return Verdict.Forwarded;
        }
        SipMethod method = servers.IsLive(call.InviteServer) ? servers[call.InviteServer].Method : SipMethod.Other;
        Handle dialog = branch;
        if (call.Kind == CallKind.Subscription && !early.TryFollow(branch, response, origin, out dialog))
        {
            Fail(branch, 500);
            return Verdict.Absorbed;
        }
        if (call.Kind == CallKind.Subscription && branch != handle)
        {
            early.Win(handle, dialog);
            branches.Forget(handle);
            dialog = handle;
        }
        Forward(handle, dialog, code, response);
        if (call.Kind == CallKind.Subscription)
        {
            // Of several dialogs that NOTIFYs made, the 2xx is one's; the first then has only its own NOTIFYs.
            if (dialog != handle) subscriptions.OnBegunElsewhere(handle, dialog);
            subscriptions.OnBegun(dialog, method, response);
        }
        else
        {
            ending.Finish(handle);
        }
        return Verdict.Forwarded;
    }

    private bool TryNext(Handle handle, int code)
    {
        if (code >= 600 || !attempts.FailsOverOn(handle, code)) return false;
        if (!attempts.TryNext(handle, out int refusal)) return false;
        if (refusal != 0) Fail(handle, refusal);
        return true;
    }

    /// <summary>DNS answered for a request that waited.</summary>
    public void OnLocated(Handle handle)
    {
        if (attempts.TryResume(handle, out int refusal) && refusal != 0) Fail(handle, refusal);
    }

    public void OnSilent(Handle client, Handle handle)
    {
        int refusal = attempts.OnSilent(client);
        if (refusal != 0) Fail(handle, refusal);
    }

    /// <summary>Nothing came back, or an ICMP error did.</summary>
    public void OnUnreachable(Handle handle, bool timedOut)
    {
        int code = attempts.LostCode(handle, timedOut);
        attempts.LoseFlow(handle, timedOut ? 408 : 503);
        if (attempts.FailsOverUnanswered(handle, timedOut) &&
            attempts.TryNext(handle, out int refusal))
        {
            if (refusal != 0) Fail(handle, refusal);
            return;
        }
        Fail(handle, Failure.ToCaller(code));
    }

    /// <summary>It has failed, or a branch of it, which then goes on or ends with the best failure.</summary>
    private void Fail(Handle handle, int code, SipMessage? response = null)
    {
        if (calls[handle].IsBranch)
        {
            Handle branch = handle;
            handle = calls[branch].Primary;
            if (branches.TryGoOn(branch, code, response)) return;
            code = attempts.ToCaller(handle, calls[handle].BestFailure);
            if (branches.TryBest(handle, out SipMessage best))
            {
                Forward(handle, handle, code, best);
                ending.Finish(handle);
                return;
            }
        }
        // A 408 would come too late for a non-INVITE request (RFC 4320 4.2).
        if (code == 408) servers.DropUnanswered(calls[handle].InviteServer);
        else
        {
            ReadOnlySpan<byte> lines = code == 503 ? RetryAfterLine : media.RefusalLines(code);
            responses.Send(calls[handle].InviteServer, code, default, lines);
        }
        ending.Finish(handle);
    }

    private void Forward(Handle handle, Handle dialog, int code, SipMessage response)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(dialog, CallState.Ingress, text);
        response = work.Rewritten(calls[handle].Route, toTarget: false, response);
        ReadOnlySpan<byte> body = media.ResponseBody(dialog, CallState.Egress, calls[handle].InviteCSeq, response, map);
        ReadOnlySpan<byte> reason = code == response.StatusCode ? response.ReasonPhrase : default;
        ReadOnlySpan<byte> challenges = code is 401 or 407 ? branches.ChallengesOf(calls[handle]) : default;
        responses.Forward(calls[handle].InviteServer, dialog, code, reason, response, map, body, challenges);
    }
}
