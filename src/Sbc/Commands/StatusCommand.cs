using System.CommandLine;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc status</c>: the box at a glance.</summary>
public static class StatusCommand
{
    public static Command Create() => AdminCommand.Create(
        "status", "Show the state of a running box", HttpMethod.Get, "/api/v1/status",
        AdminJson.Default.StatusReport, Show);

    private static void Show(StatusReport status, Screen screen)
    {
        TimeSpan up = TimeSpan.FromSeconds(Math.Floor(status.UptimeSeconds));
        screen.Line($"sbc {status.Version} (commit {status.Commit}), {status.State} for {up:c}");
        screen.Line($"{status.CallsActive} calls; {status.PeersUp} of {status.PeersTotal} peers up; configuration "
            + $"{status.Generation}; {status.Workers} signalling and {status.MediaWorkers} media workers");
        screen.Table(
            ["realm", "trust", "listeners", "calls in", "media ports free"],
            [.. status.Realms.Select(realm => new[]
            {
                realm.Name, realm.Trust, string.Join(", ", realm.Listeners), $"{realm.CallsActive}",
                realm.MediaPortsFree is { } free ? $"{free} of {realm.MediaPortsTotal}" : "-",
            })]);
    }
}
