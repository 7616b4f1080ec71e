using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// Runs workers, agents and the network in one thread in an order drawn from a seed: the same seed is the same run,
/// to the byte.
/// </summary>
public sealed class Simulator
{
    private const int ReportsMax = 100;

    private readonly PriorityQueue<SimulationEvent, EventKey> _events = new();
    private readonly List<HostedWorker> _workers = [];
    private readonly List<string> _reports = [];
    private long _sequence;
    private long _stepsAtInstant;
    private int _timers;
    private long _callNumber;

    public Simulator(ulong seed)
    {
        Seed = seed;
        Random = new Xoshiro(seed);
        Network = new VirtualNetwork(this);
    }

    public ulong Seed { get; }

    public VirtualClock Clock { get; } = new();

    public Instant Now => Clock.Now;

    /// <summary>The order of workers and their scheduling delays. Agents fork streams of their own.</summary>
    public Xoshiro Random { get; }

    public VirtualNetwork Network { get; }

    /// <summary>Longest time between a worker's wake and its turn.</summary>
    public long WorkerDelayMicrosecondsMax { get; init; } = 50;

    /// <summary>Events at one instant before the run counts as a livelock.</summary>
    public long StepsPerInstantMax { get; init; } = 200_000;

    /// <summary>Events altogether.</summary>
    public long StepsMax { get; init; } = 500_000_000;

    public long Steps { get; private set; }

    /// <summary>What the simulator itself objects to, as a lost wake.</summary>
    public IReadOnlyList<string> Reports => _reports;

    public int TimersPending => _timers;

    /// <summary>Numbers calls, so that both ends and their RTP know which is which.</summary>
    public long NextCallNumber() => ++_callNumber;

    /// <param name="worker">A signalling or media worker.</param>
    /// <param name="probe">The wake signal that the worker's doorbell was made with, or null.</param>
    /// <param name="ports">Port i is bit i of the worker's ready mask. Null: none now; one may come and go.</param>
    public void AddWorker(ITurn worker, WakeProbe? probe, params IReadiness?[] ports)
    {
        Check.That(ports.Length <= 64);
        var hosted = new HostedWorker(this, worker, probe, ports);
        _workers.Add(hosted);
        Schedule(hosted);
    }

    public VirtualTimer After(long milliseconds, Action action) => AfterMicroseconds(milliseconds * 1000, action);

    public VirtualTimer AfterMicroseconds(long microseconds, Action action)
    {
        var timer = new VirtualTimer(this, action);
        _timers++;
        Add(timer, Now.AddMicroseconds(Math.Max(0, microseconds)));
        return timer;
    }

    /// <summary>Runs until the predicate holds; false when it did not within the given virtual time.</summary>
    public bool RunUntil(Func<bool> predicate, long millisecondsMax)
    {
        Instant limit = Now.AddMilliseconds(millisecondsMax);
        while (!predicate())
        {
            if (!Step(limit)) return predicate();
        }
        return true;
    }

    public void RunUntil(Instant limit)
    {
        while (Step(limit))
        {
        }
    }

    public void RunFor(long milliseconds) => RunUntil(Now.AddMilliseconds(milliseconds));

    /// <summary>
    /// Runs until no datagram is in flight, no agent's timer is set and the workers are quiet; false at the limit.
    /// </summary>
    /// <param name="workersQuiet">
    /// Workers that probe their peers have a deadline for ever, so the engine's side says when they are quiet. Without
    /// it they are when none has a deadline.
    /// </param>
    public bool RunUntilQuiet(long millisecondsMax, Func<bool>? workersQuiet = null)
    {
        return RunUntil(
            () => _timers == 0 && Network.InFlight == 0 && !AnyRunnable() && (workersQuiet ?? NoDeadlines)(),
            millisecondsMax);
    }

    public void Report(string what)
    {
        if (_reports.Count < ReportsMax) _reports.Add($"{Clock.Text} {what}");
    }

    /// <summary>A failure that names the seed and the moment.</summary>
    public SimulationFailure Failure(string what) =>
        new($"{what}\nseed {Seed}, virtual time {Clock.Text} s, step {Steps}; the same seed replays it");

    internal void Add(SimulationEvent what, Instant when) =>
        _events.Enqueue(what, new EventKey(when.Microseconds, 0, _sequence++));

    internal void TimerGone() => _timers--;

    private bool Step(Instant limit)
    {
        ScheduleRunnable();
        Instant next = NextInstant();
        if (next > limit)
        {
            if (limit != Instant.Never) Clock.AdvanceTo(limit);
            return false;
        }
        CountStep(next);
        Clock.AdvanceTo(next);
        if (_events.TryPeek(out _, out EventKey key) && key.Microseconds <= next.Microseconds) _events.Dequeue().Fire();
        return true;
    }

    private void CountStep(Instant next)
    {
        _stepsAtInstant = next == Now ? _stepsAtInstant + 1 : 0;
        if (++Steps > StepsMax) throw Failure($"more than {StepsMax} events");
        if (_stepsAtInstant > StepsPerInstantMax) throw Failure($"livelock: {_stepsAtInstant} events at one instant");
    }

    private Instant NextInstant()
    {
        Instant next = _events.TryPeek(out _, out EventKey key) ? new Instant(key.Microseconds) : Instant.Never;
        foreach (HostedWorker worker in _workers)
        {
            // A deadline that has passed is a scheduled turn already.
            if (!worker.Scheduled && worker.Deadline < next) next = worker.Deadline;
        }
        return next;
    }

    private void ScheduleRunnable()
    {
        foreach (HostedWorker worker in _workers)
        {
            if (!worker.Scheduled && worker.Runnable(Now)) Schedule(worker);
        }
    }

    private void Schedule(HostedWorker worker)
    {
        worker.Scheduled = true;
        Instant when = Now.AddMicroseconds(Random.Between(0, WorkerDelayMicrosecondsMax));
        _events.Enqueue(worker, new EventKey(when.Microseconds, (uint)Random.Next(), _sequence++));
    }

    private bool AnyRunnable()
    {
        foreach (HostedWorker worker in _workers)
        {
            if (worker.Scheduled || worker.Runnable(Now)) return true;
        }
        return false;
    }

    private bool NoDeadlines() => _workers.TrueForAll(worker => worker.Deadline == Instant.Never);
}
