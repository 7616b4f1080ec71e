using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>
/// Calls by the hundred through the real workers: nothing is lost, left behind, or shows the other side.
/// </summary>
public class BoxStormTests
{
    [Theory]
    [InlineData(1, "perfect", 1)]
    [InlineData(2, "lan", 2)]
    [InlineData(3, "wan", 2)]
    [InlineData(4, "hostile", 1)]
    [InlineData(5, "hostile", 3)]
    public void A_storm_of_calls_leaves_nothing_behind(ulong seed, string profile, int workers) =>
        Usual(seed, profile, workers, 1000);

    [Trait("tier", "long")]
    [Theory]
    [InlineData("perfect")]
    [InlineData("wan")]
    [InlineData("hostile")]
    public void Many_storms_of_many_calls_leave_nothing_behind(string profile)
    {
        // 101 hostile: a re-INVITE accepted after its call had ended got a BYE with a number that was used.
        for (ulong seed = 100; seed < 120; seed++) Usual(seed, profile, 1 + (int)(seed % 4), 5000);
    }

    [Fact]
    public void The_same_seed_is_the_same_run_to_the_byte()
    {
        ulong first = Usual(6, "hostile", 2, 200).TraceHash;
        Assert.Equal(first, Usual(6, "hostile", 2, 200).TraceHash);
        Assert.NotEqual(first, Usual(7, "hostile", 2, 200).TraceHash);
    }

