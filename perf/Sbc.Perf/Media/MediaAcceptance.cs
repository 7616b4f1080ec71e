using Sbc.Perf.Machine;
using Sbc.Perf.Report;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>
/// 1,000 streams for a minute, best of the rounds: none of their packets may be lost, come twice or arrive at the wrong
/// leg, one in a hundred may be delayed by a millisecond, and a packet may cost at most 0.75 of what it costs rtpengine
/// in the same run; a call's media set up and ended at most a third.
/// </summary>
internal sealed class MediaAcceptance(Workspace workspace, Options options)
{
    private const int Calls = 500;
    private const int Seconds = 60;
    private const double DelayMicrosecondsMax = 1000;
    private const double PacketShareMax = 0.75;
    private const double SetupShareMax = 1 / 3.0;

    private readonly MediaPath direct = new DirectPath();
    private readonly MediaPath reference = new RtpenginePath();

    private readonly MediaPath product =
        new SbcPath("sbc, sockets, workers 1", new SbcSetup("1", Media: true, Datapath: "sockets"));

    public List<string> Run()
    {
        Console.WriteLine($"media acceptance: {MachineLine.Describe()}");
        try
        {
            var plain = Measure(direct, "plain", 10);
            var other = Measure(reference, "reference", 10);
            var runs = Enumerable.Range(1, options.Rounds).Select(i => Measure(product, $"{i}", Seconds)).ToList();
            var best = runs.OrderBy(r => r.LossShare).ThenBy(r => r.P99).First();
            var problems = new List<string>();
            if (best.LossShare != 0) problems.Add($"{best.LossShare:P4} of the packets were lost");
            if (runs.Any(r => r.WrongLeg + r.Duplicates > 0)) problems.Add("packets came twice or to the wrong leg");
            if (best.P99 - plain.P99 > DelayMicrosecondsMax) problems.Add($"p99 is {best.P99 - plain.P99:F0} us more");
            if (best.CpuMicroseconds > PacketShareMax * other.CpuMicroseconds)
                problems.Add($"{best.CpuMicroseconds:F2} us a packet beside rtpengine's {other.CpuMicroseconds:F2}");
            var setup = new SetupCost(workspace, options);
            if (setup.Run(out _) is { } problem) problems.Add(problem);
            else if (setup.Share > SetupShareMax) problems.Add($"set-up costs {setup.Share:F2} of rtpengine's");
            return problems;
        }
        catch (RowFailed failure)
        {
            return [failure.Message];
        }
    }

    private MediaRun Measure(MediaPath path, string name, int seconds)
    {
        if (path.Missing(workspace) is { } missing) throw new RowFailed(missing);
        var folder = workspace.NewFolder("media acceptance", name);
        using var media = path.Start(workspace, folder, Calls);
        var run = MediaRun.Measure(workspace, folder, media, seconds);
        Console.WriteLine($"  {path.Name}: {run.Sent} packets, {run.LossShare:P4} lost, "
            + $"{run.WrongLeg} to the wrong leg, {run.Duplicates} twice, "
            + $"{run.CpuMicroseconds:F2} us a packet, p99 {run.P99:F0} us");
        return run;
    }
}
