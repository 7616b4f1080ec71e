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

    /// <summary><c>balance</c>. Default least_calls: it evens out what calls of unequal length unbalance.</summary>
    public BalanceMethod Balance { get; init; } = BalanceMethod.LeastCalls;

    public ProbeConfig Probe { get; init; } = new();

    public FailoverConfig Failover { get; init; } = new();

    /// <summary><c>panic</c>: what happens when too few peers are up, as text until the feature fixes its
    /// form.</summary>
    public string? Panic { get; init; }
}
