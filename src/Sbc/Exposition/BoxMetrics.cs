using System.Diagnostics;
using Prometheus;
using Sbc.Engine.Routing;
using Sbc.Network;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of the process as a whole: build, configuration, threads, kernel, log.</summary>
internal sealed class BoxMetrics
{
    private readonly Server _server;
    private readonly Gauge _generation;
    private readonly Gauge _draining;
    private readonly Counter _reloads;
    private readonly Gauge _busyRatio;
    private readonly Counter _busySeconds;
    private readonly Counter _kernelDrops;
    private readonly Counter _logDropped;
    private readonly TimeSpan[] _busyBefore;
    private long _readAt = Stopwatch.GetTimestamp();

    public BoxMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        _busyBefore = new TimeSpan[server.Loops.Count];
        factory.CreateGauge("sbc_build_info", "Always 1; the labels say which build this is.", ["version", "commit"])
            .WithLabels(BuildInfo.Current.Version, BuildInfo.Current.Commit).Set(1);
        _generation = factory.CreateGauge("sbc_config_generation", "Number of the configuration that is served.");
        _draining = factory.CreateGauge("sbc_draining", "1 while the box takes no new calls.");
        _reloads = factory.CreateCounter("sbc_config_reloads_total", "Reloads by what came of them.", ["result"]);
        _busyRatio = factory.CreateGauge(
            "sbc_worker_busy_ratio", "Share of the time since the last scrape that the worker was busy.", ["worker"]);
        _busySeconds = factory.CreateCounter(
            "sbc_worker_busy_seconds_total", "Time the worker was busy.", ["worker"]);
        _kernelDrops = factory.CreateCounter(
            "sbc_udp_kernel_drops_total", "Datagrams that the kernel dropped before they were read.", ["realm"]);
        _logDropped = factory.CreateCounter("sbc_log_dropped_total", "Log lines that found no room.");
    }

    public void Collect()
    {
        Snapshot snapshot = _server.Workers.Snapshots.Current;
        _generation.Set(snapshot.Generation);
        _draining.Set(_server.Drain.IsDraining ? 1 : 0);
        _reloads.WithLabels("ok").IncTo(_server.Reload.Accepted);
        _reloads.WithLabels("refused").IncTo(_server.Reload.Refused);
        _logDropped.IncTo(_server.Log.Dropped);
        foreach (Realm realm in snapshot.Realms)
            _kernelDrops.WithLabels(realm.Name).IncTo(_server.Listeners.KernelDrops(realm.Id));
        CollectBusy();
    }

    private void CollectBusy()
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_readAt);
        _readAt = Stopwatch.GetTimestamp();
        int signalling = _server.Workers.Signalling.Length;
        for (int i = 0; i < _busyBefore.Length; i++)
        {
            TimeSpan busy = _server.Loops[i].Busy;
            string worker = i < signalling ? $"sip-{i}" : $"rtp-{i - signalling}";
            _busyRatio.WithLabels(worker).Set(Math.Clamp((busy - _busyBefore[i]) / elapsed, 0, 1));
            _busySeconds.WithLabels(worker).IncTo(busy.TotalSeconds);
            _busyBefore[i] = busy;
        }
    }
}
