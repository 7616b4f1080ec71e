using Sbc.Perf.Machine;
using Sbc.Perf.Report;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>
/// All signalling rows: each is checked, then run in turn with the others, then searched and weighed.
/// </summary>
internal sealed class SignallingSuite(Workspace workspace, Options options, Readme readme)
{
    private const int WarmUpCalls = 500;
    private const double FloorReached = 0.9;

    public List<string> Run()
    {
        var where = MachineLine.Describe();
        Console.WriteLine($"signalling: {where}");
        var rows = SignallingRows.All.Where(s => options.Selects(s.Name)).Select(s => new RowResult(s)).ToList();
        foreach (var row in rows)
            row.Try("check", () =>
            {
                if (row.Subject.Missing(workspace) is { } missing) throw new RowFailed(missing);
                RouteCheck.Run(workspace, row.Subject);
            });
        for (var round = 1; round <= options.Rounds; round++)
            foreach (var row in rows)
                row.Try($"round {round}", () => row.Runs.Add(RunOnce(row.Subject, round)));
        if (options.RateSteps > 0)
            foreach (var row in rows)
                row.Try("highest clean rate", () => (row.CleanRate, row.SippIsTheLimit) =
                    CleanRate.Find(workspace, row.Subject, options.RateSteps));
        if (options.HeldCalls > 0)
            foreach (var row in rows.Where(r => r.Subject is not FloorForwarder && !r.Subject.ManyPorts))
                row.Try("held calls", () => row.BytesPerHeldCall = HeldCalls.BytesPerCall(
                    workspace, row.Subject, options.HeldCalls, options.SettleSeconds));
        var report = Render(rows, where);
        Console.WriteLine(report);
        if (options.WritesReadme) readme.Write("signalling", report);
        return [.. rows.Where(r => r.Problem is not null).Select(r => r.Problem!)];
    }

    private CallRun RunOnce(Subject subject, int round)
    {
        var folder = workspace.NewFolder(subject.Name, $"round-{round}");
        using var box = subject.Start(workspace, folder);
        CallRun.Measure(workspace, subject, box, folder, "warm-up", WarmUpCalls, options.CallsPerSecond);
        var run = CallRun.Measure(workspace, subject, box, folder, "load", options.Calls, options.CallsPerSecond);
        Console.WriteLine($"    {run.CpuMicroseconds:F1} us a call, {run.Failed} failed, "
            + $"{run.Retransmissions} sent again");
        return run;
    }

    private string Render(List<RowResult> rows, string where)
    {
        var floor = rows.Find(r => r.Subject == SignallingRows.Floor)?.CpuMedian ?? double.NaN;
        var floorRate = rows.Find(r => r.Subject == SignallingRows.Floor)?.CleanRate ?? 0;
        var dialogs = rows.Find(r => r.Subject == SignallingRows.Dialogs)?.CpuMedian ?? double.NaN;
        var table = new Table("row", "CPU µs a call", "least", "× floor", "× tm + dialog", "failed", "sent again",
            "whole system µs", "highest clean rate", "RSS MB", "bytes a held call");
        foreach (var row in rows)
            table.Add(row.Subject.Name, Table.Number(row.CpuMedian), Table.Number(row.CpuLeast),
                Table.Number(row.CpuMedian / floor, 2), Table.Number(row.CpuMedian / dialogs, 2),
                row.Runs.Count == 0 ? "not run" : $"{row.Failed}", Percent(row.RetransmissionShare),
                Table.Number(row.BusyMedian), Rate(row, floorRate), Table.Number(row.ResidentMedian / 1e6),
                Table.Number(row.BytesPerHeldCall));
        var calls = $"{options.Calls:N0} calls at {options.CallsPerSecond:N0}/s, {options.Rounds} round(s), rows in "
            + "turn";
        var helped = rows.Where(r => r.HelpersMedian > 0)
            .Select(r => $"\nOf \"{r.Subject.Name}\", rtpengine is {Table.Number(r.HelpersMedian)} µs a call.");
        var limit = rows.Any(r => r.CleanRate > 0)
            ? "\n`≥`: SIPp was the limit, not the box: it fell behind its own pace, or the floor gets no further."
            : "";
        return $"{where}. {calls}.\n\n{table}{string.Concat(helped)}{limit}\n";
    }

    private static string Percent(double share) => double.IsFinite(share) ? $"{share * 100:F2} %" : "";

    private static string Rate(RowResult row, int floorRate)
    {
        if (row.CleanRate == 0) return "";
        var sippIsTheLimit = row.SippIsTheLimit || (floorRate > 0 && row.CleanRate >= floorRate * FloorReached);
        return $"{(sippIsTheLimit ? "≥ " : "")}{row.CleanRate:N0}/s";
    }
}
