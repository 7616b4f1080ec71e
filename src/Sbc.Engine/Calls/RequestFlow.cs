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
    CallEnding ending, Attempts attempts, EarlyDialogs early, Subscriptions subscriptions, CallMedia media,
    StatelessReply reply)
{
    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 5\r\n"u8;

    public Verdict OnRequest(SipMessage request, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        Route? route = work.Match(request, origin, request.RequestUri);
        if (route is null) return Refuse(request, via, origin, 404);
        if (route.Target == RouteTarget.Reject)
            return Refuse(request, via, origin, route.RejectCode, route.RejectReason);
        if (request.Method.Subscribes() && !LegSetup.MakesDialog(request)) return Refuse(request, via, origin, 400);
        if (work.Cells.Draining) return Refuse(request, via, origin, 503, default, RetryAfterLine);
        // Its key is random: a repeated one is another request, and none of them is looked for.
        if (!calls.TryCreate(work.NextRandom(), out Handle handle))
            return Refuse(request, via, origin, 503, default, RetryAfterLine);
        work.CallAtWork = handle;
        ref CallState call = ref calls[handle];
        call.Kind = request.Method.Subscribes() ? CallKind.Subscription : CallKind.Request;
        call.Phase = CallPhase.Setup;
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!setup.TryIngress(handle, request, via, origin) ||
            !servers.TryCreate(request, via, key, origin.Source, origin.Listener, toSource, out Handle server))
        {
            ending.Finish(handle);
            return Refuse(request, via, origin, 503, default, RetryAfterLine);
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
        int refusal = attempts.Send(handle, request);
        if (refusal != 0) Fail(handle, refusal);
        return Verdict.Forwarded;
    }

    /// <summary>A response to the request that began it, passed by its transaction.</summary>
    public Verdict OnResponse(Handle handle, SipMessage response, in Origin origin)
    {
        int code = response.StatusCode;
        // No provisional responses to what must be answered at once (RFC 4320 4.1).
        if (code < 200) return Verdict.Absorbed;
        ref CallState call = ref calls[handle];
        if (code >= 300)
        {
            if (TryNext(handle, code)) return Verdict.Absorbed;
            Forward(handle, handle, Failure.ToCaller(code), response);
            ending.Finish(handle);
            return Verdict.Forwarded;
        }
        SipMethod method = servers.IsLive(call.InviteServer) ? servers[call.InviteServer].Method : SipMethod.Other;
        Handle dialog = handle;
        if (call.Kind == CallKind.Subscription && !early.TryFollow(handle, response, origin, out dialog))
        {
            Fail(handle, 500);
            return Verdict.Absorbed;
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
        Group? group = work.Snapshot.GroupById(calls[handle].Group);
        if (group is null || code >= 600 || !group.Failover.IsOn(code)) return false;
        if (!attempts.TryNext(handle, out int refusal)) return false;
        if (refusal != 0) Fail(handle, refusal);
        return true;
    }

    public void OnSilent(Handle client, Handle handle)
    {
        int refusal = attempts.OnSilent(client);
        if (refusal != 0) Fail(handle, refusal);
    }

    /// <summary>Nothing came back, or an ICMP error did.</summary>
    public void OnUnreachable(Handle handle, bool timedOut)
    {
        ref CallState call = ref calls[handle];
        if (work.Snapshot.GroupById(call.Group) is { } group &&
            (timedOut ? group.Failover.OnTimeout : group.Failover.OnTransport) &&
            attempts.TryNext(handle, out int refusal))
        {
            if (refusal != 0) Fail(handle, refusal);
            return;
        }
        // A 408 would come too late for a non-INVITE request (RFC 4320 4.2).
        if (timedOut) servers.DropUnanswered(call.InviteServer);
        else responses.Send(call.InviteServer, 500);
        ending.Finish(handle);
    }

    private void Fail(Handle handle, int code)
    {
        ReadOnlySpan<byte> lines = code == 503 ? RetryAfterLine : media.RefusalLines(code);
        responses.Send(calls[handle].InviteServer, code, default, lines);
        ending.Finish(handle);
    }

    private void Forward(Handle handle, Handle dialog, int code, SipMessage response)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(dialog, CallState.Ingress, text);
        response = work.Rewritten(calls[handle].Route, toTarget: false, response);
        ReadOnlySpan<byte> body = media.ResponseBody(dialog, CallState.Egress, response, map);
        ReadOnlySpan<byte> reason = code == response.StatusCode ? response.ReasonPhrase : default;
        responses.Forward(calls[handle].InviteServer, dialog, code, reason, response, map, body);
    }

    private Verdict Refuse(
        SipMessage request, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> reason = default,
        ReadOnlySpan<byte> extraLines = default)
    {
        reply.Send(request, via, origin, code, reason, extraLines);
        return Verdict.Answered;
    }
}
