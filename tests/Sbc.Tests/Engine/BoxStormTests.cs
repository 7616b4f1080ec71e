using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>Thousands of calls a seed through the real workers: nothing is lost, leaks or shows the other side.</summary>
public class BoxStormTests
{
    private const string Farm = """
        realms:
          edge:
            listen: [udp://192.0.2.10:5060]
            media: {address: 192.0.2.10, ports: 20000-29999}
            limits: {calls_per_second: 100000, messages_per_second_per_source: 100000, calls_max: 100000}
          core:
            trust: trusted
            listen: [udp://10.0.0.10:5060]
            media: {address: 10.0.0.10, ports: 20000-29999}
        peers:
          proxy-a: {realm: core, uri: "sip:10.0.0.21:5060"}
          proxy-b: {realm: core, uri: "sip:10.0.0.22:5060"}
        groups:
          farm: {peers: [proxy-a, proxy-b], balance: least_calls}
        routes:
          - {name: inbound, from: edge, to: farm}
          - {name: outbound, from: core, to: request_uri, realm: edge}
        """;

    [Theory]
    [InlineData(1, "perfect", 1)]
    [InlineData(2, "lan", 2)]
    [InlineData(3, "wan", 2)]
    [InlineData(4, "hostile", 1)]
    [InlineData(5, "hostile", 3)]
    public void A_storm_of_calls_leaves_nothing_behind(ulong seed, string profile, int workers)
    {
        Storm storm = Create(seed, profile, 2000);
        var box = new SimulatedBox(storm.Simulator, Farm, workers);
        storm.AddCallers(40, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"));
        storm.AddFarm(2, Address.Of("10.0.0.21:5060"));
        LeakWatch edge = Watch(storm.Simulator, "203.0.113.", "10.0.0.");
        storm.WorkersQuiet = () => box.Workers.Signalling.All(w => w.Parts.Calls.Count == 0 && w.Parts.Servers.Count == 0 &&
            w.Parts.Media.StreamCount == 0);
        foreach ((string what, Func<bool> holds) in box.Laws) storm.AtEnd(what, holds);
        storm.AtEnd("no core address on the edge", () => edge.Leaks.Count == 0);
        StormReport report = storm.Run();
        report.AssertClean();
    }

    private static Storm Create(ulong seed, string profile, int calls) => new(new StormPlan
    {
        Seed = seed,
        Calls = calls,
        CallsPerSecond = 200,
        Networks =
        [
            ("edge", Profile(profile), ["203.0.113.0/24", "192.0.2.0/24"]),
            ("core", NetworkProfile.Lan, ["10.0.0.0/8"]),
        ],
    });

    private static NetworkProfile Profile(string name) => name switch
    {
        "lan" => NetworkProfile.Lan,
        "wan" => NetworkProfile.Wan,
        "hostile" => NetworkProfile.Hostile,
        _ => NetworkProfile.Perfect,
    };

    private static LeakWatch Watch(Simulator simulator, string side, string forbidden)
    {
        var watch = new LeakWatch(simulator.Network, (_, to) => to.ToString().StartsWith(side, StringComparison.Ordinal));
        watch.Forbid(forbidden);
        return watch;
    }
}