    [Theory]
    [InlineData(11, "perfect", 1)]
    [InlineData(12, "hostile", 2)]
    public void Media_flows_both_ways_and_every_port_comes_back(ulong seed, string profile, int workers)
    {
        Scenario[] scenarios = [.. UsualScenarios.All.Select(UsualScenarios.WithMedia)];
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(seed, profile, 150, scenarios), workers).WithUsualAgents();
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.True(report.CallerMedia.Received > 1000 && report.CalleeMedia.Received > 1000, report.ToString());
        if (profile == "perfect") Assert.Equal(0, report.CallerMedia.Lost + report.CalleeMedia.Lost);
    }

    [Theory]
    [InlineData(21, KilledHost.Silent)]
    [InlineData(22, KilledHost.PortUnreachable)]
    public void A_proxy_killed_under_load_costs_no_call_that_is_offered_later(ulong seed, KilledHost how)
    {
        Instant killed = default;
        StormPlan plan = BoxStorm.Plan(
            seed, "perfect", 1000, UsualScenarios.CallerHangsUp, UsualScenarios.CalleeHangsUp, UsualScenarios.Refused,
            UsualScenarios.Cancelled, UsualScenarios.Hasty) with
        {
            CallsPerSecond = 20,
            // Only what was being set up when it died may fail.
            MayFail = placed => killed != default && placed < killed && placed >= killed.AddMilliseconds(-4000),
        };
        BoxStorm storm = new BoxStorm(plan, 2).WithUsualAgents();
        var proxy = (FarmProxy)storm.Storm.Callees[0];
        bool wasUp = true, wasDown = false;
        storm.At(10_000, () =>
        {
            wasUp = storm.Box.IsUp("proxy-a");
            killed = storm.Storm.Simulator.Now;
            proxy.Kill(how);
        });
        storm.At(20_000, () => wasDown = !storm.Box.IsUp("proxy-a"));
        storm.At(30_000, proxy.Revive);
        storm.Storm.Run().AssertClean();
        Assert.True(wasUp, "up before");
        Assert.True(wasDown, "down after");
        Assert.True(proxy.Counters.Offered > 200, $"offered {proxy.Counters.Offered}");
    }

    [Fact]
    public void Calls_go_past_proxies_that_refuse_with_503_or_stay_silent()
    {
        var plain = new Scenario("plain", 1, random => new CallScript { HangUpAfter = random.Between(0, 3000) }, 200);
        var storm = new BoxStorm(BoxStorm.Plan(31, "lan", 500, plain), 2, proxies: 3);
        storm.Storm.AddCallers(40, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"));
        int[] statuses = [503, 0, 200];
        for (int i = 0; i < 3; i++)
        {
            int status = statuses[i];
            storm.Storm.Add(new FarmProxy(storm.Storm.Simulator, $"proxy{i}", Address.Of($"10.0.0.{21 + i}:5060"),
                _ => new AnswerScript { Status = status, FinalAfter = 20 }));
        }
        storm.Storm.Run().AssertClean();
        Assert.True(storm.Storm.Callees[0].Counters.Offered > 50 && storm.Storm.Callees[1].Counters.Offered > 10);
    }

    [Fact]
    public void A_drained_peer_gets_no_new_call_and_keeps_those_it_has()
    {
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(41, "lan", 600), 2).WithUsualAgents();
        long offered = 0;
        Callee proxy = storm.Storm.Callees[0];
        storm.At(1000, () => storm.Box.Cells.SetPeerDraining(storm.Box.Row("proxy-a"), true));
        storm.At(1100, () => offered = proxy.Counters.Offered);
        storm.Storm.AtEnd("the drained peer got no new call", () =>
            proxy.Counters.Offered <= offered + proxy.Counters.Challenged);
        storm.Storm.Run().AssertClean();
        Assert.True(offered > 20);
    }

    [Fact]
    public void A_pool_that_runs_out_of_ports_refuses_calls_and_loses_no_port()
    {
        Scenario[] scenarios = [.. UsualScenarios.All.Select(UsualScenarios.WithMedia)];
        StormPlan plan = BoxStorm.Plan(51, "lan", 200, scenarios) with { MayFail = _ => true };
        BoxStorm storm = new BoxStorm(plan, 2, ports: "20000-20199").WithUsualAgents();
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.True(report.Callers.Failed.GetValueOrDefault(503) > 10, report.ToString());
        Assert.True(report.Callers.Answered > 30, report.ToString());
    }

    [Fact]
    public void A_draining_box_refuses_new_calls_and_completes_the_others()
    {
        Instant drained = Instant.Never;
        StormPlan plan = BoxStorm.Plan(61, "lan", 600) with { MayFail = placed =>
            placed.AddMilliseconds(2000) >= drained };
        BoxStorm storm = new BoxStorm(plan, 2).WithUsualAgents();
        storm.At(1500, () =>
        {
            drained = storm.Storm.Simulator.Now;
            storm.Box.Cells.Draining = true;
        });
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.True(report.Callers.Failed.GetValueOrDefault(503) > 100, report.ToString());
    }

    [Fact]
    public void Ending_all_calls_in_mid_storm_leaves_nothing_behind()
    {
        StormPlan plan = BoxStorm.Plan(71, "wan", 800) with { MayFail = _ => true };
        BoxStorm storm = new BoxStorm(plan, 3).WithUsualAgents();
        for (int second = 1; second < 5; second++) storm.At(second * 1000, storm.Box.EndCalls);
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.True(report.Callers.Failed.GetValueOrDefault(503) > 20, report.ToString());
    }

    [Fact]
    public void Reloads_that_remove_and_add_peers_cost_no_call()
    {
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(81, "lan", 1000), 2, proxies: 3).WithUsualAgents();
        for (int i = 0; i < 20; i++)
        {
            string without = i % 4 == 3 ? "" : $"proxy-{(char)('a' + (i % 4))}";
            storm.At(200 + (i * 230), () => storm.Box.Publish(storm.Yaml(without: without)));
        }
        storm.Storm.Run().AssertClean();
        Assert.True(storm.Storm.Callees.All(callee => callee.Counters.Offered > 100));
    }

    [Theory]
    [InlineData(91, "perfect", 1)]
    [InlineData(92, "wan", 2)]
    public void A_call_that_passes_the_box_twice_is_two_calls_with_media(ulong seed, string profile, int workers)
    {
        Scenario[] scenarios = [.. UsualScenarios.All.Select(UsualScenarios.WithMedia)];
        var storm = new BoxStorm(BoxStorm.Plan(seed, profile, 120, scenarios), workers, proxies: 1);
        Simulator simulator = storm.Storm.Simulator;
        storm.Storm.AddCallers(20, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"), natEvery: 0);
        storm.Storm.Add(new ForwardingProxy(
            simulator, Address.Of("10.0.0.21:5060"), _ => "sip:bob@203.0.113.200:5060", Address.Of("10.0.0.10:5060")));
        var phone = new Callee(simulator, "phone", Address.Of("203.0.113.200:5060"), _ =>
            new AnswerScript { HangUpAfter = 5000 });
        storm.Storm.Add(phone);
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.True(phone.Counters.Answered > 50, report.ToString());
        Assert.True(report.CallerMedia.Received > 500 && report.CalleeMedia.Received > 500, report.ToString());
    }

    [Fact]
    public void A_call_whose_media_falls_silent_is_ended_on_both_legs()
    {
        // Nobody hangs up: what ends the calls before the agents' watchdog is the silence after their media stopped.
        var silent = new Scenario("no media at all", 1, _ => new CallScript { Callee = new AnswerScript() }, 200);
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(101, "lan", 20, silent), 2).WithUsualAgents();
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.Equal(20, report.Callers.Ended);
        Assert.Equal(0, report.Callers.Abandoned + report.Callees.Abandoned);
    }

    private static StormReport Usual(ulong seed, string profile, int workers, int calls)
    {
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(seed, profile, calls), workers).WithUsualAgents();
        StormReport report = storm.Storm.Run().AssertClean();
        if (profile is not ("perfect" or "lan")) return report;
        AgentCounters callers = report.Callers, callees = report.Callees;
        Assert.True(callers.InDialogTimeouts + callees.InDialogTimeouts + callers.AckTimeouts + callees.AckTimeouts +
            callers.Abandoned + callees.Abandoned + callers.Retransmissions +
                callees.Retransmissions == 0, report.ToString());
        return report;
    }
}
