using Sbc.Perf.Machine;
using Sbc.Perf.Report;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>All media rows, in turn, each beside the same traffic without a relay.</summary>
internal sealed class MediaSuite(Workspace workspace, Options options, Readme readme)
{
    private readonly MediaPath direct = new DirectPath();
    private readonly MediaPath floor = new FloorPath("floor: C, a socket a port", "relay");

    private sealed class Row(MediaPath path, int calls)
    {
        public MediaPath Path { get; } = path;
        public int Calls { get; } = calls;
        public List<MediaRun> Runs { get; } = [];
        public string? Problem { get; set; }

        public double Median(Func<MediaRun, double> figure) => Statistics.Median(Runs.Select(figure));
    }

    public List<string> Run()
    {
        var where = MachineLine.Describe();
        Console.WriteLine($"media: {where}");
        MediaPath[] paths =
        [
            direct, floor, new FloorPath("floor: C, io_uring", "uring"), new RtpenginePath(),
            new SbcPath("sbc, sockets, workers 1", new SbcSetup("1", Media: true, Datapath: "sockets")),
            new SbcPath("sbc, sockets, workers auto", new SbcSetup("auto", Media: true, Datapath: "sockets")),
        ];
        var rows = options.MediaCalls.SelectMany(calls => paths
            .Where(p => p == direct || options.Selects(p.Name)).Select(p => new Row(p, calls))).ToList();
        for (var round = 1; round <= options.Rounds; round++)
            foreach (var row in rows.Where(r => r.Problem is null)) RunOnce(row, round);
        var report = Render(rows, where);
        Console.WriteLine(report);
        var setup = new SetupCost(workspace, options).Run(out var cost);
        if (options.WritesReadme) readme.Write(options.IsVeth ? "media-veth" : "media", $"{report}\n{cost}");
        return [.. rows.Select(r => r.Problem).Append(setup).OfType<string>()];
    }

    private void RunOnce(Row row, int round)
    {
        Console.WriteLine($"  {row.Calls} calls, {row.Path.Name}: round {round}");
        try
        {
            if (row.Path.Missing(workspace) is { } missing) throw new RowFailed(missing);
            var folder = workspace.NewFolder("media " + row.Path.Name, $"{row.Calls}.round-{round}");
            using var media = row.Path.Start(workspace, folder, row.Calls);
            var run = MediaRun.Measure(workspace, folder, media, options.MediaSeconds);
            row.Runs.Add(run);
            Console.WriteLine($"    {run.CpuMicroseconds:F2} us a packet, {run.LossShare:P3} lost, "
                + $"p50 {run.P50:F0} us, p99 {run.P99:F0} us");
        }
        catch (RowFailed failure)
        {
            row.Problem = $"{row.Path.Name}: {failure.Message}";
            Console.WriteLine($"  {row.Problem}");
        }
    }

    private string Render(List<Row> rows, string where)
    {
        var table = new Table("calls", "row", "CPU µs a packet", "× floor", "whole system µs",
            "above no relay", "lost",
            "wrong leg", "added p50 µs", "added p99 µs", "longest µs", "jitter µs");
        foreach (var row in rows)
        {
            var plain = rows.Find(r => r.Path == direct && r.Calls == row.Calls)!;
            var least = rows.Find(r => r.Path == floor && r.Calls == row.Calls)?.Median(r => r.CpuMicroseconds)
                ?? double.NaN;
            var cpu = row.Median(r => r.CpuMicroseconds);
            var busy = row.Median(r => r.BusyMicroseconds);
            table.Add(Table.Number(row.Calls), row.Path.Name, Table.Number(cpu, 2), Table.Number(cpu / least, 2),
                Table.Number(busy, 2),
                Table.Number(busy - plain.Median(r => r.BusyMicroseconds), 2),
                row.Runs.Count == 0 ? "not run" : $"{row.Runs.Average(r => r.LossShare) * 100:F3} %",
                row.Runs.Count == 0 ? "" : $"{row.Runs.Sum(r => r.WrongLeg)}",
                Table.Number(row.Median(r => r.P50) - plain.Median(r => r.P50)),
                Table.Number(row.Median(r => r.P99) - plain.Median(r => r.P99)),
                Table.Number(row.Median(r => r.Longest)), Table.Number(row.Median(r => r.Jitter), 1));
        }
        var network = options.IsVeth ? "veth pairs between namespaces" : "loopback";
        return $"{where}. Over {network}, both directions, 50 packets/s each, {options.MediaSeconds} s, "
            + $"{options.Rounds} round(s), rows in turn.\n\n{table}";
    }
}
