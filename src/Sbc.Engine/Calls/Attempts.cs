using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// Sends the request that begins a call, of whatever method, to one target of its route after the other.
/// </summary>
public sealed class Attempts(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegSetup setup,
    LegRequest requests, EarlyDialogs early, CallMedia media, DialogNames names, TargetChoice targets,
    NameLocations locations, RegisteredTargets registered, ServiceRoutes serviceRoutes)
{
    private readonly SipMessage _stored = new();

    /// <summary>Sends the request to the next target.</summary>
    /// <param name="preferred">Row of the peer that a challenge came from; -1: any.</param>
    /// <returns>0 when it is on its way; else the response that refuses it.</returns>
    public int Send(Handle handle, SipMessage request, int preferred = -1)
    {
        Route? route = work.Snapshot.RouteById(calls[handle].Route);
        if (route is null) return 503;
        if (IsFlow(calls[handle])) return SendToListed(handle, request);
        if (route.Target == RouteTarget.Registered) return SendToRegistered(handle, request);
        if (route.Target == RouteTarget.RequestUri)
        {
            Realm from = work.Snapshot.Realms[calls[handle].Legs[CallState.Ingress].Realm];
            return registered.IsContact(RequestUri(handle, request), from)
                ? SendToRegistered(handle, request)
                : SendToUri(handle, request, route);
        }
        return TrySendToPeer(handle, request, route, preferred, out int refusal) ? refusal : 503;
    }

    /// <summary>Chooses the next peer, with the limits taken, and sends the request there. False: nobody is left.
    /// </summary>
    private bool TrySendToPeer(Handle handle, SipMessage request, Route route, int preferred, out int refusal)
    {
        refusal = 0;
        ref CallState call = ref calls[handle];
        var keys = new TargetKeys(
            work.Hash.Hash(request.Value(HeaderName.CallId)),
            TargetKeys.HashOf(servers[call.InviteServer].Source, work.Hash));
        ReadOnlySpan<Group> groups = GroupsOf(call, route);
        if (!targets.TryNext(groups, keys, preferred, work.NextRandom(), work.Now, ref call.Target,
            out Group? group, out Peer? peer)) return false;
        call.Group = (short)group!.Id;
        call.Legs[CallState.Egress].Peer = peer!.Id;
        bool isLast = group.Members.Length == 1 && call.Target.Place == groups.Length - 1;
        // What is no call takes no place of one.
        if (call.Kind != CallKind.Session) targets.Return(ref call.Target);
        var egress = new EgressTarget
        {
            Realm = peer.Realm,
            Listener = peer.Listener,
            Address = peer.Address,
            HostPort = peer.HostPort,
            Routes = serviceRoutes.Of(
                request, work.Snapshot.Realms[call.Legs[CallState.Ingress].Realm], servers[call.InviteServer].Source,
                peer.Realm),
        };
        refusal = Send(handle, work.Rewritten(route.Id, toTarget: true, request), egress);
        if (refusal == 0 && !isLast) clients.StartSilence(call.InviteClient, group.Failover.SilenceMilliseconds);
        return true;
    }

    /// <summary>A branch has one of the route's groups, until it follows a redirection to another route.</summary>
    private static ReadOnlySpan<Group> GroupsOf(in CallState call, Route route) =>
        call.IsBranch && call.RedirectNext == 0 ? route.Groups.AsSpan(0, call.Target.Place + 1) : route.Groups;

    /// <summary>Whether it goes to one address, which no group chose.</summary>
    private bool IsFlow(in CallState call) => call.RedirectNext == 0 &&
        (call.IsBranch || !call.Targets.IsNone) && TargetOf(call).Place < 0;

    private ReadOnlySpan<byte> ListOf(in CallState call) =>
        work.Buffers.Bytes(call.IsBranch ? calls[call.Primary].Targets : call.Targets);

    private CallTarget TargetOf(in CallState call) => TargetList.At(ListOf(call), call.TargetAt, out _);

    /// <summary>To the flow that it stands at; where that is silent, soon to the next one of the same device.</summary>
    private int SendToListed(Handle handle, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        ReadOnlySpan<byte> list = ListOf(call);
        CallTarget target = TargetList.At(list, call.TargetAt, out int next);
        int refusal = SendToFlow(handle, work.Rewritten(call.Route, toTarget: true, request), target);
        if (refusal == 0 && next < list.Length && TargetList.At(list, next, out _).IsNextFlow)
            clients.StartSilence(call.InviteClient, Limits.FlowSilenceMilliseconds);
        return refusal;
    }

    /// <summary>The next flow of the same device (RFC 5626 7). False where there is none.</summary>
    private bool TryNextFlow(Handle handle)
    {
        ref CallState call = ref calls[handle];
        if (!IsFlow(call)) return false;
        ReadOnlySpan<byte> list = ListOf(call);
        while (true)
        {
            TargetList.At(list, call.TargetAt, out int next);
            if (next >= list.Length || !TargetList.At(list, next, out _).IsNextFlow) return false;
            call.TargetAt = (ushort)next;
            if (SendToListed(handle, Stored(handle)) == 0) return true;
        }
    }

    /// <summary>
    /// A flow that nothing was heard of, or that is gone, is passed over until its phone registers again.
    /// </summary>
    /// <param name="handle">Whose request it was.</param>
    /// <param name="code">430 where an edge said so, 408 where nothing came back, else an ICMP error did.</param>
    public void LoseFlow(Handle handle, int code)
    {
        ref CallState call = ref calls[handle];
        if (call.Flow.IsNone || (code != 430 && !IsUnheard(call))) return;
        // What came in pieces may be lost for its size: a stranger's long message says nothing of the flow.
        bool isLong = clients.IsLive(call.InviteClient) &&
            clients.RequestBytes(call.InviteClient) > Limits.UnbrokenBytesMax;
        if (code != 408 || !isLong) registered.MarkFailed(call.Flow, isGone: code != 408);
    }

    private bool IsUnheard(in CallState call) =>
        !clients.IsLive(call.InviteClient) || !clients[call.InviteClient].Heard;

    /// <summary>What a request is answered whose attempt ended unanswered (16.8, 16.9).</summary>
    public int LostCode(Handle handle, bool timedOut)
    {
        ref CallState call = ref calls[handle];
        // The core knows the flow and may know another one (RFC 5626 5.3.1); whose flows only we know, is away.
        if (call.Flow.IsToken && IsUnheard(call)) return 430;
        return timedOut ? 408 : call.Flow.IsNone ? 503 : 480;
    }

    /// <summary>A failed flow is this registrar's matter where it is the one (RFC 5626 7).</summary>
    public int ToCaller(Handle handle, int code) =>
        code == 430 && work.Snapshot.RouteById(calls[handle].Route) is { Target: RouteTarget.Registered } ? 480
            : Failure.ToCaller(code);

    /// <summary>
    /// A redirection led to a user of ours: the best of the flows registered gets it. Or the core registrar's side asks
    /// for the Contact that it was given, which is one flow.
    /// </summary>
    private int SendToRegistered(Handle handle, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        request = work.Rewritten(call.Route, toTarget: true, request);
        Realm from = work.Snapshot.Realms[call.Legs[CallState.Ingress].Realm];
        int refusal = registered.Find(RequestUri(handle, request), from, out FoundBindings found);
        return refusal != 0 ? refusal : SendToFlow(handle, request, found.Target(0));
    }

    /// <param name="request">As its route rewrote it.</param>
    private int SendToFlow(Handle handle, SipMessage request, scoped CallTarget target)
    {
        // A reload may have taken the listener away that the target was found on.
        if (work.Snapshot.ListenerOf(target.Listener, target.ListenerGeneration) is not { } listener) return 480;
        Realm realm = work.Snapshot.Realms[listener.RealmId];
        int peer = work.Snapshot.PeerLookup.Find(realm.Id, target.Address)?.Id ?? -1;
        if (calls[handle].Kind == CallKind.Session) targets.Hold(peer, ref calls[handle].Target);
        calls[handle].Legs[CallState.Egress].Peer = peer;
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        var egress = new EgressTarget
        {
            Realm = realm,
            Listener = listener,
            Address = target.Address,
            HostPort = text[..HostMap.WriteTarget(target.Address, text)],
            Routes = target.Routes,
            Flow = target.Flow,
        };
        return Send(handle, request, egress, target.RequestUri);
    }

    private int SendToUri(Handle handle, SipMessage request, Route route)
    {
        request = work.Rewritten(route.Id, toTarget: true, request);
        Realm from = work.Snapshot.Realms[calls[handle].Legs[CallState.Ingress].Realm];
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int refusal = EgressLocation.Locate(request, RequestUri(handle, request), work.Snapshot, from,
            route.EgressRealm!, routes, out int length, out SipUri uri);
        ref CallState call = ref calls[handle];
        TransportAddress address = default;
        bool isNamed = refusal == 0 && !uri.TryGetAddress(5060, out address);
        if (isNamed)
        {
            refusal = locations.Locate(uri, route.EgressRealm!, handle, ref call.Target.Tried, out address);
            call.AwaitsName = refusal < 0;
            if (call.AwaitsName) return 0;
        }
        bool hasMore = isNamed && locations.HasMore;
        if (refusal == 0 && EgressLocation.IsOwn(work.Snapshot, address)) refusal = 404;
        Listener? listener = refusal == 0 ? route.EgressRealm!.ListenerFor(address) : null;
        if (refusal == 0 && listener is null) refusal = 500;
        if (refusal != 0) return refusal;
        int peer = work.Snapshot.PeerLookup.Find(route.EgressRealm!.Id, address)?.Id ?? -1;
        if (calls[handle].Kind == CallKind.Session) targets.Hold(peer, ref calls[handle].Target);
        calls[handle].Legs[CallState.Egress].Peer = peer;
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        var egress = new EgressTarget
        {
            Realm = route.EgressRealm!,
            Listener = listener!,
            Address = address,
            HostPort = text[..HostMap.WriteTarget(address, text)],
            Routes = routes[..length],
        };
        refusal = Send(handle, request, egress);
        if (refusal == 0 && hasMore) clients.StartSilence(call.InviteClient, Limits.NameSilenceMilliseconds);
        return refusal;
    }

    /// <param name="request">As its route rewrote it.</param>
    /// <param name="requestUri">What it is sent with; empty: as <see cref="RequestUri"/> says.</param>
    private int Send(
        Handle handle, SipMessage request, in EgressTarget egress, ReadOnlySpan<byte> requestUri = default)
    {
        ref CallState call = ref calls[handle];
        if (requestUri.Length == 0) requestUri = RequestUri(handle, request);
        early.Spend(handle);
        call.Flow = egress.Flow;
        if (call.IsBranch && !call.HasMedia) media.ShareWithBranches(handle, egress.Realm, egress.Address);
        var map = new HostMap
        {
            From = work.Snapshot.Realms[call.Legs[CallState.Ingress].Realm],
            FromTrusted = work.Snapshot.Trusts(call.Legs[CallState.Ingress].Realm, call.Legs[CallState.Ingress].Peer),
            To = egress.Realm,
            ToTrusted = work.Snapshot.Trusts(egress.Realm.Id, call.Legs[CallState.Egress].Peer),
            ToListener = egress.Listener,
            Target = egress.HostPort,
            TargetAddress = egress.Address,
            ToPeer = call.Legs[CallState.Egress].Peer >= 0,
            Names = names,
            OwnsSessionTimer = call.SessionSeconds > 0,
            OwnsMaxBreadth = call.Breadth > 0,
        };
        if (!setup.TryEgress(handle, request, requestUri, egress, map)) return 503;
        if (!media.TryRequestBody(
            handle, CallState.Ingress, request, map, out ReadOnlySpan<byte> body, out int refusal)) return refusal;
        Span<byte> lines = stackalloc byte[Limits.TimerLinesBytesMax];
        var timer = new SipWriter(lines);
        if (call.SessionSeconds > 0) CallTimers.WriteLines(ref timer, call.SessionSeconds, "uac"u8);
        if (call.Breadth > 0) timer.Header("Max-Breadth: "u8, call.Breadth);
        var parts = new LegRequestParts
        {
            Method = request.MethodToken,
            MaxForwards = MaxForwards.Next(request),
            Source = request,
            Body = body,
            ExtraLines = timer.Written,
            HasContact = request.Method.HasContact(),
        };
        var use = new LegRequestUse(request.Method, ClientPurpose.Relayed)
        {
            Server = call.InviteServer,
            Life = LifeOf(call, request.Method),
        };
        refusal = requests.Send(handle, CallState.Egress, parts, map, use, out call.InviteClient);
        if (request.Method == SipMethod.Refer)
        {
            call.Legs[CallState.Ingress].ReferCSeq = call.InviteCSeq;
            call.Legs[CallState.Egress].ReferCSeq = call.Legs[CallState.Egress].LocalCSeq;
        }
        if (refusal == 0 && servers.IsLive(call.InviteServer)) servers[call.InviteServer].Client = call.InviteClient;
        return refusal;
    }

    /// <summary>
    /// Timer F. One branch that is silent must not keep the answers of the others until nobody waits for one.
    /// </summary>
    private int LifeOf(in CallState call, SipMethod method)
    {
        Timers timers = work.Snapshot.Timers;
        if (!call.IsBranch || method == SipMethod.Invite) return timers.T1x64;
        // Where others wait, three silent ones leave the fourth its time.
        return call.HasNext ? timers.T1x64 / 4 : timers.T1x64 - (2 * timers.T1);
    }

    /// <summary>
    /// The session interval of the box was too small for the peer (422, RFC 4028 6): the same again with its Min-SE.
    /// </summary>
    public bool TryRaiseSession(Handle handle, SipMessage response, out int refusal)
    {
        refusal = 0;
        ref CallState call = ref calls[handle];
        if (response.StatusCode != 422 || call.SessionSeconds == 0) return false;
        if (!CallTimers.TryReadSeconds(response.Value(HeaderName.MinSe), out uint seconds)) return false;
        if (seconds <= call.SessionSeconds || seconds > Limits.SessionSecondsMax) return false;
        call.SessionSeconds = (int)seconds;
        SipMessage request = Stored(handle);
        refusal = Send(handle, request, call.Legs[CallState.Egress].Peer);
        return true;
    }

    /// <summary>
    /// Sends the stored request to another peer of the route. False where there is none, or somebody rang.
    /// </summary>
    /// <param name="refusal">On true: 0, or the response that refuses the request after all.</param>
    public bool TryNext(Handle handle, out int refusal)
    {
        refusal = 0;
        ref CallState call = ref calls[handle];
        if (call.Rang) return false;
        if (IsFlow(call)) return TryNextFlow(handle);
        if (work.Snapshot.RouteById(call.Route) is not { } route) return false;
        // The next address of a name (RFC 3263 4.3).
        if (route.Target == RouteTarget.RequestUri)
            return call.Target.Tried != 0 && SendToUri(handle, Stored(handle), route) == 0;
        if (route.Target != RouteTarget.Group) return false;
        return TrySendToPeer(handle, Stored(handle), route, -1, out refusal);
    }

    /// <summary>
    /// Whether an attempt that ended so goes to the next target: as its group says, or, at an address of a name, with
    /// 503, silence and ICMP errors (RFC 3263 4.3).
    /// </summary>
    public bool FailsOverOn(Handle handle, int code) =>
        !calls[handle].Flow.IsNone ? code is 408 or 430
            : work.Snapshot.GroupById(calls[handle].Group) is { } group ? group.Failover.IsOn(code)
            : code == 503 && calls[handle].Target.Tried != 0;

    /// <summary>The same where no response came.</summary>
    public bool FailsOverUnanswered(Handle handle, bool timedOut) =>
        !calls[handle].Flow.IsNone || (work.Snapshot.GroupById(calls[handle].Group) is { Failover: { } failover }
            ? timedOut ? failover.OnTimeout : failover.OnTransport
            : calls[handle].Target.Tried != 0);

    /// <summary>DNS answered for a call that waited. False: it does not wait any more.</summary>
    public bool TryResume(Handle handle, out int refusal)
    {
        refusal = 0;
        if (!calls.IsLive(handle) || !calls[handle].AwaitsName || calls[handle].Phase != CallPhase.Setup) return false;
        calls[handle].AwaitsName = false;
        refusal = Send(handle, Stored(handle));
        return true;
    }

    /// <summary>The request's own, or that of the target or the redirection that it goes to.</summary>
    public ReadOnlySpan<byte> RequestUri(Handle handle, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        if (call.Redirects.IsNone || call.RedirectNext == 0)
            return IsFlow(call) ? TargetOf(call).RequestUri : request.RequestUri;
        return work.Buffers.Bytes(call.Redirects)[call.RedirectStart..(call.RedirectNext - 1)];
    }

    /// <summary>
    /// The peer was silent for the failover's time: the next one gets the request, this branch is cancelled.
    /// </summary>
    public int OnSilent(Handle client)
    {
        Handle handle = clients[client].Call;
        if (!FailsOverUnanswered(handle, timedOut: true)) return 0;
        LoseFlow(handle, 408);
        // Whether somebody else takes it is known first: else the silent one may still answer.
        if (!TryNext(handle, out int refusal)) return 0;
        clients.Cancel(client);
        clients.StopRetransmitting(client);
        return refusal;
    }

    /// <summary>The request that began the call, as it was received; valid until the next call.</summary>
    public SipMessage Stored(Handle handle)
    {
        ArraySegment<byte> bytes = work.Buffers.Segment(servers[calls[handle].InviteServer].Request);
        _stored.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        return _stored;
    }
}
