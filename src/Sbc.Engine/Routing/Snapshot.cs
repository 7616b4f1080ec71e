using Sbc.Engine.Registrations;

namespace Sbc.Engine.Routing;

/// <summary>Everything a worker needs to decide, compiled and immutable; replaced as a whole by a reload.</summary>
public sealed class Snapshot
{
    public required long Generation { get; init; }

    /// <summary>By row; one that a reload took away is what it was, for its calls.</summary>
    public required Realm[] Realms { get; init; }

    /// <summary>By port index: listener i is a worker's port i. Those that a reload took away keep their place.
    /// </summary>
    public required Listener[] Listeners { get; init; }

    /// <summary>Bit i: port i is open, and its packets are listener i's.</summary>
    public required ulong OpenPorts { get; init; }

    public required Peer[] Peers { get; init; }

    public required PeerLookup PeerLookup { get; init; }

    /// <summary>Groups as configured, then one for each peer that a route names directly.</summary>
    public required Group[] Groups { get; init; }

    public required Route[] Routes { get; init; }

    public required Timers Timers { get; init; }

    /// <summary>The registrar of its own; null: REGISTER is not taken.</summary>
    public Registrar? Registrar { get; init; }

    /// <summary>Whether any route is of mode forward.</summary>
    public required bool Forwards { get; init; }

    /// <summary>The rules, by worker: each has its own.</summary>
    public required RouteTable[] Tables { get; init; }

    // Rows are dense and stay a name's own: found by index, with holes where a reload took a name away.
    public required Route?[] RoutesByRow { get; init; }

    public required Group?[] GroupsByRow { get; init; }

    public required Peer?[] PeersByRow { get; init; }

    /// <summary>The route in that row of the counters; null when a reload took it away.</summary>
    public Route? RouteById(int id) => At(RoutesByRow, id);

    /// <summary>The group in that row; null for -1 and when a reload took it away.</summary>
    public Group? GroupById(int id) => At(GroupsByRow, id);

    /// <summary>The peer in the row of the shared cells; null for -1 and when a reload took it away.</summary>
    public Peer? PeerById(int id) => At(PeersByRow, id);

    /// <summary>The listener that a flow was learned at; null when a reload took it away, whoever has its index now.
    /// </summary>
    public Listener? ListenerOf(int index, int generation) =>
        (uint)index < (uint)Listeners.Length && Listeners[index] is { IsRetired: false } listener &&
        listener.Generation == generation ? listener : null;

    private static T? At<T>(T?[] rows, int id)
        where T : class => (uint)id < (uint)rows.Length ? rows[id] : null;

    /// <summary>Whether identities that are asserted there count: a peer's own trust, else its realm's.</summary>
    /// <param name="peer">Row of the peer; -1: none.</param>
    public bool Trusts(int realm, int peer) =>
        PeerById(peer)?.Trusted ?? Realms[realm].Trusted;
}
