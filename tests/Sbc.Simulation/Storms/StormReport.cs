using System.Text;

namespace Sbc.Simulation;

/// <summary>All a storm counted, and everything that was wrong with it.</summary>
public sealed class StormReport
{
    private const int FailuresMax = 50;

    private readonly List<string> _violations = [];
    private readonly List<string> _failures = [];
    private readonly SortedDictionary<string, SortedDictionary<int, long>> _finals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Ended, long AsWanted)> _ends = new(StringComparer.Ordinal);
    private readonly List<long> _setups = [];
    private string _network = "";
    private string _time = "";
    private string _ladder = "";
    private long _steps;

    internal StormReport(ulong seed)
    {
        Seed = seed;
    }

    public ulong Seed { get; }

    public bool Ended { get; internal set; }

    public AgentCounters Callers { get; } = new();

    public AgentCounters Callees { get; } = new();

    /// <summary>Of phones that call and are called.</summary>
    public AgentCounters Phones { get; } = new();

    public RtpCounters CallerMedia { get; } = new();

    public RtpCounters CalleeMedia { get; } = new();

    /// <summary>Rules that messages broke; of each agent the first ones.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public long ViolationCount { get; internal set; }

    /// <summary>Laws and end checks that do not hold, calls that ended as they should not.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Equal for equal seeds.</summary>
    public ulong TraceHash { get; private set; }

    public bool Clean => _violations.Count == 0 && _failures.Count == 0;

    /// <summary>Final statuses of a scenario's calls.</summary>
    public IReadOnlyDictionary<int, long> Finals(string scenario) =>
        _finals.TryGetValue(scenario, out SortedDictionary<int, long>? finals) ? finals : [];

    /// <summary>How many of a scenario's calls are over, and in how many all that was planned happened.</summary>
    public (long Ended, long AsWanted) Ends(string scenario) => _ends.GetValueOrDefault(scenario);

    /// <summary>Throws with everything, the seed first, where anything was wrong.</summary>
    public StormReport AssertClean() => Clean ? this : throw new SimulationFailure(ToString());

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"storm of seed {Seed}: {(Clean ? "clean" : "FAILED; the same seed and plan replay it")}");
        text.AppendLine($"virtual time {_time} s, {_steps} events, trace {TraceHash:x16}, {_network}");
        text.AppendLine($"callers: {Callers}").AppendLine($"callees: {Callees}");
        if (Phones.Placed > 0) text.AppendLine($"phones: {Phones}");
        if (CallerMedia.Sent + CalleeMedia.Sent > 0)
        {
            text.AppendLine($"callers' {CallerMedia}").AppendLine($"callees' {CalleeMedia}");
        }
        foreach ((string scenario, SortedDictionary<int, long> finals) in _finals)
        {
            (long ended, long asWanted) = Ends(scenario);
            text.AppendLine($"{scenario}: {string.Join(' ', finals.Select(final => $"{final.Key}:{final.Value}"))}, "
                + $"{asWanted} of {ended} as wanted");
        }
        if (_setups.Count > 0) text.AppendLine($"answer after p50 {Quantile(0.5)} us, p99 {Quantile(0.99)} us");
        foreach (string failure in _failures) text.AppendLine($"failure: {failure}");
        text.AppendLine($"violations: {ViolationCount}");
        foreach (string violation in _violations.Take(5)) text.AppendLine(violation);
        return text.Append(_ladder).ToString();
    }

    internal void Add(IEnumerable<string> violations) => _violations.AddRange(violations);

    internal void Fail(string what)
    {
        if (_failures.Count < FailuresMax) _failures.Add(what);
    }

    internal void Count(string scenario, Placement call)
    {
        if (!_finals.TryGetValue(scenario, out SortedDictionary<int, long>? finals)) _finals[scenario] = finals = [];
        AgentCounters.Count(finals, call.FinalStatus);
        if (call.FinalStatus is >= 200 and < 300) _setups.Add(call.SetupMicroseconds);
    }

    internal void CountEnd(string scenario, Placement call)
    {
        (long ended, long asWanted) = Ends(scenario);
        _ends[scenario] = (ended + 1, asWanted + (call.AsWanted ? 1 : 0));
    }

    internal void Finish(Simulator simulator)
    {
        TraceHash = simulator.Network.TraceHash;
        _network = simulator.Network.ToString();
        _time = simulator.Clock.Text;
        _steps = simulator.Steps;
        _setups.Sort();
        if (_violations.Count > 0) _ladder = LadderOf(_violations[0], simulator.Network.Wiretap);
    }

    // What is still recorded of the call that broke the first rule.
    private static string LadderOf(string violation, Wiretap wiretap)
    {
        int at = violation.IndexOf("Call-ID: ", StringComparison.Ordinal);
        if (at < 0) return "";
        int end = violation.IndexOf('\r', at);
        return end < 0 ? "" : wiretap.Ladder(violation[at..end]);
    }

    private long Quantile(double quantile) => _setups[(int)((_setups.Count - 1) * quantile)];
}
