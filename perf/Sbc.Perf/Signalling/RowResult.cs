using Sbc.Perf.Report;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>What is known of one row so far.</summary>
internal sealed class RowResult(Subject subject)
{
    public Subject Subject { get; } = subject;
    public List<CallRun> Runs { get; } = [];
    public int CleanRate { get; set; }
    public bool SippIsTheLimit { get; set; }
    public double BytesPerHeldCall { get; set; } = double.NaN;
    public string? Problem { get; set; }

    public double CpuMedian => Statistics.Median(Runs.Select(r => r.CpuMicroseconds));
    public double CpuLeast => Runs.Count == 0 ? double.NaN : Runs.Min(r => r.CpuMicroseconds);
    public double HelpersMedian => Statistics.Median(Runs.Select(r => r.HelpersCpuMicroseconds));
    public double BusyMedian => Statistics.Median(Runs.Select(r => r.BusyMicroseconds));
    public double ResidentMedian => Statistics.Median(Runs.Select(r => (double)r.ResidentBytes));
    public int Failed => Runs.Sum(r => r.Failed);
    public double RetransmissionShare => Runs.Count == 0 ? double.NaN : Runs.Average(r => r.RetransmissionShare);

    /// <summary>Runs one step; what goes wrong ends this row and no other.</summary>
    public void Try(string step, Action action)
    {
        if (Problem is not null) return;
        Console.WriteLine($"  {Subject.Name}: {step}");
        try
        {
            action();
        }
        catch (RowFailed failure)
        {
            Problem = $"{Subject.Name}: {step}: {failure.Message}";
            Console.WriteLine($"  {Problem}");
        }
    }
}
