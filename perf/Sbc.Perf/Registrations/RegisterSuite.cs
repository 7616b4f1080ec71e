using Sbc.Perf.Machine;
using Sbc.Perf.Report;

namespace Sbc.Perf.Registrations;

/// <summary>
/// REGISTER without and with authentication, and what a binding weighs: this program beside Kamailio with its
/// locations in memory.
/// </summary>
internal sealed class RegisterSuite(Workspace workspace, Options options, Readme readme)
{
    private const int WarmUpPhones = 500;

    public List<string> Run()
    {
        var where = MachineLine.Describe();
        Console.WriteLine($"register: {where}");
        var rows = RegisterRows.All.Where(r => options.Selects(r.Name)).Select(r => new RegisterRow(r)).ToList();
        for (var round = 1; round <= options.Rounds; round++)
            foreach (var row in rows)
                row.Try(workspace, $"round {round}", () => RunOnce(row, round));
        if (options.Bindings > 0)
            foreach (var row in rows)
                row.Try(workspace, $"{options.Bindings:N0} bindings", () => Weigh(row));
        var report = Render(rows, where);
        Console.WriteLine(report);
        if (options.WritesReadme) readme.Write("register", report);
        return [.. rows.Where(r => r.Problem is not null).Select(r => r.Problem!)];
    }

    private void RunOnce(RegisterRow row, int round)
    {
        var phones = options.Calls / RegisterRun.RegistersAPhone;
        var folder = workspace.NewFolder(row.Registrar.Name, $"round-{round}");
        var users = RegisterRun.WriteUsers(folder, 0, phones);
        using var box = row.Registrar.Start(workspace, folder, phones);
        var rate = Math.Max(1, options.CallsPerSecond / RegisterRun.RegistersAPhone);
        RegisterRun.Measure(
            workspace, row.Registrar, box, folder, "warm-up", users, Math.Min(WarmUpPhones, phones), rate);
        var run = RegisterRun.Measure(workspace, row.Registrar, box, folder, "load", users, phones, rate);
        Console.WriteLine($"    {run.CpuMicroseconds:F1} us a REGISTER, {run.FailedPhones} phones failed, "
            + $"{run.Retransmissions} sent again");
        row.Runs.Add(run);
    }

    /// <summary>Many users register once and stay; then a few refresh, for what that costs among so many.</summary>
    private void Weigh(RegisterRow row)
    {
        var folder = workspace.NewFolder(row.Registrar.Name, "bindings");
        var few = options.Calls / RegisterRun.RegistersAPhone;
        var rate = Math.Max(1, options.CallsPerSecond / RegisterRun.RegistersAPhone);
        using var box = row.Registrar.Start(workspace, folder, options.Bindings + few);
        RegisterRun.Measure(workspace, row.Registrar, box, folder, "few",
            RegisterRun.WriteUsers(folder, 0, few), few, rate);
        var before = box.ResidentBytes;
        var users = RegisterRun.WriteUsers(folder, few, options.Bindings);
        var many = RegisterRun.Fill(workspace, row.Registrar, folder, users,
            options.Bindings);
        if (many > 0) throw new RowFailed($"{many} of {options.Bindings} did not register; see {folder}");
        row.BytesABinding = (double)(box.ResidentBytes - before) / options.Bindings;
        row.CpuAmongMany = RegisterRun.Measure(workspace, row.Registrar, box, folder, "among-many",
            RegisterRun.WriteUsers(folder, 0, few), few, rate).CpuMicroseconds;
    }

    private string Render(List<RegisterRow> rows, string where)
    {
        var table = new Table("row", "CPU µs a REGISTER", "least", "× Kamailio", "phones failed", "sent again",
            "µs among many", "bytes a binding");
        foreach (var row in rows)
        {
            var beside = rows.Find(r => r.Registrar.IsReference && r.Registrar.Challenges == row.Registrar.Challenges);
            table.Add(row.Registrar.Name, Table.Number(row.CpuMedian, 1), Table.Number(row.CpuLeast, 1),
                Table.Number(row.CpuMedian / (beside?.CpuMedian ?? double.NaN), 2),
                row.Runs.Count == 0 ? "not run" : $"{row.Runs.Sum(r => r.FailedPhones)}",
                $"{row.Runs.Sum(r => r.Retransmissions)}", Table.Number(row.CpuAmongMany, 1),
                Table.Number(row.BytesABinding));
        }
        var many = options.Bindings > 0 ? $", {options.Bindings:N0} bindings for the last two columns" : "";
        return $"{where}. {options.Calls:N0} REGISTERs at {options.CallsPerSecond:N0}/s, {options.Rounds} round(s), "
            + $"rows in turn{many}.\n\n{table}";
    }
}
