using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Forwarding;

/// <summary>Storms through a box that keeps nothing: any worker, any order, and every message finds its way.</summary>
public sealed class ForwardStormTests
{
    [Theory]
    [InlineData(1, "perfect", 1)]
    [InlineData(2, "lan", 3)]
    [InlineData(3, "wan", 2)]
    public void Every_usual_call_works_and_nothing_is_remembered_or_handed_over(ulong seed, string profile, int workers)
    {
        (Storm storm, SimulatedBox box) = Build(BoxStorm.Plan(seed, profile, 600), workers);
        StormReport report = storm.Run().AssertClean();
        Assert.True(report.Callers.Answered > 200, report.ToString());
        Assert.Equal(0, box.Workers.Signalling.Sum(worker => worker.Counters.Verdicts(VerdictKind.HandedOver)));
        Assert.All(storm.Callees, callee => Assert.InRange(callee.Counters.Offered, 75, 300));
    }

    [Fact]
    public void A_dead_peer_takes_only_its_own_calls_with_it()
    {
        var plain = new Scenario("plain", 1, random => new CallScript { HangUpAfter = random.Between(0, 2000) }, 200);
        StormPlan plan = BoxStorm.Plan(5, "perfect", 1200, plain) with { CallsPerSecond = 40, MayFail = _ => true };
        (Storm storm, SimulatedBox box) = Build(plan, 2);
        var dead = (FarmProxy)storm.Callees[0];
        int row = box.Row("proxy-a");
        storm.Simulator.After(10_000, () =>
        {
            dead.Kill(KilledHost.PortUnreachable);
            // What its probes find out; the storm has none, so that its end is quiet.
            box.Cells.SetPeerUp(row, false);
        });
        storm.Simulator.After(20_000, () =>
        {
            dead.Revive();
            box.Cells.SetPeerUp(row, true);
        });
        StormReport report = storm.Run();
        Assert.InRange(report.Callers.Answered, 1150, 1200);
        Assert.All(storm.Callees, callee => Assert.InRange(callee.Counters.Offered, 130, 480));
    }

    private static (Storm Storm, SimulatedBox Box) Build(StormPlan plan, int workers)
    {
        var storm = new Storm(plan);
        var box = new SimulatedBox(storm.Simulator, """
            realms:
              edge:
                listen: [udp://192.0.2.10:5060]
                limits: {calls_per_second: 100000, messages_per_second_per_source: 100000, calls_max: 100000}
              core:
                trust: trusted
                listen: [udp://10.0.0.10:5060]
            peers:
              proxy-a: {realm: core, uri: "sip:10.0.0.21:5060"}
              proxy-b: {realm: core, uri: "sip:10.0.0.22:5060"}
              proxy-c: {realm: core, uri: "sip:10.0.0.23:5060"}
              proxy-d: {realm: core, uri: "sip:10.0.0.24:5060"}
            groups:
              farm:
                peers: [proxy-a, proxy-b, proxy-c, proxy-d]
                balance: call_id_hash
                probe: {interval_seconds: 0}
            routes:
              - {name: inbound, from: edge, to: farm, mode: forward}
            """, workers, mediaWorkers: 0);
        storm.WorkersQuiet = () => box.Alive == 0;
        foreach ((string what, Func<bool> holds) in box.Laws) storm.AtEnd(what, holds);
        storm.AddCallers(40, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"), 3);
        storm.AddFarm(4, Address.Of("10.0.0.21:5060"));
        return (storm, box);
    }
}
