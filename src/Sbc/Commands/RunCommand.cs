using System.CommandLine;
using System.Runtime.InteropServices;
using Sbc.Engine.Config;
using Sbc.Network;
using Sbc.Program.Configuration;
using Sbc.Program.Registrations;
using Sbc.Program.Serving;

namespace Sbc.Program.Commands;

/// <summary><c>sbc run --config FILE</c>: serves until a signal. 1 on a configuration that is refused or a port that
/// cannot be bound. Standard output gets the ready line, standard error the log.</summary>
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
        var source = new ConfigSource(path, facts);
        ConfigLoad load = source.Load();
        foreach (FileProblem problem in load.Problems) error.WriteLine(problem);
        if (load.Config is not { } config) return 1;
        bool isTerminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
        try
        {
            await using var server = new Server(source, config, error, isTerminal, OnFatal);
            await server.StartAsync();
            await ServeAsync(server, output);
            return 0;
        }
        catch (Exception problem) when (problem is NetworkException or RegistrationFileException)
        {
            error.WriteLine($"sbc: {problem.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(Server server, TextWriter output)
    {
        var terminate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var now = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            // The second one means now.
            if (!terminate.TrySetResult()) now.TrySetResult();
        });
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            now.TrySetResult();
        });
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = server.Reload.RunAsync("SIGHUP");
        });
        string listeners = string.Join(", ", server.Listeners.Sockets.Select(listener => $"udp://{listener.Local}"));
        output.WriteLine($"sbc ready: {listeners}, admin {server.Admin.Url}");
        await Task.WhenAny(terminate.Task, now.Task);
        if (!now.Task.IsCompleted) await Task.WhenAny(server.Drain.Begin("SIGTERM"), now.Task);
    }

    /// <summary>A worker's state is unknown: going on would be worse than a restart.</summary>
    private static void OnFatal(Exception problem) => Environment.FailFast("a worker failed", problem);
}
