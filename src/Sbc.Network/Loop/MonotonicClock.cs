using System.Diagnostics;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>The process's monotonic clock (CLOCK_MONOTONIC through the vDSO, no system call).</summary>
public static class MonotonicClock
{
    public static Instant Now => At(Stopwatch.GetTimestamp());

    /// <param name="timestamp">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
    internal static Instant At(long timestamp) => new(ToMicroseconds(timestamp));

    // Linux counts nanoseconds, so the division is by a constant where it matters.
    internal static long ToMicroseconds(long ticks) =>
        Stopwatch.Frequency == 1_000_000_000 ? ticks / 1000 : (long)(ticks * (1_000_000.0 / Stopwatch.Frequency));
}
