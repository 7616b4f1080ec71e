using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>
/// The highest rate of calls without a failure and with at most 0.1 % retransmitted, by doubling and then halving
/// the gap, in a bounded number of short runs. A run is tried twice before it counts as not clean,
/// unless it lost more than a hundredth of its calls.
/// </summary>
internal static class CleanRate
{
    private const int RunSeconds = 3;
    private const int HighestRate = 32000;
    private const double PaceKept = 0.95;

    /// <returns>
    /// Calls a second, 0 when the first steps were not clean; and whether SIPp fell behind, not the box.
    /// </returns>
    public static (int Rate, bool SippIsTheLimit) Find(Workspace workspace, Subject subject, int steps)
    {
        var (clean, unclean, rate, behind) = (0, 0, 1000, false);
        for (var step = 0; step < steps && rate <= HighestRate; step++)
        {
            var outcome = Try(workspace, subject, rate);
            if (outcome == Outcome.Unclean) outcome = Try(workspace, subject, rate);
            behind = outcome == Outcome.Behind || (behind && outcome == Outcome.Clean);
            if (outcome == Outcome.Clean) clean = rate;
            else unclean = rate;
            rate = unclean == 0 ? clean * 2 : (clean + unclean) / 2 / 100 * 100;
            if (rate <= clean) break;
        }
        return (clean, behind);
    }

    private enum Outcome { Clean, Unclean, Broken, Behind }

    private static Outcome Try(Workspace workspace, Subject subject, int rate)
    {
        var folder = workspace.NewFolder(subject.Name, $"rate-{rate}");
        using var box = subject.Start(workspace, folder);
        var run = CallRun.Measure(workspace, subject, box, folder, "load", rate * RunSeconds, rate);
        if (!run.IsClean) return run.Failed > run.Calls / 100 ? Outcome.Broken : Outcome.Unclean;
        // The last call ends after the last one starts: half a second of the run is not pace.
        var pace = run.Calls / Math.Max(run.Calls / run.CallsPerSecond - 0.5, RunSeconds);
        return pace >= rate * PaceKept ? Outcome.Clean : Outcome.Behind;
    }
}
