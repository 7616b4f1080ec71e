namespace Sbc.Engine.Routing;

/// <summary>RFC 3261 table 4 and this program's own, in milliseconds.</summary>
public sealed record Timers
{
    /// <summary>Round-trip estimate: first retransmission.</summary>
    public int T1 { get; init; } = 500;

    /// <summary>Largest interval of retransmissions.</summary>
    public int T2 { get; init; } = 4000;

    /// <summary>How long a message may stay in the network.</summary>
    public int T4 { get; init; } = 5000;

    /// <summary>An INVITE without a final response ends after this (Timer C, 16.6 step 11).</summary>
    public int RingingMax { get; init; } = 180_000;

    public long DurationMax { get; init; } = 43_200_000;

    /// <summary>OPTIONS within answered calls at this interval; 0: none.</summary>
    public int DialogProbe { get; init; }

    /// <summary>Timers B, F, H, J, L, M.</summary>
    public int T1x64 => T1 * 64;
}
