namespace Sbc.Simulation;

/// <summary>RFC 3261 table 4 and RFC 6026, in milliseconds.</summary>
public static class SipTimers
{
    public const long T1 = 500;
    public const long T2 = 4000;
    public const long T4 = 5000;

    /// <summary>Timers B, F, H, J, L and M, and how long a 2xx is repeated.</summary>
    public const long SixtyFourT1 = 64 * T1;

    public const long D = 32_000;
    public const long I = T4;
    public const long K = T4;

    public static long Backoff(long interval) => Math.Min(interval * 2, T2);
}
