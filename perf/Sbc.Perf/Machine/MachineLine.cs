using System.Globalization;

namespace Sbc.Perf.Machine;

/// <summary>One line that says where and when figures were taken.</summary>
internal static class MachineLine
{
    private const double OthersMax = 0.1;

    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var clock = new SystemClock();
        Thread.Sleep(1000);
        var busy = Math.Clamp(clock.BusySeconds / Environment.ProcessorCount, 0, 1);      // idle is read a little late
        var day = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"{day} UTC, {Environment.ProcessorCount} processors ({model ?? "unknown"}), Linux {kernel}, "
            + $"{busy:P0} busy before the run"
            + (busy > OthersMax ? " (shared with others: the whole system's figures and delays are theirs too)" : "");
    }
}
