using Prometheus;
using Sbc.Engine.Routing;
using Sbc.Media;
using Sbc.Program.Serving;
using Sbc.Runtime;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of relayed media.</summary>
internal sealed class MediaMetrics
{
    /// <summary>What arrived at a port whose stream had ended: nothing tells the realm; no realm is named so.</summary>
    private const string RealmEnded = "(ended)";

    private static readonly DropReason[] Reasons =
        [.. Enum.GetValues<DropReason>().Where(reason => reason >= DropReason.RtpMalformed), DropReason.SendFailed];

    private readonly Server _server;
    private readonly Gauge _sessions;
    private readonly Gauge _portsFree;
    private readonly Counter _packets;
    private readonly Counter _bytes;
    private readonly Counter _dropped;

    public MediaMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        string[] labels = ["realm", "direction"];
        _sessions = factory.CreateGauge("sbc_media_sessions_active", "Calls whose media is relayed.");
        _portsFree = factory.CreateGauge(
            "sbc_media_ports_free", "Pairs of ports that no call holds, those in quarantine included.", ["realm"]);
        _packets = factory.CreateCounter("sbc_rtp_packets_total", "RTP and RTCP packets received and sent.", labels);
        _bytes = factory.CreateCounter("sbc_rtp_bytes_total", "Their payload of UDP in bytes.", labels);
        _dropped = factory.CreateCounter(
            "sbc_rtp_dropped_total", "Media packets that were not forwarded.", ["realm", "reason"]);
    }

    public void Collect()
    {
        _sessions.Set(_server.Workers.Signalling.Sum(worker => worker.Parts.Media.SessionsActive));
        MediaCounters[] workers = [.. _server.Workers.Media.Select(worker => worker.Counters)];
        foreach (Realm realm in _server.Workers.Snapshots.Current.Realms)
        {
            if (realm.Media is not { } media) continue;
            _portsFree.WithLabels(realm.Name).Set(media.Relay.Ports.PairsFree);
            CollectRow(realm.Name, realm.Id, workers);
        }
        if (workers.Length > 0) CollectRow(RealmEnded, workers[0].RealmNone, workers);
    }

    private void CollectRow(string realm, int row, MediaCounters[] workers)
    {
        _packets.WithLabels(realm, "in").IncTo(workers.Sum(worker => worker.ReceivedPackets(row)));
        _packets.WithLabels(realm, "out").IncTo(workers.Sum(worker => worker.SentPackets(row)));
        _bytes.WithLabels(realm, "in").IncTo(workers.Sum(worker => worker.ReceivedBytes(row)));
        _bytes.WithLabels(realm, "out").IncTo(workers.Sum(worker => worker.SentBytes(row)));
        foreach (DropReason reason in Reasons)
            _dropped.WithLabels(realm, reason.Name()).IncTo(workers.Sum(worker => worker.Dropped(row, reason)));
    }
}
