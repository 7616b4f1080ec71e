using Sbc.Perf.Report;

namespace Sbc.Perf.Registrations;

/// <summary>What is known of one registrar so far.</summary>
internal sealed class RegisterRow(Registrar registrar)
{
    public Registrar Registrar { get; } = registrar;
    public List<RegisterRun> Runs { get; } = [];
    public double BytesABinding { get; set; } = double.NaN;
    public double CpuAmongMany { get; set; } = double.NaN;
    public string? Problem { get; private set; }

    public double CpuMedian => Statistics.Median(Runs.Select(r => r.CpuMicroseconds));
    public double CpuLeast => Runs.Count == 0 ? double.NaN : Runs.Min(r => r.CpuMicroseconds);

    /// <summary>Runs one step; what goes wrong ends this row and no other.</summary>
    public void Try(Workspace workspace, string step, Action action)
    {
        Problem ??= Registrar.Missing(workspace);
        if (Problem is not null) return;
        Console.WriteLine($"  {Registrar.Name}: {step}");
        try
        {
            action();
        }
        catch (RowFailed failure)
        {
            Problem = $"{Registrar.Name}: {step}: {failure.Message}";
            Console.WriteLine($"  {Problem}");
        }
    }
}
