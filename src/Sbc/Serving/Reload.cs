using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Network;
using Sbc.Program.Configuration;
using Sbc.Program.Logging;

namespace Sbc.Program.Serving;

/// <summary>Reads the file again, beside what is served, and publishes it as a whole or not at all.</summary>
public sealed class Reload(Server server, ConfigSource source) : IDisposable
{
    /// <summary>A worker adopts within one turn; one that does not in this time is in trouble.</summary>
    private static readonly TimeSpan AdoptMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private long _accepted;
    private long _refused;

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Refused => Interlocked.Read(ref _refused);

    /// <param name="cause">For the log: who asked.</param>
    public async Task<ReloadOutcome> RunAsync(string cause)
    {
        await _one.WaitAsync();
        try
        {
            ConfigLoad load = source.LoadBeside(server.Config);
            if (load.Config is not { } next) return Refuse(cause, load.Problems);
            SbcConfig old = server.Config;
            Snapshot before = server.Workers.Snapshots.Current;
            try
            {
                server.Publish(next);
            }
            catch (InvalidOperationException noRow)
            {
                return Refuse(cause, [Whole(noRow.Message)]);
            }
            catch (NetworkException notBound)
            {
                return Refuse(cause, [Whole(notBound.Message)]);
            }
            ConfigChanges changes = ConfigChanges.Between(old, next);
            // A name that comes back is a new peer.
            foreach (Peer peer in before.Peers.Where(peer => changes.Peers.Removed.Contains(peer.ConfiguredName)))
                server.Workers.Cells.SetPeerDraining(peer.Id, false);
            return await AdoptAsync(cause, changes, CallsOnOldTargets(before), load.Problems);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Calls of peers that the new snapshot has elsewhere or not at all; they go on as they began.</summary>
    private long CallsOnOldTargets(Snapshot before)
    {
        Snapshot now = server.Workers.Snapshots.Current;
        return before.Peers
            .Where(peer => now.PeerById(peer.Id) is not { } kept || kept.Address != peer.Address)
            .Sum(peer => server.Workers.Cells.PeerCalls(peer.Id));
    }

    private ReloadOutcome Refuse(string cause, IReadOnlyList<FileProblem> problems)
    {
        Interlocked.Increment(ref _refused);
        FileProblem[] errors = [.. problems.Where(problem => problem.Severity == ConfigSeverity.Error)];
        string more = errors.Length > 1 ? $" (and {errors.Length - 1} more)" : "";
        server.Log.Write(new LogLine(
            LogLevel.Error, "reload_refused", $"reload, by {cause}, refused and nothing changed: {errors[0]}{more}",
            ("cause", cause), ("problem", $"{errors[0]}"), ("problems", $"{errors.Length}")));
        return new ReloadOutcome(null, problems, server.Workers.Snapshots.Current.Generation, 0, true);
    }

    private async Task<ReloadOutcome> AdoptAsync(
        string cause, ConfigChanges changes, long callsOnOldTargets, IReadOnlyList<FileProblem> warnings)
    {
        Interlocked.Increment(ref _accepted);
        long generation = server.Workers.Snapshots.Current.Generation;
        long deadline = Environment.TickCount64 + (long)AdoptMax.TotalMilliseconds;
        bool adopted;
        while (!(adopted = server.Workers.Signalling.All(worker => worker.Generation >= generation))
            && Environment.TickCount64 < deadline)
        {
            await Task.Delay(Look);
        }
        server.Log.Write(new LogLine(
            LogLevel.Info, "reload",
            $"reload, by {cause}: generation {generation}: {changes}; {callsOnOldTargets} calls keep their old target",
            ("cause", cause), ("generation", $"{generation}"), ("changes", $"{changes}"),
            ("calls_on_old_targets", $"{callsOnOldTargets}")));
        foreach (FileProblem warning in warnings)
            server.Log.Write(new LogLine(LogLevel.Warning, "config_warning", $"{warning}"));
        if (!adopted)
        {
            server.Log.Write(new LogLine(
                LogLevel.Error, "reload_late", $"a worker has not adopted generation {generation} in time",
                ("generation", $"{generation}")));
        }
        return new ReloadOutcome(changes, warnings, generation, callsOnOldTargets, adopted);
    }

    private FileProblem Whole(string message) =>
        new(source.Path, default, "", ConfigSeverity.Error, message);

    public void Dispose() => _one.Dispose();
}
