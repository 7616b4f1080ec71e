using System.Security.Cryptography;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Network;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>The running box: sockets, workers and their threads. Built in the constructor, in the order it reads.</summary>
public sealed class Server : IDisposable
{
    private readonly List<UdpListener> _listeners = [];
    private readonly List<UdpPortSet> _mediaPorts = [];
    private readonly List<WakeEvent> _wakes = [];
    private readonly List<TurnLoop> _loops = [];

    /// <exception cref="NetworkException">A port cannot be bound.</exception>
    public Server(SbcConfig config, Action<Exception> fatal)
    {
        Config = config;
        int signalling = config.Workers ?? Environment.ProcessorCount;
        bool anchors = config.Realms.Any(realm => realm.Media is not null);
        int media = anchors ? config.MediaWorkers ?? Environment.ProcessorCount : 0;
        foreach (RealmConfig realm in config.Realms)
        {
            foreach (ListenConfig listen in realm.Listen) _listeners.Add(Bind(realm, listen, signalling));
        }
        Builder = new SnapshotBuilder();
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
                Keys = [.. Enumerable.Range(0, 5).Select(_ => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))],
                Start = MonotonicClock.Now,
            },
            new SnapshotCell<Snapshot>(snapshot),
            new SharedCells());
        for (int i = 0; i < signalling; i++)
            _loops.Add(new TurnLoop($"sip-{i}", Workers.Signalling[i], PollablesOf(i), _wakes[i], fatal));
        for (int i = 0; i < media; i++)
            _loops.Add(new TurnLoop($"rtp-{i}", Workers.Media[i], [_mediaPorts[i]], _wakes[signalling + i], fatal));
    }

    public SbcConfig Config { get; private set; }

    public SnapshotBuilder Builder { get; }

    public Workers Workers { get; }

    public IReadOnlyList<UdpListener> Listeners => _listeners;

    /// <summary>Signalling workers first, then media workers.</summary>
    public IReadOnlyList<TurnLoop> Loops => _loops;

    private TransportAddress[] Bound => [.. _listeners.Select(listener => listener.Local)];

    public void Start()
    {
        foreach (TurnLoop loop in _loops) loop.Start();
    }

    /// <summary>Compiles and publishes another configuration. What needs a restart must be the same.</summary>
    public void Publish(SbcConfig config)
    {
        Snapshot snapshot = Builder.Build(config, Bound);
        Config = config;
        Workers.Snapshots.Publish(snapshot);
        foreach (SignallingWorker worker in Workers.Signalling) worker.Doorbell.Ring();
    }

    /// <summary>Calls that are being set up or answered.</summary>
    public long CallsActive => Workers.Signalling.Sum(worker => worker.Counters.CallsActive);

    public void Dispose()
    {
        foreach (TurnLoop loop in _loops) loop.Stop();
        foreach (TurnLoop loop in _loops) loop.Dispose();
        foreach (UdpPortSet ports in _mediaPorts) ports.Dispose();
        foreach (UdpListener listener in _listeners) listener.Dispose();
        foreach (WakeEvent wake in _wakes) wake.Dispose();
    }

    private static UdpListener Bind(RealmConfig realm, ListenConfig listen, int workers) => UdpListener.Bind(
        new UdpListenerOptions
        {
            Local = listen.Address,
            Workers = workers,
            // A stranger's budget is one worker's to keep.
            Steering = realm.Trust == RealmTrust.Untrusted && workers > 1
                ? new SourceSteering(workers, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))
                : null,
        });

    private IPacketPort[] PortsOf(int worker) => [.. _listeners.Select(listener => listener.Ports[worker])];

    private IPollable[] PollablesOf(int worker) => [.. _listeners.Select(listener => listener.Ports[worker])];
}
