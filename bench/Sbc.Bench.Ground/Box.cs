using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>The real workers of a box over ports in memory, turned by one thread on a clock of its own.</summary>
public sealed class Box
{
    private const int EdgePort = 0;
    private const int CorePort = 1;
    private const ulong AllPorts = (1 << EdgePort) | (1 << CorePort);

    private readonly MemoryPort[][] _ports;

    public Box(BoxPlan plan)
    {
        Plan = plan;
        TransportAddress[] bound = [plan.EdgeAddress, plan.CoreAddress];
        _ports = [.. Enumerable.Range(0, plan.Workers).Select(_ => bound.Select(a => new MemoryPort(a)).ToArray())];
        Workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = plan.Workers,
                Ports = [.. _ports.Select(row => row.Cast<IPacketPort>().ToArray())],
                MediaPorts = plan.HasMedia ? [Media] : [],
                Binder = Media,
                Doorbells = [.. Enumerable.Range(0, plan.Workers + 1).Select(_ => new Doorbell(new NoWakeSignal()))],
                // Fixed, so that two runs do the same to the byte.
                Keys = [1, 2, 3, 4, 5],
                Start = Now,
            },
            new SnapshotCell<Snapshot>(new SnapshotBuilder(plan.Workers).Build(plan.Build(), bound)),
            new SharedCells());
        Workers.Locations.CountMax = plan.Bindings;
    }

    public BoxPlan Plan { get; }

    public Workers Workers { get; }

    public MemoryMedia Media { get; } = new();

    public Instant Now { get; private set; } = new(1_000_000_000);

    public MemoryPort Edge => _ports[0][EdgePort];

    public MemoryPort Core => _ports[0][CorePort];

    public MemoryPort EdgeOf(int worker) => _ports[worker][EdgePort];

    public void Advance(int microseconds) => Now = Now.AddMicroseconds(microseconds);

    /// <summary>One turn of every worker, in order. What earlier turns sent is forgotten.</summary>
    public void Turn()
    {
        foreach (MemoryPort[] ports in _ports)
        {
            foreach (MemoryPort port in ports) port.Sent.Clear();
        }
        foreach (SignallingWorker worker in Workers.Signalling) worker.Turn(Now, AllPorts);
        if (Plan.HasMedia) TurnMedia();
    }

    public void TurnMedia()
    {
        Media.Sent.Clear();
        Workers.Media[0].Turn(Now, 1);
    }

    public long Verdicts(VerdictKind kind) => Workers.Signalling.Sum(worker => worker.Counters.Verdicts(kind));

    public long Dropped(DropReason reason) => Workers.Signalling.Sum(worker =>
        worker.Counters.Dropped(EdgePort, reason) + worker.Counters.Dropped(CorePort, reason));

    /// <summary>What must hold after any operation, whatever it was.</summary>
    public void AssertSound()
    {
        Check.That(Dropped(DropReason.InternalError) == 0);
        foreach (SignallingWorker worker in Workers.Signalling) Check.That(worker.Counters.SumLawHolds());
    }
}
