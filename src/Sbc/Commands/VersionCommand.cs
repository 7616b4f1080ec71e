using System.CommandLine;
using System.Reflection;

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

    /// <summary><c>0.1.0 (commit 58ee7d8...)</c>. The SDK stamps both as VERSION+COMMIT (SourceRevisionId).</summary>
    public static string Text()
    {
        string stamp = typeof(VersionCommand).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = stamp.IndexOf('+');
        return plus < 0 ? $"{stamp} (commit unknown)" : $"{stamp[..plus]} (commit {stamp[(plus + 1)..]})";
    }
}
