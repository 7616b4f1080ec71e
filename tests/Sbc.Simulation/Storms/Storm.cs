using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// Thousands of calls by one seed. The test adds what stands between the agents (workers, ports) to
/// <see cref="Simulator"/>, agents, and what must hold at the end; <see cref="Run"/> drives and reports.
/// </summary>
public sealed class Storm
{
    private readonly StormPlan _plan;
    private readonly Xoshiro _random;
    private readonly List<Caller> _callers = [];
    private readonly List<Callee> _callees = [];
    private readonly List<ForwardingProxy> _forwarding = [];
    private readonly List<TransferCast> _casts = [];
    private readonly List<(string What, Func<bool> Holds)> _endChecks = [];
    private readonly StormReport _report;
    private int _placed;

    public Storm(StormPlan plan)
    {
        _plan = plan;
        Simulator = new Simulator(plan.Seed);
        foreach ((string name, NetworkProfile profile, string[] prefixes) in plan.Networks)
        {
            Simulator.Network.AddNetwork(name, profile, prefixes);
        }
        _random = Simulator.Random.Fork();
        _report = new StormReport(plan.Seed);
    }

    public Simulator Simulator { get; }

    public IReadOnlyList<Caller> Callers => _callers;

    public IReadOnlyList<Callee> Callees => _callees;

    /// <summary>What must be true before the end is looked at: no worker has a call or a transaction alive.</summary>
    public Func<bool> WorkersQuiet { get; set; } = () => true;

    /// <summary>Something that must hold when all is over, as "every port is back".</summary>
    public void AtEnd(string what, Func<bool> holds) => _endChecks.Add((what, holds));

    /// <param name="count">How many.</param>
    /// <param name="first">The address of the first; the others follow it.</param>
    /// <param name="nextHop">Where they send their INVITEs.</param>
    /// <param name="natEvery">
    /// Every so many-th is behind a NAT; 0: none. Only a box that knows NAT reaches these from the callee's side.
    /// </param>
    public void AddCallers(int count, in TransportAddress first, in TransportAddress nextHop, int natEvery = 3)
    {
        for (int i = 0; i < count; i++)
        {
            TransportAddress local = TransportAddress.FromIPv4(first.IPv4 + (uint)i, first.Port);
            bool nat = natEvery > 0 && i % natEvery == natEvery - 1;
            TransportAddress? inside = nat ? Address.Of($"192.168.{i / 250}.{(i % 250) + 1}:5060") : null;
            Add(new Caller(Simulator, $"caller{i}", local, nextHop, inside));
        }
    }

    /// <summary>Proxies of a farm; every second one has Record-Route and a phone behind it.</summary>
    public void AddFarm(int count, in TransportAddress first)
    {
        for (int i = 0; i < count; i++)
        {
            TransportAddress local = TransportAddress.FromIPv4(first.IPv4 + (uint)i, first.Port);
            Add(new FarmProxy(Simulator, $"proxy{i}", local, _ => new AnswerScript { HangUpAfter = 10_000 })
            {
                BranchIndex = i,
                PhoneBehind = i % 2 == 0 ? local.WithPort(15_060) : null,
            });
        }
    }

    public void Add(Caller caller) => _callers.Add(caller);

    public void Add(Callee callee) => _callees.Add(callee);

    public void Add(ForwardingProxy proxy) => _forwarding.Add(proxy);

    /// <summary>Phones for transfers; each cast is of its own.</summary>
    public void Add(TransferCast cast) => _casts.Add(cast);

    private IEnumerable<Phone> Phones => _casts.SelectMany(cast => new[] { cast.A, cast.B, cast.C });

    public StormReport Run()
    {
        Simulator.After(0, PlaceNext);
        long placing = _plan.Calls * 1000L / _plan.CallsPerSecond;
        _report.Ended = Simulator.RunUntil(IsOver, placing + _plan.EndWithinMilliseconds);
        foreach (Caller caller in _callers)
        {
            _report.Callers.Add(caller.Counters);
            _report.CallerMedia.Add(caller.Media);
            Collect(caller);
        }
        foreach (Callee callee in _callees)
        {
            _report.Callees.Add(callee.Counters);
            _report.CalleeMedia.Add(callee.Media);
            Collect(callee);
        }
        foreach (Phone phone in Phones)
        {
            _report.Phones.Add(phone.Counters);
            Collect(phone);
        }
        foreach (ForwardingProxy proxy in _forwarding) _report.Add(proxy.Violations);
        _report.Add(Simulator.Reports);
        CheckLaws();
        foreach ((string what, Func<bool> holds) in _endChecks)
        {
            if (!holds()) _report.Fail($"at the end it must hold that {what}");
        }
        _report.Finish(Simulator);
        return _report;
    }

