using Sbc.Perf.Machine;
using Sbc.Perf.Report;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>
/// What the media of a call costs before and after its packets: rtpengine's offer, answer and delete, beside the same
/// calls through this program with media anchored, less those without.
/// </summary>
internal sealed class SetupCost(Workspace workspace, Options options)
{
    private const int Calls = 1000;

    /// <summary>Of rtpengine's, after a run.</summary>
    public double Share { get; private set; }

    public string? Run(out string report)
    {
        report = "";
        try
        {
            var plain = Median("setup plain", folder => Sbc(folder, media: false));
            var anchored = Median("setup anchored", folder => Sbc(folder, media: true));
            var rtpengine = Median("setup rtpengine", Rtpengine);
            Share = (anchored - plain) / rtpengine;
            var table = new Table("set up and ended, one call", "CPU µs", "× rtpengine");
            void Add(string name, double cost) =>
                table.Add(name, Table.Number(cost), Table.Number(cost / rtpengine, 2));
            Add("rtpengine: offer, answer, delete", rtpengine);
            Add("sbc, INVITE to BYE, SDP passed as it is", plain);
            Add("sbc, INVITE to BYE, media anchored", anchored);
            Add("of it for media", anchored - plain);
            report = $"{Calls} calls, one after the other, {options.Rounds} round(s).\n\n{table}";
            Console.WriteLine(report);
            return null;
        }
        catch (RowFailed failure)
        {
            return $"set-up: {failure.Message}";
        }
    }

    private double Median(string name, Func<string, double> once) =>
        Statistics.Median(Enumerable.Range(1, options.Rounds)
            .Select(round => once(workspace.NewFolder(name, $"round-{round}"))).ToList());

    private double Sbc(string folder, bool media)
    {
        using var process = SbcProgram.StartProcess(workspace, folder, new SbcSetup("1", Media: media).Configuration());
        Cycle(0, 100);
        var before = ProcessTree.CpuNanoseconds(process.Id);
        Cycle(100, Calls);
        return (ProcessTree.CpuNanoseconds(process.Id) - before) / 1000.0 / Calls;
    }

    private void Cycle(int first, int calls)
    {
        using var ends = new SipEnds(workspace.FarmNamespace);
        for (var call = first; call < first + calls; call++) ends.Open(call);
    }

    private double Rtpengine(string folder)
    {
        using var process = Subjects.Rtpengine.Start(workspace, folder);
        using var control = new RtpengineControl();
        void Cycle(int first, int calls)
        {
            for (var call = first; call < first + calls; call++) control.Open(call);
            for (var call = first; call < first + calls; call++) control.Delete(call);
        }
        Cycle(0, 100);
        var before = ProcessTree.CpuNanoseconds(process.Id);
        Cycle(100, Calls);
        return (ProcessTree.CpuNanoseconds(process.Id) - before) / 1000.0 / Calls;
    }
}
