using System.CommandLine;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc reload</c>: the file again, as a whole or not at all.</summary>
public static class ReloadCommand
{
    public static Command Create() => AdminCommand.Create(
        "reload", "Have a running box read its configuration again", HttpMethod.Post, "/api/v1/reload",
        AdminJson.Default.ReloadReport, Show);

    private static void Show(ReloadReport report, Screen screen)
    {
        foreach (ProblemReport warning in report.Warnings) screen.Line($"{warning}");
        screen.Line($"configuration {report.Generation} is served: {report.Changes}");
        if (report.CallsOnOldTargets > 0) screen.Line($"{report.CallsOnOldTargets} calls keep their old target");
        if (!report.Adopted) screen.Line("a worker has not taken it over yet; the log tells more");
    }
}
