namespace Sbc.Engine.Config;

/// <summary><c>probe</c> of a group: OPTIONS that find out whether a peer is up.</summary>
public sealed record ProbeConfig
{
    /// <summary><c>interval_seconds</c> between probes of one peer. Default 10: with three misses a dead proxy is out
    /// in half a minute. 0: no probes, every peer counts as up until calls to it fail.</summary>
    public int IntervalSeconds { get; init; } = 10;

    /// <summary><c>down_after</c>: failures in a row that take a peer out. Default 3: one lost probe is the
    /// network.</summary>
    public int DownAfter { get; init; } = 3;

    /// <summary><c>up_after</c>: answers in a row that bring it back. Default 2: a proxy that restarts in a loop
    /// should not get calls each time.</summary>
    public int UpAfter { get; init; } = 2;
}
