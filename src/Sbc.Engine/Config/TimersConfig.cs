namespace Sbc.Engine.Config;

/// <summary><c>timers</c>.</summary>
public sealed record TimersConfig
{
    /// <summary><c>t1_ms</c>: round-trip estimate. Default 500 (RFC 3261 17.1.1.1).</summary>
    public int T1Ms { get; init; } = 500;

    /// <summary><c>t2_ms</c>: longest interval between retransmissions. Default 4000 (RFC 3261 17.1.2.2).</summary>
    public int T2Ms { get; init; } = 4000;

    /// <summary><c>t4_ms</c>: longest time a message lives in the network. Default 5000 (RFC 3261 17.1.2.2).</summary>
    public int T4Ms { get; init; } = 5000;

    /// <summary><c>ringing_seconds_max</c>: a call not answered by then is cancelled. Default 180, the least that
    /// RFC 3261 16.6 allows Timer C to be.</summary>
    public int RingingSecondsMax { get; init; } = 180;

    /// <summary><c>duration_seconds_max</c>: an answered call is ended after so long. Default 43200, twelve hours:
    /// longer than any conference, shorter than a forgotten call's bill.</summary>
    public int DurationSecondsMax { get; init; } = 43200;

    /// <summary><c>dialog_probe_seconds</c>: OPTIONS on both legs of an answered call at this interval; 408 or 481
    /// ends it. Default 0: off, for some phones answer 481 to what they do not know, and media silence and session
    /// timers show the same.</summary>
    public int DialogProbeSeconds { get; init; }
}
