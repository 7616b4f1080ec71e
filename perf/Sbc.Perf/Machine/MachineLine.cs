using System.Globalization;

namespace Sbc.Perf.Machine;

/// <summary>One line that says where and when figures were taken.</summary>
internal static class MachineLine
{
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        var day = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"{day} UTC, {Environment.ProcessorCount} processors ({model ?? "unknown"}), Linux {kernel}, "
            + $"load average {load} before the run";
    }
}
