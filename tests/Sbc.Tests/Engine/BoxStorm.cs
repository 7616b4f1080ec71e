using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>
/// A storm with a box between its agents: an edge of phones, a core with a farm of proxies, and the laws.
/// </summary>
public sealed class BoxStorm
{
    /// <summary>The headers that pass untouched (ARCHITECTURE section 4).</summary>
    private static readonly string[] Exempt =
    [
        "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate", "Authentication-Info",
            "Identity",
    ];

    private readonly LeakWatch _edge;
    private readonly LeakWatch _core;
    private readonly OriginWatch[] _origins;
    private readonly int _proxies;
    private readonly string _ports;
    private readonly Func<string, string> _edit;

    public BoxStorm(
        StormPlan plan, int workers, int proxies = 2, string ports = "20000-29999", Func<string, string>? edit = null)
    {
        _edit = edit ?? (yaml => yaml);
        _proxies = proxies;
        _ports = ports;
        Storm = new Storm(plan);
        Box = new SimulatedBox(Storm.Simulator, Yaml(), workers);
        _edge = Watch("192.0.2.10:", ["10.0.0."]);
        _core = Watch("10.0.0.10:", ["203.0.113.", "192.168.", "192.0.2."]);
        _origins = [.. new[] { "192.0.2.10:5060", "10.0.0.10:5060" }.Select(from =>
            new OriginWatch(Storm.Simulator.Network, from))];
        long placing = plan.Calls * 1000L / plan.CallsPerSecond;
        // Probes never end by themselves; they stop when every call that hangs up by itself has.
        At(placing + 200_000, () => Box.Publish(Yaml(probeSeconds: 0)));
        Storm.WorkersQuiet = () => Box.Alive == 0;
        foreach ((string what, Func<bool> holds) in Box.Laws) Storm.AtEnd(what, holds);
        Storm.AtEnd("no core address is on the edge", () => Holds(_edge));
        Storm.AtEnd("no edge address is in the core", () => Holds(_core));
        Storm.AtEnd("o= counts descriptions", () => Array.TrueForAll(_origins, Holds));
        Storm.AtEnd("every peer is up", () => Box.Builder.PeerRows.All.All(row => Box.Cells.PeerIsUp(row.Value)));
    }

    public Storm Storm { get; }

    public SimulatedBox Box { get; }

    /// <summary>The configuration; proxies 10.0.0.21 and on.</summary>
    public string Yaml(int probeSeconds = 2, string without = "")
    {
        string[] names = [.. Enumerable.Range(0, _proxies).Select(i =>
            $"proxy-{(char)('a' + i)}").Where(n => n != without)];
        string peers = string.Concat(names.Select(n =>
            $"  {n}: {{realm: core, uri: \"sip:10.0.0.{21 + n[^1] - 'a'}:5060\"}}\n"));
        string all = string.Join(", ", names.Select(n => $"{n}-alone"));
        // Groups of one, to which the box forks.
        string offices = string.Concat(names.Select(n =>
            $"  {n}-alone: {{peers: [{n}], probe: {{interval_seconds: {probeSeconds}}}}}\n"));
        return _edit($$"""
            realms:
              edge:
                listen: [udp://192.0.2.10:5060]
                media: {address: 192.0.2.10, ports: {{_ports}}, quarantine_ms: 100}
                limits: {calls_per_second: 100000, messages_per_second_per_source: 100000, calls_max: 100000}
              core:
                trust: trusted
                listen: [udp://10.0.0.10:5060]
                media: {address: 10.0.0.10, ports: {{_ports}}, quarantine_ms: 100}
            peers:
            {{peers}}
              phone-a: {realm: edge, uri: "sip:203.0.113.201"}
              office-1: {realm: core, uri: "sip:10.0.0.71"}
            groups:
              office:
                peers: [office-1]
                probe: {interval_seconds: 0}
              farm:
                peers: [{{string.Join(", ", names)}}]
                balance: least_calls
                probe: {interval_seconds: {{probeSeconds}}}
            {{offices}}
            routes:
              - {name: office, from: phone-a, to: office}
              - {name: both, from: edge, match: {request_user: '^both$'}, to: [{{all}}], fork: parallel}
              - {name: inbound, from: edge, to: farm}
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """);
    }

