using Prometheus;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>The page that Prometheus reads. Counters live in the workers' arrays; each scrape reads them.</summary>
/// <remarks>A registry of its own, so that the library's default metrics stay away.</remarks>
public sealed class MetricsPage
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly SemaphoreSlim _one = new(1);

    public MetricsPage(Server server)
    {
        IMetricFactory factory = Metrics.WithCustomRegistry(_registry);
        var names = new SeenNames(server.Workers.Snapshots);
        var box = new BoxMetrics(factory, server);
        var messages = new MessageMetrics(factory, server);
        var calls = new CallMetrics(factory, server, names);
        var peers = new PeerMetrics(factory, server, names);
        var media = new MediaMetrics(factory, server);
        var relay = new RelayMetrics(factory, server);
        var registrations = new RegistrationMetrics(factory, server);
        _registry.AddBeforeCollectCallback(() =>
        {
            names.Collect();
            box.Collect();
            messages.Collect();
            calls.Collect();
            peers.Collect();
            media.Collect();
            relay.Collect();
            registrations.Collect();
        });
    }

    /// <summary>One scrape at a time: what is read is compared with what was read before.</summary>
    public async Task<ReadOnlyMemory<byte>> RenderAsync(CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            using var page = new MemoryStream();
            await _registry.CollectAndExportAsTextAsync(page, stop);
            return page.ToArray();
        }
        finally
        {
            _one.Release();
        }
    }
}
