using System.CommandLine;

namespace Sbc.Program.Commands;

/// <summary><c>sbc version</c>: version and commit.</summary>
public static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print version and commit");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine($"sbc {Text()}"));
        return command;
    }

    /// <summary><c>0.1.0 (commit 58ee7d8...)</c>.</summary>
    public static string Text() => BuildInfo.Current.ToString();
}
