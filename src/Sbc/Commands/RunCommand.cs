using System.CommandLine;
using Sbc.Engine.Config;
using Sbc.Program.Configuration;

namespace Sbc.Program.Commands;

/// <summary><c>sbc run --config FILE</c>: serves until a signal. 1 on a configuration that is refused.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--config") { Description = "The configuration to serve", Required = true };
        var command = new Command("run", "Serve until SIGTERM (drain, then stop) or SIGINT (stop now)") { file };
        command.SetAction(parsed => Run(
            parsed.GetValue(file)!, new SystemFacts(), parsed.InvocationConfiguration.Error));
        return command;
    }

    public static int Run(string path, ISystemFacts facts, TextWriter error)
    {
        ConfigLoad load = ConfigFile.Load(path, facts);
        foreach (FileProblem problem in load.Problems) error.WriteLine(problem);
        if (load.Config is null) return 1;
        error.WriteLine("sbc: serving is not available in this version");
        return 1;
    }
}
