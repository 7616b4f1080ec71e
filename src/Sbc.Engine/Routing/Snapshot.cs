namespace Sbc.Engine.Routing;

/// <summary>Everything a worker needs to decide, compiled and immutable; replaced as a whole by a reload.</summary>
public sealed class Snapshot
{
    public required long Generation { get; init; }

    public required Realm[] Realms { get; init; }

    /// <summary>By port index: listener i is a worker's port i.</summary>
    public required Listener[] Listeners { get; init; }

    public required Peer[] Peers { get; init; }

    public required PeerLookup PeerLookup { get; init; }

    /// <summary>Groups as configured, then one for each peer that a route names directly.</summary>
    public required Group[] Groups { get; init; }

    public required Route[] Routes { get; init; }

    public required Timers Timers { get; init; }

    /// <summary>The route in that row of the counters; null when a reload took it away.</summary>
    public Route? RouteById(int id)
    {
        foreach (Route route in Routes)
        {
            if (route.Id == id) return route;
        }
        return null;
    }

    /// <summary>The group in that row; null for -1 and when a reload took it away.</summary>
    public Group? GroupById(int id)
    {
        foreach (Group group in Groups)
        {
            if (group.Id == id) return group;
        }
        return null;
    }

    /// <summary>First match wins; null without one.</summary>
    public Route? Match(Realm realm, Peer? source)
    {
        foreach (Route route in Routes)
        {
            if (route.Matches(realm, source)) return route;
        }
        return null;
    }

    /// <summary>Whether identities that are asserted there count: a peer's own trust, else its realm's.</summary>
    /// <param name="peer">Row of the peer; -1: none.</param>
    public bool Trusts(int realm, int peer) =>
        (peer < 0 ? null : PeerById(peer))?.Trusted ?? Realms[realm].Trusted;

    /// <summary>The peer in the row of the shared cells; null when a reload took it away.</summary>
    public Peer? PeerById(int id)
    {
        foreach (Peer peer in Peers)
        {
            if (peer.Id == id) return peer;
        }
        return null;
    }
}
