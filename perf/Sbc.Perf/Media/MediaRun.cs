using System.Globalization;
using System.Text.Json;
using Sbc.Perf.Machine;

namespace Sbc.Perf.Media;

/// <summary>What the generator and /proc say of one run of packets.</summary>
internal sealed record MediaRun(
    long Sent, long Received, long WrongLeg, long Duplicates, double P50, double P99, double Longest, double Jitter,
    double Lateness,
    double CpuMicroseconds, double BusyMicroseconds)
{
    private const int PacketsPerSecond = 50;

    public double LossShare => 1 - (double)Received / Sent;

    public static MediaRun Measure(Workspace workspace, string folder, RunningMedia media, int seconds)
    {
        var ends = Path.Combine(folder, "ends");
        File.WriteAllLines(ends, media.Routes.Select((route, call) => string.Create(CultureInfo.InvariantCulture,
            $"{End(MediaPath.CallerEnd(call))} {End(route.CallerSendsTo)} "
            + $"{End(MediaPath.CalleeEnd(call))} {End(route.CalleeSendsTo)}")));
        using var generator = ChildProcess.Start(workspace.Rtp, 
            [ends, $"{seconds}", $"{PacketsPerSecond}", .. workspace.FarmNamespace is { } farm ? [farm] : (string[])[]],
            folder, "rtp");
        generator.WaitForText("measuring", TimeSpan.FromSeconds(15));
        var cpu = media.CpuNanoseconds;
        var machine = new SystemClock();
        Thread.Sleep(TimeSpan.FromSeconds(seconds - 0.5));      // polling the file meanwhile would be counted
        generator.WaitForText("measured", TimeSpan.FromSeconds(seconds + 15));
        cpu = media.CpuNanoseconds - cpu;
        var busy = machine.BusySeconds;
        if (!generator.WaitForExit(TimeSpan.FromSeconds(10)) || generator.ExitCode != 0)
            throw new RowFailed($"the generator failed: {generator.LogTail()}");
        using var json = JsonDocument.Parse(generator.Log().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        double Read(string name) => json.RootElement.GetProperty(name).GetDouble();
        var sent = Read("sent");
        return new MediaRun((long)sent, (long)Read("received"), (long)Read("wrong"), (long)Read("duplicates"),
            Read("p50_us"), Read("p99_us"),
            Read("max_us"), Read("jitter_us"), Read("late_us"), cpu / 1000.0 / sent, busy * 1e6 / sent);
    }

    private static string End(System.Net.IPEndPoint end) => $"{end.Address} {end.Port}";
}
