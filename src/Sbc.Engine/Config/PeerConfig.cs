namespace Sbc.Engine.Config;

/// <summary>One entry of <c>peers</c>: a configured neighbour: proxy, PBX, carrier.</summary>
public sealed record PeerConfig
{
    /// <summary>The key in <c>peers</c>; unique across realms, peers and groups, and a metric label.</summary>
    public required string Name { get; init; }

    /// <summary><c>realm</c>: the name of the realm the peer is reached through.</summary>
    public string Realm { get; init; } = "";

    /// <summary><c>uri</c>: where it is. Required; null only in a configuration that has been refused.</summary>
    public PeerUri? Uri { get; init; }

    /// <summary><c>trust</c> of the identities it asserts (P-Asserted-Identity). Null: as its realm.</summary>
    public RealmTrust? Trust { get; init; }

    /// <summary><c>source</c> as written: who it is when it calls.</summary>
    public IReadOnlyList<IPPrefix> Source { get; init; } = [];

    /// <summary><c>auth</c>: credentials this box answers its challenges with. Null: none.</summary>
    public PeerAuthConfig? Auth { get; init; }

    /// <summary><c>calls_max</c>: calls at a time. Null: no limit.</summary>
    public int? CallsMax { get; init; }

    /// <summary><c>calls_per_second</c>: new calls a second. Null: no limit.</summary>
    public int? CallsPerSecond { get; init; }

    /// <summary>The prefixes it is recognised by: those written, else the address of its uri.</summary>
    public IReadOnlyList<IPPrefix> SourcesInForce =>
        Source.Count > 0 ? Source : Uri?.Host.Address is { } address ? [IPPrefix.Of(address)] : [];
}
