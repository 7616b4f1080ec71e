using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>
/// 20,000 calls at 1,000 a second, best of three: none may fail, at most 0.1 % may be sent again, and a call may
/// not cost more CPU than Kamailio with transactions and dialogs does in the same run.
/// </summary>
internal sealed class Acceptance(Workspace workspace, Options options)
{
    private const double RetransmissionShareMax = 0.001;

    public List<string> Run()
    {
        Console.WriteLine($"acceptance: {MachineLine.Describe()}");
        var product = new RowResult(SignallingRows.Product);
        var reference = new RowResult(SignallingRows.Dialogs);
        foreach (var row in new[] { product, reference })
            row.Try("check", () =>
            {
                if (row.Subject.Missing(workspace) is { } missing) throw new RowFailed(missing);
                RouteCheck.Run(workspace, row.Subject);
            });
        for (var round = 1; round <= options.Rounds && product.Problem is null; round++)
            foreach (var row in new[] { reference, product })
                row.Try($"round {round}", () => row.Runs.Add(RunOnce(row.Subject, round)));
        return Judge(product, reference);
    }

    private CallRun RunOnce(Subject subject, int round)
    {
        var folder = workspace.NewFolder(subject.Name, $"acceptance-{round}");
        using var box = subject.Start(workspace, folder);
        var run = CallRun.Measure(workspace, subject, box, folder, "load", options.Calls, options.CallsPerSecond);
        Console.WriteLine($"    failed {run.Failed}, sent again {run.RetransmissionShare:P2}, "
            + $"{run.CpuMicroseconds:F1} us a call");
        return run;
    }

    private static List<string> Judge(RowResult product, RowResult reference)
    {
        var problems = new List<string>();
        foreach (var row in new[] { product, reference })
            if (row.Problem is not null) problems.Add(row.Problem);
        if (product.Runs.Count == 0) return problems;
        var best = product.Runs.OrderBy(r => r.Failed).ThenBy(r => r.RetransmissionShare > RetransmissionShareMax)
            .ThenBy(r => r.CpuMicroseconds).First();
        Console.WriteLine($"""
            best of {product.Runs.Count}: {best.Calls} calls
              failed            {best.Failed}
              sent again        {best.RetransmissionShare:P2}
              CPU a call        {best.CpuMicroseconds:F1} us
              Kamailio's        {reference.CpuLeast:F1} us ({best.CpuMicroseconds / reference.CpuLeast:F2} of it)
            """);
        if (best.Failed > 0) problems.Add($"{best.Failed} calls failed");
        if (best.RetransmissionShare > RetransmissionShareMax)
            problems.Add($"{best.RetransmissionShare:P2} sent again, more than {RetransmissionShareMax:P1}");
        if (best.CpuMicroseconds > reference.CpuLeast)
            problems.Add($"{best.CpuMicroseconds:F1} us a call, more than Kamailio's {reference.CpuLeast:F1}");
        return problems;
    }
}
