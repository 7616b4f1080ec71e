using System.Security.Cryptography;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Network;
using Sbc.Program.Admin;
using Sbc.Program.Configuration;
using Sbc.Program.Exposition;
using Sbc.Program.Logging;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>The running box: sockets, workers and their threads, and what watches and steers them. Built in the
/// constructor, in the order it reads.</summary>
public sealed class Server : IAsyncDisposable
{
    private const int UnregisterMilliseconds = 1000;

    private readonly List<UdpListener> _listeners = [];
    private readonly List<UdpPortSet> _mediaPorts = [];
    private readonly List<WakeEvent> _wakes = [];
    private readonly List<TurnLoop> _loops = [];
    private readonly Lock _publishing = new();

    /// <param name="source">Where <paramref name="config"/> is from: a reload reads it again.</param>
    /// <param name="log">Where log lines go.</param>
    /// <param name="isTerminal">Whether a person reads them.</param>
    /// <param name="fatal">Told of an exception that left a worker's turn.</param>
    /// <exception cref="NetworkException">A port cannot be bound.</exception>
    public Server(
        ConfigSource source, SbcConfig config, TextWriter log, bool isTerminal, Action<Exception> fatal)
    {
        Config = config;
        int signalling = config.Workers ?? Environment.ProcessorCount;
        bool anchors = config.Realms.Any(realm => realm.Media is not null);
        int media = anchors ? config.MediaWorkers ?? Environment.ProcessorCount : 0;
        foreach (RealmConfig realm in config.Realms)
        {
            foreach (ListenConfig listen in realm.Listen) _listeners.Add(Bind(realm, listen, signalling));
        }
        Builder = new SnapshotBuilder(signalling);
        Snapshot snapshot = Builder.Build(config, Bound);
        for (int i = 0; i < signalling + media; i++) _wakes.Add(new WakeEvent());
        for (int i = 0; i < media; i++) _mediaPorts.Add(new UdpPortSet());
        Workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = signalling,
                Ports = [.. Enumerable.Range(0, signalling).Select(PortsOf)],
                MediaPorts = [.. _mediaPorts],
                Binder = new UdpPortBinder(),
                Doorbells = [.. _wakes.Select(wake => new Doorbell(wake))],
                Keys = [.. Enumerable.Range(0, 5).Select(_ => RandomKey())],
                Start = MonotonicClock.Now,
            },
            new SnapshotCell<Snapshot>(snapshot),
            new SharedCells());
        for (int i = 0; i < signalling; i++)
            _loops.Add(new TurnLoop($"sip-{i}", Workers.Signalling[i], PollablesOf(i), _wakes[i], fatal));
        for (int i = 0; i < media; i++)
            _loops.Add(new TurnLoop($"rtp-{i}", Workers.Media[i], [_mediaPorts[i]], _wakes[signalling + i], fatal));
        Log = new LogThread(log, isTerminal, () => Config.Log, Workers);
        Control = new ControlThread(_listeners, Workers.Cells);
        Drain = new Drain(this);
        Locations = new PeerLocations(this);
        Reload = new Reload(this, source);
        Metrics = new MetricsPage(this);
        Admin = new AdminHost(this);
    }

    public SbcConfig Config { get; private set; }

    public SnapshotBuilder Builder { get; }

    public Workers Workers { get; }

    public LogThread Log { get; }

    public ControlThread Control { get; }

    public Drain Drain { get; }

    public Reload Reload { get; }

    public PeerLocations Locations { get; }

    public MetricsPage Metrics { get; }

    public AdminHost Admin { get; }

    public IReadOnlyList<UdpListener> Listeners => _listeners;

    /// <summary>Signalling workers first, then media workers.</summary>
    public IReadOnlyList<TurnLoop> Loops => _loops;

    /// <summary>Calls that are being set up or answered.</summary>
    public long CallsActive => Workers.Signalling.Sum(worker => worker.Counters.CallsActive);

    private TransportAddress[] Bound => [.. _listeners.Select(listener => listener.Local)];

    /// <exception cref="NetworkException">The admin interface cannot be bound.</exception>
    public async Task StartAsync()
    {
        await Admin.StartAsync();
        foreach (TurnLoop loop in _loops) loop.Start();
        Control.Start();
        Log.Start();
        Locations.Follow(Config);
        StartLines.Write(this);
    }

    /// <summary>Compiles and publishes another configuration. What needs a restart must be the same.</summary>
    /// <exception cref="InvalidOperationException">More names than there are rows.</exception>
    public void Publish(SbcConfig config)
    {
        Locations.Follow(config);
        try
        {
            lock (_publishing)
            {
                Publish(Builder.Build(config, Bound, Locations.Current));
                Config = config;
            }
        }
        catch (InvalidOperationException)
        {
            Locations.Follow(Config);
            throw;
        }
    }

    /// <summary>Compiles what is served again, as peers have moved.</summary>
    public void PublishLocations()
    {
        lock (_publishing) Publish(Builder.Build(Config, Bound, Locations.Current));
    }

    private void Publish(Snapshot snapshot)
    {
        Workers.Snapshots.Publish(snapshot);
        foreach (SignallingWorker worker in Workers.Signalling) worker.Doorbell.Ring();
    }

    /// <summary>The admin interface first, so that nobody asks a worker that has gone; the log last.</summary>
    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        Locations.Dispose();
        await UnregisterAsync();
        Drain.Dispose();
        Reload.Dispose();
        Control.Dispose();
        foreach (TurnLoop loop in _loops) loop.Stop();
        foreach (TurnLoop loop in _loops) loop.Dispose();
        foreach (UdpPortSet ports in _mediaPorts) ports.Dispose();
        foreach (UdpListener listener in _listeners) listener.Dispose();
        foreach (WakeEvent wake in _wakes) wake.Dispose();
        Log.Dispose();
    }

    /// <summary>Peers that the box is registered at need not find out by themselves that it is gone.</summary>
    private Task UnregisterAsync()
    {
        var answers = new List<Task>();
        foreach (SignallingWorker worker in Workers.Signalling)
        {
            var request = new ControlRequest(ControlKind.Unregister);
            if (!worker.Mailbox.TryPost(request)) continue;
            worker.Doorbell.Ring();
            answers.Add(request.Answer.Task);
        }
        // A worker that hangs must not keep the box from stopping.
        return Task.WhenAny(Task.WhenAll(answers), Task.Delay(UnregisterMilliseconds));
    }

    private static UdpListener Bind(RealmConfig realm, ListenConfig listen, int workers) => UdpListener.Bind(
        new UdpListenerOptions
        {
            Local = listen.Address,
            Workers = workers,
            // A stranger's budget is one worker's to keep.
            Steering = realm.Trust == RealmTrust.Untrusted && workers > 1
                ? new SourceSteering(workers, RandomKey())
                : null,
        });

    private static ulong RandomKey() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private IPacketPort[] PortsOf(int worker) => [.. _listeners.Select(listener => listener.Ports[worker])];

    private IPollable[] PollablesOf(int worker) => [.. _listeners.Select(listener => listener.Ports[worker])];
}
