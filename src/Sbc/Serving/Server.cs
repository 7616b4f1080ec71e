using System.Security.Cryptography;
using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Network;
using Sbc.Program.Admin;
using Sbc.Program.Configuration;
using Sbc.Program.Exposition;
using Sbc.Program.Logging;
using Sbc.Program.Registrations;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>The running box: sockets, workers and their threads, and what watches and steers them. Built in the
/// constructor, in the order it reads.</summary>
public sealed class Server : IAsyncDisposable
{
    private const int UnregisterMilliseconds = 1000;

    private readonly List<UdpPortSet> _mediaPorts = [];
    private readonly List<WakeEvent> _wakes = [];
    private readonly List<TurnLoop> _loops = [];
    private readonly Lock _publishing = new();
    private readonly UsersFollower _users;
    private IReadOnlyList<TransportAddress> _bound;
    private IReadOnlyList<int> _closing = [];
    private long _closingGeneration;

    /// <param name="source">Where <paramref name="config"/> is from: a reload reads it again.</param>
    /// <param name="log">Where log lines go.</param>
    /// <param name="isTerminal">Whether a person reads them.</param>
    /// <param name="fatal">Told of an exception that left a worker's turn.</param>
    /// <exception cref="NetworkException">A port cannot be bound.</exception>
    /// <exception cref="RegistrationFileException">The file of the registrations cannot be used.</exception>
    public Server(
        ConfigSource source, SbcConfig config, TextWriter log, bool isTerminal, Action<Exception> fatal)
    {
        Config = config;
        int signalling = config.Workers ?? Environment.ProcessorCount;
        bool anchors = config.Realms.Any(realm => realm.Media is not null);
        int media = anchors ? config.MediaWorkers ?? Environment.ProcessorCount : 0;
        Builder = new SnapshotBuilder(signalling);
        Listeners = new ListenerSet(signalling, Builder.Slots);
        _bound = Listeners.Bind(config, out _);
        Snapshot snapshot = Builder.Build(config, _bound);
        for (int i = 0; i < signalling + media; i++) _wakes.Add(new WakeEvent());
        for (int i = 0; i < media; i++) _mediaPorts.Add(new UdpPortSet());
        Workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = signalling,
                Ports = Listeners.Ports,
                MediaPorts = [.. _mediaPorts],
                Binder = new UdpPortBinder(),
                Doorbells = [.. _wakes.Select(wake => new Doorbell(wake))],
                Keys = [.. Enumerable.Range(0, 5).Select(_ => RandomKey())],
                ForwardKeys = ForwardKeys(config.Forward.Key),
                Start = MonotonicClock.Now,
                Resolver = new NameResolver(() => Config.Dns.Servers),
            },
            new SnapshotCell<Snapshot>(snapshot),
            new SharedCells());
        Listeners.Adopt(config, snapshot, Workers);
        for (int i = 0; i < signalling; i++)
            _loops.Add(new TurnLoop($"sip-{i}", Workers.Signalling[i], PollablesOf(i), _wakes[i], fatal));
        for (int i = 0; i < media; i++)
            _loops.Add(new TurnLoop($"rtp-{i}", Workers.Media[i], [_mediaPorts[i]], _wakes[signalling + i], fatal));
        Log = new LogThread(log, isTerminal, () => Config.Log, Workers);
        if (config.Registrar is { } registrar)
        {
            Workers.Locations.CountMax = registrar.RegistrationsMax;
            if (registrar.Store is { } file)
            {
                Registrations = new RegistrationStore(
                    file, Workers, Log.Write, () => MonotonicClock.Now, ControlThread.UtcOffset);
            }
        }
        Control = new ControlThread(this);
        Drain = new Drain(this);
        Locations = new PeerLocations(this);
        _users = new UsersFollower(this);
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

    /// <summary>Null without a registrar.</summary>
    public RegistrationStore? Registrations { get; }

    public Reload Reload { get; }

    public PeerLocations Locations { get; }

    public MetricsPage Metrics { get; }

    public AdminHost Admin { get; }

    public ListenerSet Listeners { get; }

    /// <summary>Signalling workers first, then media workers.</summary>
    public IReadOnlyList<TurnLoop> Loops => _loops;

    /// <summary>Calls that are being set up or answered.</summary>
    public long CallsActive => Workers.Signalling.Sum(worker => worker.Counters.CallsActive);

    /// <exception cref="NetworkException">The admin interface cannot be bound.</exception>
    /// <exception cref="RegistrationFileException">Registrations cannot be read.</exception>
    public async Task StartAsync()
    {
        (int loaded, int lost) = Registrations?.Load() ?? default;
        await Admin.StartAsync();
        foreach (TurnLoop loop in _loops) loop.Start();
        Control.Start();
        Log.Start();
        Registrations?.Start();
        _users.Start();
        Locations.Follow(Config);
        StartLines.Write(this);
        if (Registrations is not null) StartLines.WriteRegistrations(this, loaded, lost);
    }

    /// <summary>
    /// Opens the listeners of another configuration, compiles and publishes it: all of that or nothing. What needs a
    /// restart must be the same.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// More names than there are rows, or listeners than a worker can have.
    /// </exception>
    /// <exception cref="NetworkException">A port cannot be bound.</exception>
    public void Publish(SbcConfig config)
    {
        Locations.Follow(config);
        lock (_publishing)
        {
            IReadOnlyList<int> added = [];
            bool published = false;
            try
            {
                IReadOnlyList<TransportAddress> bound = Listeners.Bind(config, out added);
                Watch(added);
                Snapshot snapshot = Builder.Build(config, bound, Locations.Current);
                _bound = bound;
                Config = config;
                if (config.Registrar is { } registrar) Workers.Locations.CountMax = registrar.RegistrationsMax;
                Publish(snapshot);
                published = true;
                Listeners.Adopt(config, snapshot, Workers);
            }
            finally
            {
                if (!published) Abandon(added);
            }
        }
    }

    /// <summary>The workers' loops know of them before the workers do, who leave them alone until then.</summary>
    private void Watch(IReadOnlyList<int> slots)
    {
        for (int worker = 0; worker < Workers.Signalling.Length; worker++)
        {
            foreach (int slot in slots) _loops[worker].Adopt(slot, (IPollable)Listeners.Ports[worker][slot]!);
        }
    }

    private void Abandon(IReadOnlyList<int> slots)
    {
        for (int worker = 0; worker < Workers.Signalling.Length; worker++)
        {
            foreach (int slot in slots) _loops[worker].Forget(slot);
        }
        Listeners.Undo(slots);
        Locations.Follow(Config);
    }

    /// <summary>
    /// Closes the listeners that a reload took away and that nothing names any more, in two steps: the workers learn of
    /// it, and once they have, their sockets go.
    /// </summary>
    public void CloseUnused()
    {
        lock (_publishing)
        {
            if (_closing.Count > 0)
            {
                if (Workers.Signalling.Any(worker => worker.Generation < _closingGeneration)) return;
                Listeners.Close(_closing, _loops, Log);
                _closing = [];
                return;
            }
            _closing = Listeners.Unused(Workers);
            if (_closing.Count == 0) return;
            Listeners.GiveBack(_closing);
            Publish(Builder.Build(Config, _bound, Locations.Current));
            _closingGeneration = Workers.Snapshots.Current.Generation;
        }
    }

    /// <summary>Compiles what is served again, as peers have moved.</summary>
    public void PublishLocations()
    {
        lock (_publishing) Publish(Builder.Build(Config, _bound, Locations.Current));
    }

    /// <summary>The same with the users as they were read again. False: they are the same, or a reload has put others
    /// in the place of the old ones.</summary>
    public bool TryPublishUsers(UsersTableConfig old, UsersTableConfig users)
    {
        lock (_publishing)
        {
            if (Config.Registrar is not { } registrar || !ReferenceEquals(registrar.UsersTable, old)) return false;
            Config = Config with { Registrar = registrar with { UsersTable = users } };
            if (users.Users.IsSameAs(old.Users)) return false;
            Publish(Builder.Build(Config, _bound, Locations.Current));
            return true;
        }
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
        _users.Dispose();
        await UnregisterAsync();
        Drain.Dispose();
        Reload.Dispose();
        Control.Dispose();
        foreach (TurnLoop loop in _loops) loop.Stop();
        foreach (TurnLoop loop in _loops) loop.Dispose();
        Registrations?.Dispose();
        foreach (UdpPortSet ports in _mediaPorts) ports.Dispose();
        Listeners.Dispose();
        foreach (WakeEvent wake in _wakes) wake.Dispose();
        Log.Dispose();
    }

    /// <summary>The text may be any that is long enough; its hash is what is used.</summary>
    private static ulong[]? ForwardKeys(Secret? key)
    {
        if (key is null) return null;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"sbc forward {key.Value}"));
        return [BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash, 8)];
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

    private static ulong RandomKey() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private IPollable?[] PollablesOf(int worker) => [.. Listeners.Ports[worker].Select(port => (IPollable?)port)];
}
