using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
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
    RegisteredTargets registered)
{
    private readonly SipMessage _stored = new();

    /// <summary>Sends the request to the next target.</summary>
    /// <param name="preferred">Row of the peer that a challenge came from; -1: any.</param>
    /// <returns>0 when it is on its way; else the response that refuses it.</returns>
    public int Send(Handle handle, SipMessage request, int preferred = -1)
    {
        Route? route = work.Snapshot.RouteById(calls[handle].Route);
        if (route is null) return 503;
        if (route.Target == RouteTarget.RequestUri) return SendToUri(handle, request, route);
        if (route.Target == RouteTarget.Registered) return SendToBinding(handle, request);
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
        if (!targets.TryNext(route, keys, preferred, work.NextRandom(), work.Now, ref call.Target,
            out Group? group, out Peer? peer)) return false;
        call.Group = (short)group!.Id;
        call.Legs[CallState.Egress].Peer = peer!.Id;
        bool isLast = group.Members.Length == 1 && call.Target.Place == route.Groups.Length - 1;
        // What is no call takes no place of one.
        if (call.Kind != CallKind.Session) targets.Return(ref call.Target);
        var egress = new EgressTarget
        {
            Realm = peer.Realm,
            Listener = peer.Listener,
            Address = peer.Address,
            HostPort = peer.HostPort,
        };
        refusal = Send(handle, request, egress);
        if (refusal == 0 && !isLast) clients.StartSilence(call.InviteClient, group.Failover.SilenceMilliseconds);
        return true;
    }

    private int SendToUri(Handle handle, SipMessage request, Route route)
    {
        SipMessage rewritten = work.Rewritten(route.Id, toTarget: true, request);
        Realm from = work.Snapshot.Realms[calls[handle].Legs[CallState.Ingress].Realm];
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int refusal = EgressLocation.Locate(rewritten, RequestUri(handle, rewritten), work.Snapshot, from,
            route.EgressRealm!, routes, out int length, out TransportAddress address);
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
        return Send(handle, request, egress);
    }

    /// <summary>Sends the request to where the user of its Request-URI has registered.</summary>
    private int SendToBinding(Handle handle, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        request = work.Rewritten(call.Route, toTarget: true, request);
        Realm from = work.Snapshot.Realms[call.Legs[CallState.Ingress].Realm];
        int refusal = registered.Find(RequestUri(handle, request), from, out FoundBindings found);
        if (refusal != 0) return refusal;
        ref readonly Binding binding = ref found[0];
        BindingText texts = found.Text(0);
        // A reload may have taken the listener away that it registered on.
        if (binding.Listener >= work.Snapshot.Listeners.Length) return 480;
        Listener listener = work.Snapshot.Listeners[binding.Listener];
        Realm realm = work.Snapshot.Realms[listener.RealmId];
        int peer = work.Snapshot.PeerLookup.Find(realm.Id, binding.Remote)?.Id ?? -1;
        if (call.Kind == CallKind.Session) targets.Hold(peer, ref call.Target);
        call.Legs[CallState.Egress].Peer = peer;
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        var egress = new EgressTarget
        {
            Realm = realm,
            Listener = listener,
            Address = binding.Remote,
            HostPort = text[..HostMap.WriteTarget(binding.Remote, text)],
            Routes = texts.Path,
        };
        return Send(handle, request, egress, texts.Contact);
    }

    private int Send(
        Handle handle, SipMessage request, in EgressTarget egress, ReadOnlySpan<byte> requestUri = default)
    {
        ref CallState call = ref calls[handle];
        request = work.Rewritten(call.Route, toTarget: true, request);
        if (requestUri.Length == 0) requestUri = RequestUri(handle, request);
        early.Spend(handle);
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
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
        };
        if (!setup.TryEgress(handle, request, requestUri, egress, map)) return 503;
        if (!clients.TryCreate(request.Method, ClientPurpose.Relayed, out Handle client)) return 503;
        if (!media.TryRequestBody(
            handle, CallState.Ingress, request, map, out ReadOnlySpan<byte> body, out int refusal))
        {
            clients.Drop(client);
            return refusal;
        }
        ref LegState leg = ref call.Legs[CallState.Egress];
        Span<byte> lines = stackalloc byte[Limits.TimerLinesBytesMax];
        var timer = new SipWriter(lines);
        if (call.SessionSeconds > 0) CallTimers.WriteLines(ref timer, call.SessionSeconds, "uac"u8);
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        var parts = new LegRequestParts
        {
            Method = request.MethodToken,
            CSeq = ++leg.LocalCSeq,
            BranchKind = TokenKind.Branch,
            Branch = client,
            MaxForwards = MaxForwards.Next(request),
            Source = request,
            Body = body,
            ExtraLines = timer.Written,
            HasContact = request.Method.HasContact(),
        };
        requests.Write(ref writer, handle, CallState.Egress, parts, map);
        if (request.Method == SipMethod.Refer)
        {
            call.Legs[CallState.Ingress].ReferCSeq = call.InviteCSeq;
            leg.ReferCSeq = parts.CSeq;
        }
        ref ClientTransaction transaction = ref clients[client];
        transaction.Call = handle;
        transaction.Server = call.InviteServer;
        transaction.Leg = CallState.Egress;
        transaction.CSeq = parts.CSeq;
        transaction.HasNoOffer = body.Length == 0;
        transaction.Peer = leg.Peer;
        call.InviteClient = client;
        if (!writer.Overflowed &&
            clients.Send(client, slot, writer.Length, leg.Listener, leg.NextHop, work.Snapshot.Timers.T1x64))
        {
            if (servers.IsLive(call.InviteServer)) servers[call.InviteServer].Client = client;
            return 0;
        }
        clients.Drop(client);
        call.InviteClient = Handle.None;
        return writer.Overflowed ? 413 : 503;
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
        if (call.Rang || work.Snapshot.RouteById(call.Route) is not { Target: RouteTarget.Group } route) return false;
        return TrySendToPeer(handle, Stored(handle), route, -1, out refusal);
    }

    /// <summary>The request's own, or that of the redirection that is being followed.</summary>
    public ReadOnlySpan<byte> RequestUri(Handle handle, SipMessage request)
    {
        ref CallState call = ref calls[handle];
        return call.Redirects.IsNone || call.RedirectNext == 0
            ? request.RequestUri
            : work.Buffers.Bytes(call.Redirects)[call.RedirectStart..(call.RedirectNext - 1)];
    }

    /// <summary>
    /// The peer was silent for the failover's time: the next one gets the request, this branch is cancelled.
    /// </summary>
    public int OnSilent(Handle client)
    {
        Handle handle = clients[client].Call;
        if (work.Snapshot.GroupById(calls[handle].Group) is not { Failover.OnTimeout: true }) return 0;
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
