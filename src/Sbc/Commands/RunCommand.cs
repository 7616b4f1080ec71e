using System.CommandLine;
using System.Runtime.InteropServices;
using Sbc.Engine.Config;
using Sbc.Network;
using Sbc.Program.Configuration;
using Sbc.Program.Serving;

namespace Sbc.Program.Commands;

/// <summary><c>sbc run --config FILE</c>: serves until a signal. 1 on a configuration that is refused.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--config") { Description = "The configuration to serve", Required = true };
        var command = new Command("run", "Serve until SIGTERM (drain, then stop) or SIGINT (stop now)") { file };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(file)!, new SystemFacts(), Console.Out, parsed.InvocationConfiguration.Error));
        return command;
    }

    public static async Task<int> RunAsync(string path, ISystemFacts facts, TextWriter output, TextWriter error)
    {
        ConfigLoad load = ConfigFile.Load(path, facts);
        foreach (FileProblem problem in load.Problems) error.WriteLine(problem);
        if (load.Config is not { } config) return 1;
        try
        {
            using var server = new Server(config, OnFatal);
            server.Start();
            return await ServeAsync(server, output);
        }
        catch (NetworkException problem)
        {
            error.WriteLine($"sbc: {problem.Message}");
            return 1;
        }
    }

    private static async Task<int> ServeAsync(Server server, TextWriter output)
    {
        var terminate = new TaskCompletionSource();
        using var now = new CancellationTokenSource();
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (!terminate.TrySetResult()) now.Cancel();
        });
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            now.Cancel();
            terminate.TrySetResult();
        });
        output.WriteLine($"sbc ready: {string.Join(", ", server.Listeners.Select(l => $"udp://{l.Local}"))}");
        await terminate.Task;
        await Drain.RunAsync(server, TimeSpan.FromSeconds(server.Config.Drain.SecondsMax), now.Token);
        return 0;
    }

    /// <summary>A worker's state is unknown: going on would be worse than a restart.</summary>
    private static void OnFatal(Exception problem) => Environment.FailFast("a worker failed", problem);
}
