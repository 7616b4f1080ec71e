using System.Diagnostics;
using Sbc.Engine;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Network;
using Sbc.Program.Serving;
using Sbc.Runtime;

namespace Sbc.Program.Admin;

/// <summary>What the box says of itself.</summary>
internal sealed class AdminReports(Server server)
{
    /// <summary>A worker answers between two turns; one that is that late is told of by its absence.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private readonly long _started = Stopwatch.GetTimestamp();

    public StatusReport Status()
    {
        Snapshot snapshot = server.Workers.Snapshots.Current;
        SharedCells cells = server.Workers.Cells;
        bool draining = server.Drain.IsDraining;
        return new StatusReport(
            BuildInfo.Current.Version, BuildInfo.Current.Commit, draining ? "draining" : "serving", draining,
            Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 3), server.CallsActive, snapshot.Generation,
            server.Workers.Signalling.Length, server.Workers.Media.Length,
            snapshot.Peers.Count(peer => cells.PeerIsUp(peer.Id)), snapshot.Peers.Length,
            [.. snapshot.Realms.Select(realm => Of(realm, cells))]);
    }

    public PeersReport Peers()
    {
        Snapshot snapshot = server.Workers.Snapshots.Current;
        return new PeersReport([.. snapshot.Peers.Select(peer => Peer(peer, snapshot, server.Workers.Cells))]);
    }

    public static PeerReport Peer(Peer peer, Snapshot snapshot, SharedCells cells)
    {
        long response = cells.PeerResponseMicroseconds(peer.Id);
        long total = cells.PeerCallsTotal(peer.Id);
        long ofAll = peer.Groups.SelectMany(group => group.Members).Append(peer).Distinct()
            .Sum(member => cells.PeerCallsTotal(member.Id));
        int slowStart = peer.Groups.Select(group => group.SlowStartMilliseconds).DefaultIfEmpty(0).Max();
        return new PeerReport(
            peer.Name, peer.Realm.Name, $"{peer.Address}",
            [.. peer.Groups.Where(group => group.Name != peer.Name).Select(group => group.Name)],
            peer.Probe is not null, cells.PeerIsUp(peer.Id), cells.PeerIsDraining(peer.Id),
            cells.PeerIsHeld(peer.Id, MonotonicClock.Now),
            cells.PeerShare(peer.Id, slowStart, MonotonicClock.Now) * 100 / SharedCells.FullShare,
            cells.PeerCalls(peer.Id), total, ofAll == 0 ? null : Math.Round(100.0 * total / ofAll, 1),
            response == 0 ? null : response / 1000.0);
    }

    public async Task<CallsReport> CallsAsync(CancellationToken stop)
    {
        var answers = new List<Task<IReadOnlyList<CallSummary>>>();
        foreach (SignallingWorker worker in server.Workers.Signalling)
        {
            var request = new ControlRequest(ControlKind.ListCalls);
            if (!worker.Mailbox.TryPost(request)) continue;
            worker.Doorbell.Ring();
            answers.Add(request.Answer.Task);
        }
        await Task.WhenAny(Task.WhenAll(answers), Task.Delay(AnswerMax, stop));
        stop.ThrowIfCancellationRequested();
        CallSummary[] calls = [.. answers.Where(answer => answer.IsCompletedSuccessfully)
            .SelectMany(answer => answer.Result)];
        bool complete = answers.Count == server.Workers.Signalling.Length
            && answers.All(answer => answer.IsCompletedSuccessfully && answer.Result.Count < Limits.CallsListedMax)
            && calls.Length <= Limits.CallsListedMax;
        return new CallsReport(server.CallsActive, complete, calls[..Math.Min(calls.Length, Limits.CallsListedMax)]);
    }

    private RealmReport Of(Realm realm, SharedCells cells)
    {
        PortPool? pool = realm.Media?.Relay.Ports;
        return new RealmReport(
            realm.Name, ConfigWords.Trust.Name(realm.Trusted ? RealmTrust.Trusted : RealmTrust.Untrusted),
            [.. realm.Listeners.Select(listener => $"udp://{listener.Local}")], cells.RealmCalls(realm.Id),
            pool?.PairsFree, pool?.Pairs);
    }
}
