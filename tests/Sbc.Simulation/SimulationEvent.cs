namespace Sbc.Simulation;

/// <summary>Something that happens at an instant of virtual time.</summary>
public abstract class SimulationEvent
{
    internal abstract void Fire();
}

/// <summary>The order of events: time, then a drawn number among turns of workers, then order of scheduling.</summary>
internal readonly record struct EventKey(long Microseconds, uint Draw, long Sequence) : IComparable<EventKey>
{
    public int CompareTo(EventKey other)
    {
        if (Microseconds != other.Microseconds) return Microseconds < other.Microseconds ? -1 : 1;
        if (Draw != other.Draw) return Draw < other.Draw ? -1 : 1;
        return Sequence.CompareTo(other.Sequence);
    }
}

/// <summary>An agent's timer.</summary>
public sealed class VirtualTimer : SimulationEvent
{
    private readonly Simulator _simulator;
    private Action? _action;

    internal VirtualTimer(Simulator simulator, Action action)
    {
        _simulator = simulator;
        _action = action;
    }

    public bool Pending => _action != null;

    public void Cancel()
    {
        if (_action == null) return;
        _action = null;
        _simulator.TimerGone();
    }

    internal override void Fire()
    {
        Action? action = _action;
        if (action == null) return;
        _action = null;
        _simulator.TimerGone();
        action();
    }
}

/// <summary>The simulation cannot go on: it prints the seed that replays it.</summary>
public sealed class SimulationFailure(string message) : Exception(message);
