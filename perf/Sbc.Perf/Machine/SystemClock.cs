using System.Diagnostics;
using System.Globalization;

namespace Sbc.Perf.Machine;

/// <summary>
/// Busy time of the whole machine over a stretch: processors x elapsed - idle - iowait. Not user + system, which
/// samples at ticks and overstates paced work several times.
/// </summary>
internal readonly struct SystemClock
{
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private readonly double idleSeconds = IdleSeconds();

    public SystemClock() { }

    public double BusySeconds =>
        Environment.ProcessorCount * Stopwatch.GetElapsedTime(startedAt).TotalSeconds - (IdleSeconds() - idleSeconds);

    private static double IdleSeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (double.Parse(fields[4], CultureInfo.InvariantCulture)
            + double.Parse(fields[5], CultureInfo.InvariantCulture)) / 100;
    }
}
