using Sbc.Engine;
using Sbc.Engine.Config;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Program.Configuration;
using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>The real workers of a box, on the simulator's network: what the program builds on the kernel's.</summary>
public sealed class SimulatedBox
{
    private readonly Simulator _simulator;
    private readonly SimulatedPort?[][] _ports;
    private readonly Dictionary<int, long[]> _retired = [];
    private readonly SimulatedHandles _handles;
    private readonly SharedCells _cells = new();

    public SimulatedBox(Simulator simulator, string yaml, int workers = 2, int mediaWorkers = 1)
    {
        Config = Load(yaml);
        Builder = new SnapshotBuilder(workers);
        _handles = new SimulatedHandles(simulator);
        _simulator = simulator;
        _ports = [.. Enumerable.Range(0, workers).Select(_ => new SimulatedPort?[Limits.ListenersMax])];
        Snapshot first = Build(Config);
        WakeProbe[] probes = [.. Enumerable.Range(0, workers + mediaWorkers).Select(_ => new WakeProbe())];
        SimulatedPorts[] mediaPorts = [.. Enumerable.Range(0, mediaWorkers).Select(_ => new SimulatedPorts(_handles))];
        Workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = workers,
                Ports = _ports,
                MediaPorts = mediaPorts,
                // Calls are spread over all media workers soon, so that few of them try what many would.
                StreamsGathered = 2,
                Binder = new SimulatedPortBinder(_handles),
                Doorbells = [.. probes.Select(probe => new Doorbell(probe))],
                Keys = [.. Enumerable.Range(0, 5).Select(_ => simulator.Random.Next())],
                Start = simulator.Now,
                Resolver = Names = new SimulatedNames(simulator),
            },
            new SnapshotCell<Snapshot>(first),
            _cells);
        for (int i = 0; i < workers; i++) simulator.AddWorker(Workers.Signalling[i], probes[i], _ports[i]);
        for (int i = 0; i < mediaWorkers; i++)
            simulator.AddWorker(Workers.Media[i], probes[workers + i], mediaPorts[i]);
    }

    public SbcConfig Config { get; private set; }

    public SnapshotBuilder Builder { get; }

    public Workers Workers { get; }

    /// <summary>What names in requests are.</summary>
    public SimulatedNames Names { get; }

    public SharedCells Cells => _cells;

    /// <summary>
    /// Calls, transactions, streams and timers that live anywhere in the box, those of probes included.
    /// </summary>
    public int Alive => Workers.Signalling.Sum(worker => worker.Parts.Calls.Count + worker.Parts.Servers.Count +
        worker.Parts.Clients.Count + worker.Parts.Relay.Count +
        worker.Parts.Media.StreamCount + worker.Workspace.Timers.Count);

    public int Row(string peer) => Builder.PeerRows.All.First(row => row.Key == peer).Value;

    public bool IsUp(string peer) => Cells.PeerIsUp(Row(peer));

    public int OpenHandles => _handles.Open;

    /// <summary>What must hold after any storm, when everything has become quiet.</summary>
    public IEnumerable<(string What, Func<bool> Holds)> Laws =>
    [
        ("no calls are left", () =>
            Workers.Signalling.All(w => w.Parts.Calls.Count == 0 && w.Counters.CallsActive == 0)),
        ("no transactions are left", () =>
            Workers.Signalling.All(w => w.Parts.Servers.Count == 0 && w.Parts.Clients.Count == 0)),
        ("no relayed registrations are left", () => Workers.Signalling.All(w => w.Parts.Relay.Count == 0)),
        ("no state memory is left", () => Workers.Signalling.All(w => w.Workspace.Buffers.Count == 0)),
        ("no timer is left", () => Workers.Signalling.All(w => w.Workspace.Timers.Count == 0)),
        ("every port is back", () =>
            _handles.Open == 0 && Builder.Pools.Values.All(pool => pool.PairsFree == pool.Pairs)),
        ("no counter of calls has drifted", () =>
            Config.Realms.Select((_, i) => Cells.RealmCalls(i)).All(n => n == 0) &&
            Builder.PeerRows.All.All(row => Cells.PeerCalls(row.Value) == 0) &&
            Builder.RouteRows.All.All(row => Cells.Routes.Calls(row.Value) == 0) &&
            Builder.GroupRows.All.All(row => Cells.Groups.Calls(row.Value) == 0)),
        ("each worker's packets add up to its verdicts", () => Workers.Signalling.All(w => w.Counters.SumLawHolds())),
        ("what was handed out was handed in", () =>
            Workers.Signalling.Sum(w => w.Counters.Verdicts(VerdictKind.HandedOver)) ==
            Workers.Signalling.Sum(w => w.Counters.HandedIn)),
        ("the auditor finds nothing", () => Workers.Signalling.All(w =>
        {
            w.Parts.Auditor.Look(int.MaxValue);
            return Enum.GetValues<AuditFinding>().All(finding => w.Counters.Findings(finding) == 0);
        })),
        ("no internal errors", () => Dropped(DropReason.InternalError) == 0),
    ];

    public long Dropped(DropReason reason) => Workers.Signalling.Sum(worker =>
        Enumerable.Range(0, Builder.RealmRows.Count).Sum(realm => worker.Counters.Dropped(realm, reason)));

    /// <summary>Another configuration, as a reload publishes it.</summary>
    public void Publish(string yaml)
    {
        CloseUnused();
        Config = Load(yaml);
        Workers.Snapshots.Publish(Build(Config));
        foreach (Listener listener in Workers.Snapshots.Current.Listeners)
        {
            if (!listener.IsRetired) _retired.Remove(listener.Index);
            else if (_ports[0][listener.Index] is not null)
                _retired.TryAdd(listener.Index, [.. Workers.Signalling.Select(w => w.Parts.Auditor.Walks)]);
        }
        foreach (SignallingWorker worker in Workers.Signalling) worker.Doorbell.Ring();
    }

    /// <summary>Listeners that have a socket, those that a reload took away and calls still use among them.</summary>
    public int OpenListeners => _ports[0].Count(port => port is not null);

    /// <summary>What the program's ListenerSet does on the kernel: sockets first, then what names them.</summary>
    private Snapshot Build(SbcConfig config)
    {
        Assert.True(Builder.Slots.TryTake(config, out IReadOnlyList<int> added));
        TransportAddress[] bound = [.. config.Realms.SelectMany(realm => realm.Listen).Select(l => l.Address)];
        IReadOnlyList<string> keys = ListenerSlots.KeysOf(config);
        for (int i = 0; i < bound.Length; i++)
        {
            Assert.True(Builder.Slots.TryFind(keys[i], out int slot));
            if (!added.Contains(slot)) continue;
            _simulator.Network.AddLocalAddress(bound[i]);
            foreach (SimulatedPort?[] ports in _ports) ports[slot] = new SimulatedPort(_simulator, bound[i]);
        }
        return Builder.Build(config, bound);
    }

    /// <summary>Closes the listeners that were retired and that nothing names any more.</summary>
    private void CloseUnused()
    {
        foreach ((int slot, long[] walks) in _retired.ToArray())
        {
            bool isUnused = Workers.Signalling.Select(worker => worker.Parts.Auditor).Zip(walks).All(pair =>
                pair.First.Walks >= pair.Second + 2 && (pair.First.ListenersNamed >> slot & 1) == 0);
            if (!isUnused) continue;
            _retired.Remove(slot);
            Builder.Slots.GiveBack(slot);
            foreach (SimulatedPort?[] ports in _ports)
            {
                ports[slot]!.Close();
                ports[slot] = null;
            }
        }
    }

    /// <summary>Ends all calls, as a drain does whose time is up.</summary>
    public void EndCalls()
    {
        foreach (SignallingWorker worker in Workers.Signalling)
        {
            Assert.True(worker.Mailbox.TryPost(new ControlRequest(ControlKind.EndCalls) { Reason = "Draining" }));
            worker.Doorbell.Ring();
        }
    }

    private static SbcConfig Load(string yaml)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            ConfigLoad load = ConfigFile.Load(file, new FixedFacts());
            return load.Config ?? throw new InvalidOperationException(string.Join('\n', load.Problems));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