    public BoxStorm WithUsualAgents(int callers = 40, int natEvery = 3)
    {
        Storm.AddCallers(callers, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"), natEvery);
        Storm.AddFarm(_proxies, Address.Of("10.0.0.21:5060"));
        AddCast();
        return this;
    }

    // B in the core calls A and C on the edge through the box, and A calls C where Refer-To says: at the box, whose
    // route leads to the office's proxy, which knows where C is, behind the box again.
    private void AddCast()
    {
        Storm.Add(new TransferCast(
            new Phone(Storm.Simulator, "phone-a", Address.Of("203.0.113.201:5060"), Address.Of("192.0.2.10:5060")),
            new Phone(Storm.Simulator, "phone-b", Address.Of("10.0.0.61:5060"), Address.Of("10.0.0.10:5060")),
            new Phone(Storm.Simulator, "phone-c", Address.Of("203.0.113.203:5060"), null)));
        Storm.Add(new ForwardingProxy(Storm.Simulator, Address.Of("10.0.0.71:5060"),
            _ => "sip:phone-c@203.0.113.203", Address.Of("10.0.0.10:5060")));
    }

    /// <summary>Strangers on the edge that send what is no SIP, or not theirs to send.</summary>
    public void AddNonsense(int datagrams)
    {
        var stranger = new Babbler(
            Storm.Simulator, Address.Of("203.0.113.250:5060"), Address.Of("192.0.2.10:5060"), datagrams);
        At(500, stranger.Start);
    }

    /// <summary>
    /// Runs it. Every datagram goes to the file that SBC_STORM_TRACE names, where it names one.
    /// </summary>
    public StormReport Run()
    {
        string? trace = Environment.GetEnvironmentVariable("SBC_STORM_TRACE");
        if (trace == null) return Storm.Run();
        using var file = new StreamWriter(trace, append: false, System.Text.Encoding.Latin1);
        Storm.Simulator.Network.Sent += file.WriteLine;
        return Storm.Run();
    }

    public void At(long milliseconds, Action action) => Storm.Simulator.After(milliseconds, action);

    /// <summary>A storm's network: the edge as the profile says, the core a good one.</summary>
    public static StormPlan Plan(ulong seed, string profile, int calls, params Scenario[] scenarios) => new()
    {
        Seed = seed,
        Calls = calls,
        CallsPerSecond = 200,
        Scenarios = scenarios.Length == 0 ? UsualScenarios.All : scenarios,
        Networks =
        [
            ("edge", Profile(profile), ["203.0.113.0/24", "192.0.2.0/24"]),
            ("core", profile == "perfect" ? NetworkProfile.Perfect : NetworkProfile.Lan, ["10.0.0.0/8"]),
        ],
    };

    private static NetworkProfile Profile(string name) => name switch
    {
        "lan" => NetworkProfile.Lan,
        "wan" => NetworkProfile.Wan,
        "hostile" => NetworkProfile.Hostile,
        _ => NetworkProfile.Perfect,
    };

    private static bool Holds(LeakWatch watch) => watch.Leaks.Count == 0 && watch.DatagramsWatched > 0
        ? true
        : throw new SimulationFailure(string.Join('\n',
            watch.Leaks.Take(2).Prepend("it leaks, or nothing was watched")));

    private static bool Holds(OriginWatch watch) => watch.Problems.Count == 0
        ? true
        : throw new SimulationFailure(string.Join('\n', watch.Problems.Take(2)));

    private LeakWatch Watch(string side, string[] forbidden)
    {
        var watch = new LeakWatch(
            Storm.Simulator.Network, (from, _) => from.ToString().StartsWith(side, StringComparison.Ordinal), Exempt);
        watch.Forbid(forbidden);
        return watch;
    }
}
