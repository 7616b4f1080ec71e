namespace Sbc.Engine.Config;

/// <summary><c>probe</c> of a group: OPTIONS that find out whether a peer is up.</summary>
public sealed record ProbeConfig
{
    private static readonly IReadOnlyList<int> DownOnDefault = [503, 408];

    /// <summary><c>interval_seconds</c> between probes of one peer. Default 10: with three misses a dead proxy is out
    /// in half a minute. 0: no probes, every peer counts as up until calls to it fail.</summary>
    public int IntervalSeconds { get; init; } = 10;

    /// <summary><c>down_after</c>: failures in a row that take a peer out. Default 3: one lost probe is the
    /// network.</summary>
    public int DownAfter { get; init; } = 3;

    /// <summary><c>up_after</c>: answers in a row that bring it back. Default 2: a proxy that restarts in a loop
    /// should not get calls each time.</summary>
    public int UpAfter { get; init; } = 2;

    /// <summary><c>down_on</c>: answers that count as failures. Default 503 and 408: anything else was said by
    /// somebody who is alive.</summary>
    public IReadOnlyList<int> DownOn { get; init; } = DownOnDefault;

    /// <summary><c>slow_start_seconds</c>: how long a peer that came back gets less than its share, a tenth at first.
    /// Default 10: caches fill and pools grow in that time. 0: its whole share at once.</summary>
    public int SlowStartSeconds { get; init; } = 10;
}
