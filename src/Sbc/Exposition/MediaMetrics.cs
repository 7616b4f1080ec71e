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
    private readonly Gauge _ports;
    private readonly Counter _latched;
    private readonly Counter _ssrcChanges;
    private readonly (Histogram Histogram, MediaMeasure Measure, double Unit)[] _quality;
    private readonly Dictionary<string, QualityHistogram[]> _qualityOf = [];

    public MediaMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        string[] labels = ["realm", "direction"];
        _sessions = factory.CreateGauge("sbc_media_sessions_active", "Calls whose media is relayed.");
        _portsFree = factory.CreateGauge(
            "sbc_media_ports_free", "Pairs of ports that no call holds, those in quarantine included.", ["realm"]);
        _ports = factory.CreateGauge("sbc_media_ports", "Pairs of ports there are.", ["realm"]);
        _latched = factory.CreateCounter(
            "sbc_rtp_sources_latched_total", "Sources learned, the first of each port included.", ["realm"]);
        _ssrcChanges = factory.CreateCounter(
            "sbc_rtp_ssrc_changes_total", "Known sources that began another stream of RTP: transfers, music on hold.",
            ["realm"]);
        _quality =
        [
            Quality(factory, "sbc_media_loss_ratio", "Lost of what a leg sent, by streams that ended.",
                MediaMeasure.Loss, 1e-4),
            Quality(factory, "sbc_media_jitter_seconds", "Interarrival jitter of what a leg sent.",
                MediaMeasure.Jitter, 1e-6),
            Quality(factory, "sbc_media_round_trip_seconds", "Between the box and a leg, as RTCP tells.",
                MediaMeasure.RoundTrip, 1e-6),
            Quality(factory, "sbc_media_mos", "Mean opinion score of a leg by the E-model, ITU-T G.107.",
                MediaMeasure.Mos, 0.01),
        ];
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
            _ports.WithLabels(realm.Name).Set(media.Relay.Ports.Pairs);
            CollectQuality(realm, workers);
            CollectRow(realm.Name, realm.Id, workers);
        }
        if (workers.Length > 0) CollectRow(RealmEnded, workers[0].RealmNone, workers);
    }

    private static (Histogram Histogram, MediaMeasure Measure, double Unit) Quality(
        IMetricFactory factory, string name, string help, MediaMeasure measure, double unit) =>
        (factory.CreateHistogram(name, help, ["realm"], new HistogramConfiguration
        {
            Buckets = QualityHistogram.Buckets(measure, unit),
        }), measure, unit);

    private void CollectQuality(Realm realm, MediaCounters[] workers)
    {
        if (!_qualityOf.TryGetValue(realm.Name, out QualityHistogram[]? histograms))
        {
            histograms = [.. _quality.Select(each => new QualityHistogram(
                each.Histogram.WithLabels(realm.Name), realm.Id, each.Measure, each.Unit))];
            _qualityOf.Add(realm.Name, histograms);
        }
        foreach (QualityHistogram histogram in histograms) histogram.Collect(workers);
    }

    private void CollectRow(string realm, int row, MediaCounters[] workers)
    {
        _packets.WithLabels(realm, "in").IncTo(workers.Sum(worker => worker.ReceivedPackets(row)));
        _packets.WithLabels(realm, "out").IncTo(workers.Sum(worker => worker.SentPackets(row)));
        _bytes.WithLabels(realm, "in").IncTo(workers.Sum(worker => worker.ReceivedBytes(row)));
        _bytes.WithLabels(realm, "out").IncTo(workers.Sum(worker => worker.SentBytes(row)));
        _latched.WithLabels(realm).IncTo(workers.Sum(worker => worker.SourcesLatched(row)));
        _ssrcChanges.WithLabels(realm).IncTo(workers.Sum(worker => worker.SsrcChanges(row)));
        foreach (DropReason reason in Reasons)
            _dropped.WithLabels(realm, reason.Name()).IncTo(workers.Sum(worker => worker.Dropped(row, reason)));
    }
}
