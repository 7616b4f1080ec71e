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
    private readonly List<TransportAddress> _bound = [];
    private readonly SimulatedHandles _handles;
    private readonly SharedCells _cells = new();

    public SimulatedBox(Simulator simulator, string yaml, int workers = 2, int mediaWorkers = 1)
    {
        Config = Load(yaml);
        Builder = new SnapshotBuilder(workers);
        _handles = new SimulatedHandles(simulator);
        foreach (ListenConfig listen in Config.Realms.SelectMany(realm => realm.Listen))
        {
            _bound.Add(listen.Address);
            simulator.Network.AddLocalAddress(listen.Address);
        }
        WakeProbe[] probes = [.. Enumerable.Range(0, workers + mediaWorkers).Select(_ => new WakeProbe())];
        SimulatedPort[][] ports = [.. Enumerable.Range(0, workers).Select(_ =>
            _bound.Select(address => new SimulatedPort(simulator, address)).ToArray())];
        SimulatedPorts[] mediaPorts = [.. Enumerable.Range(0, mediaWorkers).Select(_ => new SimulatedPorts(_handles))];
        Workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = workers,
                Ports = ports,
                MediaPorts = mediaPorts,
                Binder = new SimulatedPortBinder(_handles),
                Doorbells = [.. probes.Select(probe => new Doorbell(probe))],
                Keys = [.. Enumerable.Range(0, 5).Select(_ => simulator.Random.Next())],
                Start = simulator.Now,
            },
            new SnapshotCell<Snapshot>(Builder.Build(Config, _bound)),
            _cells);
        for (int i = 0; i < workers; i++) simulator.AddWorker(Workers.Signalling[i], probes[i], ports[i]);
        for (int i = 0; i < mediaWorkers; i++)
            simulator.AddWorker(Workers.Media[i], probes[workers + i], mediaPorts[i]);
    }

    public SbcConfig Config { get; }

    public SnapshotBuilder Builder { get; }

    public Workers Workers { get; }

    public SharedCells Cells => _cells;

    /// <summary>
    /// Calls, transactions, streams and timers that live anywhere in the box, those of probes included.
    /// </summary>
    public int Alive => Workers.Signalling.Sum(worker => worker.Parts.Calls.Count + worker.Parts.Servers.Count +
        worker.Parts.Clients.Count + worker.Parts.Media.StreamCount + worker.Workspace.Timers.Count);

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
        Workers.Snapshots.Publish(Builder.Build(Load(yaml), _bound));
        foreach (SignallingWorker worker in Workers.Signalling) worker.Doorbell.Ring();
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
