using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>Leaving without cutting calls off: no new calls, wait for the running ones, then BYE.</summary>
public static class Drain
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the other ends may take to answer the BYEs.</summary>
    private static readonly TimeSpan ByeMax = TimeSpan.FromSeconds(2);

    /// <param name="stop">Ends the waiting: a second signal.</param>
    public static async Task RunAsync(Server server, TimeSpan max, CancellationToken stop)
    {
        server.Workers.Cells.Draining = true;
        long deadline = Environment.TickCount64 + (long)max.TotalMilliseconds;
        try
        {
            while (server.CallsActive > 0 && Environment.TickCount64 < deadline) await Task.Delay(Look, stop);
            if (server.CallsActive == 0) return;
            await EndCallsAsync(server, "Draining", stop);
            await Task.Delay(ByeMax, stop);
        }
        catch (OperationCanceledException)
        {
            // A second signal means now.
        }
    }

    /// <summary>BYE on both legs of every call.</summary>
    public static Task EndCallsAsync(Server server, string reason, CancellationToken stop)
    {
        var answers = new List<Task>();
        foreach (SignallingWorker worker in server.Workers.Signalling)
        {
            var request = new ControlRequest(ControlKind.EndCalls) { Reason = reason };
            if (!worker.Mailbox.TryPost(request)) continue;
            worker.Doorbell.Ring();
            answers.Add(request.Answer.Task);
        }
        return Task.WhenAll(answers).WaitAsync(stop);
    }
}
