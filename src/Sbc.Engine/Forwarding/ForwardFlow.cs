using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Routing.Balancing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Forwarding;

/// <summary>
/// `mode: forward`: stateless load balancing (RFC 3261 16.11). What happens to a message is a function of the message
/// and the snapshot, so that any worker does it and nothing is remembered.
/// </summary>
public sealed class ForwardFlow(Workspace work, StatelessReply reply, PeerHealth health)
{
    private readonly ForwardWriter _write = new(work);

    /// <summary>False: not a matter of this mode, and nothing was done.</summary>
    public bool TryRequest(SipMessage request, in ViaValue via, in Origin origin, bool hasToTag, out Verdict verdict)
    {
        verdict = default;
        if (!work.Snapshot.Forwards || MaxForwards.IsSpent(request)) return false;
        if (UnsupportedOptions.Any(request, HeaderName.ProxyRequire)) return false;
        int taken = OwnRoutes(request, origin, out ForwardRoute own);
        if (taken > 0)
        {
            verdict = OnRouted(request, via, origin, own, taken);
            return true;
        }
        Route? route = work.Match(request, origin, request.RequestUri);
        if (route is not { Forwards: true }) return false;
        verdict = OnMatched(request, via, origin, route, hasToTag);
        return true;
    }

    /// <summary>A response above whose Via stands the one that we wrote for it goes there, and no other.</summary>
    public Verdict OnResponse(SipMessage response, in ViaValue own, SipMethod method, in Origin origin)
    {
        if (!TryNextVia(response, out ViaValue via) || !NextVia.TryRead(via, work.Hash, out NextVia next) ||
            !work.ForwardTokens.TryRead(own.Branch[7..], next, out ForwardBranch branch))
            return Verdict.Dropped(DropReason.ForeignResponse);
        Listener[] listeners = work.Snapshot.Listeners;
        if (branch.Ingress >= listeners.Length || branch.Egress >= listeners.Length ||
            listeners[branch.Egress].RealmId != origin.Realm.Id) return Verdict.Dropped(DropReason.ForeignResponse);
        if (origin.Peer is { } peer) OnPeerResponse(peer.Id, response);
        var writer = new SipWriter(work.Outbox.Open());
        ForwardWriter.Response(ref writer, response, own);
        if (writer.Overflowed) return Verdict.Dropped(DropReason.TooLong);
        work.Outbox.Commit(writer.Length, branch.Ingress, next.Destination, method);
        return Verdict.Forwarded;
    }

    /// <summary>An ICMP error for a request that was forwarded: it is the peer's, nobody else waits for it.</summary>
    public void OnTransportError(Realm realm, in TransportAddress remote)
    {
        if (work.Snapshot.PeerLookup.Find(realm.Id, remote) is not { } peer) return;
        work.Counters.CountPeerResponse(peer.Id, WorkerCounters.PeerClassTransport);
        health.OnSilence(peer.Id);
    }

    private void OnPeerResponse(int peer, SipMessage response)
    {
        work.Counters.CountPeerResponse(peer, (response.StatusCode / 100) - 1);
        work.Cells.Failures.Heard(peer);
        NameAddress.TryParse(response.Value(HeaderName.To), out NameAddress to);
        health.OnResponse(peer, to.Uri, response);
    }

    /// <summary>A request without a Route of ours: the rule's group has a peer for its key.</summary>
    private Verdict OnMatched(SipMessage request, in ViaValue via, in Origin origin, Route route, bool hasToTag)
    {
        bool begins = !hasToTag && request.Method is not (SipMethod.Ack or SipMethod.Cancel);
        if (begins && (work.Cells.Draining || work.Snapshot.Listeners[origin.Listener].IsRetired))
            return Refuse(request, via, origin, 503, "Retry-After: 30\r\n"u8);
        if (!TryPeer(request, origin, route, out Peer? peer))
            return Refuse(request, via, origin, 503, "Retry-After: 5\r\n"u8);
        if (begins && request.Method == SipMethod.Invite) work.Cells.CountPeerCall(peer!.Id);
        return Send(request, via, origin, new ForwardHop
        {
            Listener = peer!.Listener,
            Address = peer.Address,
            Target = peer.HostPort,
            RoutesTaken = LeadingOwnRoutes(request, origin.Realm),
            // Routes of an untrusted realm would let strangers choose who behind the peer gets the request.
            DropsRoutes = !origin.Realm.Trusted,
            Recorded = begins && request.Method != SipMethod.Register && Records(route, origin, peer) ? route : null,
        });
    }

    private static bool Records(Route route, in Origin origin, Peer peer) =>
        route.RecordsRoute ?? peer.Realm.Id != origin.Realm.Id;

