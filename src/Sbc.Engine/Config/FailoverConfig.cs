namespace Sbc.Engine.Config;

/// <summary><c>failover</c> of a group: when a call is tried at the next peer.</summary>
public sealed record FailoverConfig
{
    /// <summary>The final responses among <c>on</c>. Default 503: the peer says that another may do better
    /// (RFC 3261 21.5.4).</summary>
    public IReadOnlyList<int> OnStatuses { get; init; } = [503];

    /// <summary><c>timeout</c> among <c>on</c>: no answer within <see cref="SilenceMs"/>. Default true.</summary>
    public bool OnTimeout { get; init; } = true;

    /// <summary><c>transport</c> among <c>on</c>: it could not be sent, or ICMP said so. Default true.</summary>
    public bool OnTransport { get; init; } = true;

    /// <summary><c>silence_ms</c>: how long a peer may say nothing to an INVITE, not even 100. Default 3000: three
    /// transmissions at T1 = 500 ms, and a caller who is still waiting.</summary>
    public int SilenceMs { get; init; } = 3000;

    /// <summary><c>attempts_max</c>: peers tried for a call, the first included. Default 3.</summary>
    public int AttemptsMax { get; init; } = 3;
}