    // One timer at a time, so that a storm of a million calls starts at once.
    private void PlaceNext()
    {
        Scenario scenario = DrawScenario();
        Instant placed = Simulator.Now;
        CallScript script = scenario.Draw(_random);
        void Told(Placement settled) => Settled(scenario, settled, placed);
        Placement placement = script.Method is "ATTENDED" or "BLIND"
            ? new Transfer(_random.Pick(_casts), script, Simulator.NextCallNumber(), Told)
            : _random.Pick(_callers).New(script, Told);
        placement.Ended = ended => _report.CountEnd(scenario.Name, ended);
        placement.Place();
        _placed++;
        if (_placed < _plan.Calls) Simulator.AfterMicroseconds(1_000_000 / _plan.CallsPerSecond, PlaceNext);
    }

    private Scenario DrawScenario()
    {
        long at = _random.Below(_plan.Scenarios.Sum(scenario => scenario.Weight));
        foreach (Scenario scenario in _plan.Scenarios)
        {
            at -= scenario.Weight;
            if (at < 0) return scenario;
        }
        throw Simulator.Failure("a storm needs a scenario");
    }

    private void Settled(Scenario scenario, Placement call, Instant placed)
    {
        _report.Count(scenario.Name, call);
        if (scenario.Finals.Contains(call.FinalStatus)) return;
        if (_plan.IsLossy && scenario.LossyFinals.Contains(call.FinalStatus)) return;
        if (_plan.MayFail is { } mayFail && mayFail(placed)) return;
        string allowed = string.Join(' ', scenario.Finals);
        _report.Fail($"call {call.Number} ({scenario.Name}, Call-ID {call.CallId}): {call.FinalStatus}, not {allowed}");
    }

    private bool IsOver()
    {
        if (_placed < _plan.Calls || Simulator.TimersPending > 0 || Simulator.Network.InFlight > 0) return false;
        return _callers.TrueForAll(caller => caller.Alive == 0)
            && _callees.TrueForAll(callee => callee.Alive == 0)
            && _casts.TrueForAll(cast => cast.A.Alive + cast.B.Alive + cast.C.Alive == 0)
            && WorkersQuiet();
    }

    private void Collect(UserAgent agent)
    {
        _report.Add(agent.Violations);
        _report.ViolationCount += agent.ViolationCount;
        // Where datagrams get lost, something planned may well not happen.
        if (_plan.IsLossy || _plan.MayFallShort) return;
        foreach (string shortfall in agent.Shortfalls) _report.Fail(shortfall);
    }

    private void CheckLaws()
    {
        AgentCounters callers = _report.Callers;
        if (!_report.Ended)
        {
            int live = _callers.Sum(caller => caller.Alive) + _callees.Sum(callee => callee.Alive);
            IEnumerable<string> names = _callers.Concat<UserAgent>(_callees).Concat(Phones).Where(agent =>
                agent.Alive > 0).Select(agent => agent.Name);
            _report.Fail($"it did not end: {live} transactions and calls of agents are alive: "
                + $"{string.Join(' ', names)}; timers {Simulator.TimersPending}, "
                + $"in flight {Simulator.Network.InFlight}, workers quiet: {WorkersQuiet()}");
        }
        if (callers.Placed != callers.Answered + callers.FailedSum + callers.Cancelled + callers.Timeouts)
        {
            _report.Fail("placed = answered + failed + cancelled + timeouts does not hold at the callers");
        }
        if (callers.Ended != callers.Answered) _report.Fail("not every answered call ended at its caller");
        AgentCounters callees = _report.Callees;
        if (callees.Ended != callees.Answered) _report.Fail("not every answered call ended at its callee");
        if (_report.Phones.Ended != _report.Phones.Answered) _report.Fail("not every answered call ended at its phone");
        RtpCounters media = _report.CallerMedia;
        if (media.Wrong + _report.CalleeMedia.Wrong > 0) _report.Fail("RTP came to the wrong call or leg");
    }
}