    /// <summary>A request that our own Record-Route brought here: to the next Route, or to its Request-URI.</summary>
    private Verdict OnRouted(SipMessage request, in ViaValue via, in Origin origin, in ForwardRoute own, int taken)
    {
        Listener listener = work.Snapshot.Listeners[own.Egress];
        Realm egress = work.Snapshot.Realms[listener.RealmId];
        ReadOnlySpan<byte> next = RouteAt(request, taken);
        TransportAddress address = default;
        bool found = next.Length == 0 && !own.Flow.IsNone;
        if (found) address = own.Flow;
        else found = TryLocate(next.Length > 0 ? next : request.RequestUri, out address);
        // Whoever has a dialog has a token. It leads to peers: anything else behind them is theirs to reach.
        if (!origin.Realm.Trusted && (!found || work.Snapshot.PeerLookup.Find(egress.Id, address) is null))
        {
            Peer? peer = null;
            found = work.Snapshot.RouteById(own.Route) is { Forwards: true } route &&
                TryPeer(request, origin, route, out peer) && peer!.Realm.Id == egress.Id;
            if (found) address = peer!.Address;
        }
        if (!found || IsOwn(address)) return Refuse(request, via, origin, 404);
        if (listener.Local.IsIPv4 != address.IsIPv4)
        {
            if (egress.ListenerFor(address) is not { } other) return Refuse(request, via, origin, 404);
            listener = other;
        }
        var hop = new ForwardHop { Listener = listener, Address = address, RoutesTaken = taken };
        return Send(request, via, origin, hop);
    }

    private Verdict Send(SipMessage request, in ViaValue via, in Origin origin, scoped ForwardHop hop)
    {
        var writer = new SipWriter(work.Outbox.Open());
        _write.Request(ref writer, request, via, origin, hop);
        if (writer.Overflowed) return Refuse(request, via, origin, 513);
        work.Outbox.Commit(writer.Length, hop.Listener.Index, hop.Address, request.Method);
        return Verdict.Forwarded;
    }

    private bool TryPeer(SipMessage request, in Origin origin, Route route, out Peer? peer)
    {
        Group group = route.Group!;
        ulong key = group.Balance == Balance.SourceHash
            ? TargetKeys.HashOf(origin.Source, work.Hash)
            : work.Hash.Hash(request.Value(HeaderName.CallId));
        ulong candidates = Candidates.Of(group, 0, work.Cells, key, work.Now);
        int member = ConsistentHash.Choose(group, candidates, key);
        peer = member < 0 ? null : group.Members[member];
        return peer is not null;
    }

    /// <summary>Values at the top of Route that carry tokens of ours, made for the realm it came from; 0: none.
    /// </summary>
    private int OwnRoutes(SipMessage request, in Origin origin, out ForwardRoute own)
    {
        own = default;
        if (!request.Has(HeaderName.Route) || !TryReadToken(RouteAt(request, 0), out own)) return 0;
        Listener[] listeners = work.Snapshot.Listeners;
        if (own.Listener >= listeners.Length || own.Egress >= listeners.Length) return 0;
        if (listeners[own.Listener].RealmId != origin.Realm.Id) return 0;
        return TryReadToken(RouteAt(request, 1), out _) ? 2 : 1;
    }

    private bool TryReadToken(ReadOnlySpan<byte> text, out ForwardRoute route)
    {
        route = default;
        return SipUri.TryParse(text, out SipUri uri) && work.ForwardTokens.TryRead(uri.User, out route);
    }

    /// <summary>Routes that name us without a token: a phone whose outbound proxy we are.</summary>
    private static int LeadingOwnRoutes(SipMessage request, Realm realm)
    {
        int count = 0;
        while (SipUri.TryParse(RouteAt(request, count), out SipUri uri) && uri.IsSip && realm.IsOwnHost(uri.Host))
            count++;
        return count;
    }

    /// <summary>The URI of the Route value at a place; empty: none.</summary>
    private static ReadOnlySpan<byte> RouteAt(SipMessage request, int place)
    {
        var values = new HeaderValues(request, HeaderName.Route);
        for (int i = 0; values.MoveNext(); i++)
        {
            if (i == place) return NameAddress.TryParse(values.Current, out NameAddress route) ? route.Uri : default;
        }
        return default;
    }

    /// <summary>A name would have to wait for DNS, which nothing without state can.</summary>
    private static bool TryLocate(ReadOnlySpan<byte> text, out TransportAddress address)
    {
        address = default;
        return SipUri.TryParse(text, out SipUri uri) && uri.IsSip && uri.TryGetAddress(5060, out address);
    }

    private bool IsOwn(in TransportAddress address)
    {
        foreach (Listener listener in work.Snapshot.Listeners)
        {
            if (listener.Local == address || listener.Advertised == address) return true;
        }
        return false;
    }

    private static bool TryNextVia(SipMessage response, out ViaValue next)
    {
        next = default;
        if (!response.TryFind(HeaderName.Via, out int index)) return false;
        ReadOnlySpan<byte> field = response.Value(index);
        int comma = Quoting.IndexOfValueEnd(field);
        if (comma >= 0) return ViaValue.TryParse(field[(comma + 1)..], out next);
        return response.TryNext(ref index) && ViaValue.TryParse(response.Value(index), out next);
    }

    private Verdict Refuse(
        SipMessage request, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> extraLines = default)
    {
        if (request.Method == SipMethod.Ack) return Verdict.Dropped(DropReason.StrayAck);
        reply.Send(request, via, origin, code, default, extraLines);
        return Verdict.Answered;
    }
}
