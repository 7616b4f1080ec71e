using Sbc.Engine.Config;
using Sbc.Engine.Worker;
using Sbc.Program.Logging;

namespace Sbc.Program.Serving;

/// <summary>Leaving without cutting calls off: no new calls, wait for the running ones, then BYE. Once, and for
/// good.</summary>
public sealed class Drain(Server server) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the other ends may take to answer the BYEs.</summary>
    private static readonly TimeSpan ByeMax = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Task? _running;

    public bool IsDraining => server.Workers.Cells.Draining;

    /// <summary>Begins, or joins what has begun. The task ends when no call is left or all were told to end.</summary>
    /// <param name="cause">For the log: who asked.</param>
    public Task Begin(string cause)
    {
        lock (_gate) return _running ??= RunAsync(cause, server.Config.Drain.SecondsMax);
    }

    private async Task RunAsync(string cause, int secondsMax)
    {
        server.Workers.Cells.Draining = true;
        long deadline = Environment.TickCount64 + (secondsMax * 1000L);
        long calls = server.CallsActive;
        server.Log.Write(new LogLine(
            LogLevel.Info, "drain",
            $"draining, by {cause}: no new calls; {calls} running, which may take {secondsMax} s",
            ("cause", cause), ("calls_active", $"{calls}")));
        // One look later at the earliest: a worker may be setting up a call that is not counted yet.
        do await Task.Delay(Look, _stop.Token);
        while (server.CallsActive > 0 && Environment.TickCount64 < deadline);
        calls = server.CallsActive;
        if (calls > 0)
        {
            server.Log.Write(new LogLine(
                LogLevel.Warning, "drain_ends_calls", $"draining: {calls} calls have run to the limit and get BYE",
                ("calls_active", $"{calls}")));
            await EndCallsAsync("Draining");
            await Task.Delay(ByeMax, _stop.Token);
        }
        server.Log.Write(new LogLine(LogLevel.Info, "drained", "drained: no call is left"));
    }

    /// <summary>BYE on both legs of every call.</summary>
    private Task EndCallsAsync(string reason)
    {
        var answers = new List<Task>();
        foreach (SignallingWorker worker in server.Workers.Signalling)
        {
            var request = new ControlRequest(ControlKind.EndCalls) { Reason = reason };
            if (!worker.Mailbox.TryPost(request)) continue;
            worker.Doorbell.Ring();
            answers.Add(request.Answer.Task);
        }
        return Task.WhenAll(answers).WaitAsync(_stop.Token);
    }

    public void Dispose() => _stop.Cancel();
}
