using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>What can make a worker's port ready: a simulated port, or the ports of a media worker.</summary>
public interface IReadiness
{
    bool HasPackets { get; }
}

/// <summary>
/// Give one to a worker's <see cref="Doorbell"/> and to <see cref="Simulator.AddWorker"/>: work that appears without
/// a wake is then reported, which under the kernel would be a worker that sleeps on work.
/// </summary>
public sealed class WakeProbe : IWakeSignal
{
    internal bool Woken { get; set; }

    public long Wakes { get; private set; }

    public void Wake()
    {
        Woken = true;
        Wakes++;
    }
}

/// <summary>A worker in the simulator: what its host loop does under the kernel.</summary>
internal sealed class HostedWorker(Simulator simulator, ITurn worker, WakeProbe? probe, IReadiness?[] ports)
    : SimulationEvent
{
    private ulong _more;
    private bool _hadWorkAtSleep;

    public bool Scheduled { get; set; }

    public Instant Deadline { get; private set; } = Instant.Never;

    public bool Runnable(Instant now)
    {
        if (_more != 0 || _hadWorkAtSleep || Deadline <= now) return true;
        foreach (IReadiness? port in ports)
        {
            if (port is { HasPackets: true }) return true;
        }
        if (probe is { Woken: true }) return true;
        if (!worker.HasWork) return false;
        if (probe != null) simulator.Report($"lost wake: {worker.GetType().Name} has work and nobody rang");
        return true;
    }

    internal override void Fire()
    {
        Scheduled = false;
        ulong ready = _more;
        for (int i = 0; i < ports.Length; i++)
        {
            // Now and then a port is said to be ready that is not: the contract allows it, epoll does it.
            if (ports[i] is { } port && (port.HasPackets || simulator.Random.Chance(1.0 / 64))) ready |= 1UL << i;
        }
        worker.Doorbell.Awake();
        if (probe != null) probe.Woken = false;
        _more = worker.Turn(simulator.Now, ready);
        Check.That(ports.Length == 64 || _more >> ports.Length == 0);
        Deadline = worker.NextDeadline;
        worker.Doorbell.PrepareToSleep();
        _hadWorkAtSleep = worker.HasWork;
    }
}
