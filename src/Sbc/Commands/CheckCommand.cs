using System.CommandLine;
using Sbc.Engine.Config;
using Sbc.Program.Configuration;

namespace Sbc.Program.Commands;

/// <summary><c>sbc check FILE</c>: every problem of a configuration. 0 when it would be served, 1 when not.</summary>
public static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration to validate" };
        var command = new Command("check", "Validate a configuration and print every problem") { file };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!, new SystemFacts(), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Run(string path, ISystemFacts facts, TextWriter output)
    {
        ConfigLoad load = ConfigFile.Load(path, facts);
        foreach (FileProblem problem in load.Problems) output.WriteLine(problem);
        if (load.Config is not { } config) return 1;
        output.WriteLine($"{path}: valid: {Count(config.Realms.Count, "realm")}, {Count(config.Peers.Count, "peer")}, "
            + $"{Count(config.Groups.Count, "group")}, {Count(config.Routes.Count, "route")}");
        return 0;
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
