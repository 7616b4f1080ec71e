namespace Sbc.Engine.Config;

/// <summary>One entry of <c>groups</c>: peers to balance over.</summary>
public sealed record GroupConfig
{
    /// <summary>The key in <c>groups</c>; unique across realms, peers and groups, and a metric label.</summary>
    public required string Name { get; init; }

    /// <summary><c>peers</c>: at least one, unless <c>srv</c> finds them.</summary>
    public IReadOnlyList<GroupPeerConfig> Peers { get; init; } = [];

    /// <summary><c>srv</c>: the peers are the targets of this SRV record (RFC 2782). Null: not used.</summary>
    public string? Srv { get; init; }

    /// <summary><c>realm</c>: where the targets of <c>srv</c> are reached through. Required with it.</summary>
    public string? Realm { get; init; }

    /// <summary><c>balance</c>. Default least_calls: it evens out what calls of unequal length unbalance.</summary>
    public BalanceMethod Balance { get; init; } = BalanceMethod.LeastCalls;

    public ProbeConfig Probe { get; init; } = new();

    public FailoverConfig Failover { get; init; } = new();

    /// <summary><c>panic</c>: what happens when no peer is up. Default refuse.</summary>
    public PanicMode Panic { get; init; } = PanicMode.Refuse;

    /// <summary><c>calls_max</c>: calls at a time over all its peers. Null: no limit.</summary>
    public int? CallsMax { get; init; }

    /// <summary><c>calls_per_second</c>: new calls a second over all its peers. Null: no limit.</summary>
    public int? CallsPerSecond { get; init; }
}
