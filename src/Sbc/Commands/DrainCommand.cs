using System.CommandLine;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc drain</c>: no new calls from now on.</summary>
public static class DrainCommand
{
    public static Command Create() => AdminCommand.Create(
        "drain", "Have a running box take no new calls", HttpMethod.Post, "/api/v1/drain",
        AdminJson.Default.DrainReport, Show);

    private static void Show(DrainReport report, Screen screen) => screen.Line(
        $"draining: no new calls; {report.CallsActive} are left and have {report.SecondsMax} s from its beginning");
}
