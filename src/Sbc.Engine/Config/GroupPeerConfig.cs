namespace Sbc.Engine.Config;

/// <summary>A member of a group: <c>proxy-a</c> or <c>{name: proxy-b, weight: 2, priority: 1}</c>.</summary>
public sealed record GroupPeerConfig
{
    public const int WeightDefault = 1;
    public const int PriorityDefault = 0;

    /// <summary><c>name</c> of the peer.</summary>
    public required string Peer { get; init; }

    /// <summary><c>weight</c>: share of the calls relative to the others. Default 1.</summary>
    public int Weight { get; init; } = WeightDefault;

    /// <summary><c>priority</c>: a lower number is used first, as in SRV (RFC 2782). Default 0.</summary>
    public int Priority { get; init; } = PriorityDefault;
}
