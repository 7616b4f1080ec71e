using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>Peers die, slow down, refuse and come back in mid storm, and the shares are those of the policy.</summary>
public sealed class BalancingStormTests
{
    private const int Proxies = 4;

    private static readonly Scenario Plain =
        new("plain", 1, random => new CallScript
        {
            User = $"user{random.Between(0, 99)}", HangUpAfter = random.Between(500, 4000),
        }, 200);

    [Theory]
    [InlineData("round_robin")]
    [InlineData("least_calls")]
    [InlineData("weighted")]
    [InlineData("two_choices")]
    [InlineData("call_id_hash")]
    public void A_proxy_that_dies_and_comes_back_under_load_gets_its_share_again(string balance)
    {
        Instant killed = default;
        StormPlan plan = BoxStorm.Plan(7, "perfect", 2400, Plain) with
        {
            CallsPerSecond = 40,
            MayFail = placed => killed != default && placed < killed && placed >= killed.AddMilliseconds(-4500),
        };
        BoxStorm storm = Storm(plan, balance);
        var proxy = (FarmProxy)storm.Storm.Callees[1];
        long atDeath = 0, atReturn = 0, atEnd = 0;
        storm.At(15_000, () =>
        {
            killed = storm.Storm.Simulator.Now;
            atDeath = proxy.Counters.Offered;
            proxy.Kill(KilledHost.Silent);
        });
        storm.At(20_000, () => Assert.False(storm.Box.IsUp("proxy-b")));
        storm.At(25_000, proxy.Revive);
        // Two probes and a slow start later.
        storm.At(42_000, () => atReturn = proxy.Counters.Offered);
        storm.At(59_000, () => atEnd = proxy.Counters.Offered);
        storm.Storm.Run().AssertClean();
        Assert.InRange(atDeath, 150 * 0.75, 150 * 1.25);
        Assert.InRange(atEnd - atReturn, 170 * 0.7, 170 * 1.3);
    }

    [Theory]
    [InlineData(500, "", true)]
    [InlineData(503, "", false)]
    [InlineData(408, "", false)]
    [InlineData(0, "", false)]
    [InlineData(500, ", down_on: [500]", false)]
    [InlineData(503, ", down_on: [500]", true)]
    public void Any_answer_to_a_probe_is_alive_but_those_that_are_configured(int status, string keys, bool up)
    {
        var simulator = new Simulator(1);
        var box = new SimulatedBox(simulator, $$"""
            realms:
              core: {trust: trusted, listen: [udp://10.0.0.10:5060]}
            peers:
              proxy-a: {realm: core, uri: "sip:10.0.0.21:5060"}
            groups:
              farm:
                peers: [proxy-a]
                probe: {interval_seconds: 2{{keys}} }
            routes:
              - {from: core, to: farm}
            """, mediaWorkers: 0);
        _ = new FarmProxy(simulator, "proxy", Address.Of("10.0.0.21:5060"), _ => new AnswerScript())
        {
            OptionsStatus = status,
        };
        simulator.RunFor(12_000);
        Assert.Equal(up, box.IsUp("proxy-a"));
    }

    [Fact]
    public void A_proxy_that_refuses_all_is_out_before_many_probes_and_costs_no_call()
    {
        StormPlan plan = BoxStorm.Plan(8, "perfect", 1200, Plain) with { CallsPerSecond = 40 };
        var storm = new BoxStorm(plan, 2, Proxies);
        storm.Storm.AddCallers(40, Address.Of("203.0.113.1:5060"), Address.Of("192.0.2.10:5060"));
        for (int i = 0; i < Proxies; i++)
        {
            int status = i == 0 ? 503 : 200;
            storm.Storm.Add(new FarmProxy(storm.Storm.Simulator, $"proxy{i}", Address.Of($"10.0.0.{21 + i}:5060"),
                _ => new AnswerScript { Status = status, FinalAfter = 20 }));
        }
        storm.Storm.Run().AssertClean();
        long refused = storm.Storm.Callees[0].Counters.Offered;
        // With the fewest calls of all it would get every new one.
        Assert.True(refused < 1200 / 8, $"offered {refused}: it is up by its probes, and out by its calls");
    }

    [Fact]
    public void Limits_of_peers_hold_in_a_storm_and_what_is_over_them_goes_elsewhere()
    {
        StormPlan plan = BoxStorm.Plan(9, "lan", 1500, Plain);
        var storm = new BoxStorm(plan, 3, Proxies, edit: yaml => yaml.Replace(
            "10.0.0.21:5060\"}", "10.0.0.21:5060\", calls_max: 5}", StringComparison.Ordinal));
        storm.WithUsualAgents();
        long most = 0;
        for (int at = 0; at < 20_000; at += 20)
            storm.At(at, () => most = Math.Max(most, storm.Box.Cells.PeerCalls(storm.Box.Row("proxy-a"))));
        storm.Storm.Run().AssertClean();
        Assert.Equal(5, most);
    }

    [Fact]
    public void Reloads_that_change_policy_and_weights_in_mid_storm_cost_no_call()
    {
        string[] policies = ["round_robin", "least_calls", "weighted", "two_choices", "call_id_hash", "source_hash"];
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(10, "lan", 1500), 2, Proxies).WithUsualAgents();
        for (int i = 0; i < 60; i++)
        {
            string policy = policies[i % policies.Length];
            int number = i;
            storm.At(100 + (i * 120), () => storm.Box.Publish(storm.Yaml().Replace("least_calls", policy,
                StringComparison.Ordinal).Replace("[proxy-a,", $"[{{name: proxy-a, weight: {1 + (number % 5)}}},",
                StringComparison.Ordinal)));
        }
        storm.Storm.Run().AssertClean();
        Assert.All(storm.Storm.Callees, callee => Assert.True(callee.Counters.Offered > 100));
    }

    [Theory]
    [InlineData(13, "lan")]
    [InlineData(14, "wan")]
    public void Listeners_and_media_ranges_that_come_and_go_in_mid_storm_cost_no_call(ulong seed, string profile)
    {
        BoxStorm storm = new BoxStorm(BoxStorm.Plan(seed, profile, 1500), 2, Proxies).WithUsualAgents();
        for (int i = 0; i < 60; i++)
        {
            // What is first is what calls leave from; each one has calls when it goes.
            string edge = i % 4 == 3 ? "" : $"udp://192.0.2.{20 + (i % 9)}:5060, ";
            string core = i % 5 == 4 ? "" : $"udp://10.0.0.{200 + (i % 7)}:5060, ";
            string ports = $"ports: {20000 + (i / 20 * 10_000)}-{29_999 + (i / 20 * 10_000)}";
            storm.At(100 + (i * 120), () => storm.Box.Publish(storm.Yaml()
                .Replace("[udp://192", $"[{edge}udp://192", StringComparison.Ordinal)
                .Replace("[udp://10", $"[{core}udp://10", StringComparison.Ordinal)
                .Replace("ports: 20000-29999", ports, StringComparison.Ordinal)));
        }
        int most = 0;
        storm.At(7000, () => most = storm.Box.OpenListeners);
        storm.At(180_000, () => storm.Box.Publish(storm.Yaml()));
        storm.At(190_000, () => storm.Box.Publish(storm.Yaml()));
        storm.At(199_000, () => Assert.Equal(2, storm.Box.OpenListeners));
        storm.Storm.Run().AssertClean();
        Assert.InRange(most, 10, 18);
        Assert.Equal(0, storm.Box.Dropped(Sbc.Runtime.DropReason.SendFailed));
    }

    [Trait("tier", "long")]
    [Fact]
    public void A_hundred_reloads_at_a_thousand_calls_a_second_cost_no_call_and_no_repetition()
    {
        StormPlan plan = BoxStorm.Plan(12, "lan", 10_000, Plain) with { CallsPerSecond = 1000 };
        BoxStorm storm = new BoxStorm(plan, 4, Proxies).WithUsualAgents(callers: 200);
        string[] names = ["", "proxy-a", "proxy-b", "proxy-c"];
        for (int i = 0; i < 100; i++)
        {
            string without = names[i % names.Length];
            storm.At(100 + (i * 95), () => storm.Box.Publish(storm.Yaml(without: without)));
        }
        StormReport report = storm.Storm.Run().AssertClean();
        Assert.Equal(10_000, report.Callers.Answered);
        Assert.InRange(report.Callers.Retransmissions + report.Callees.Retransmissions, 0, 10);
    }

    [Fact]
    public void A_reserve_group_gets_the_calls_when_the_first_group_is_dead()
    {
        Instant killed = default;
        StormPlan plan = BoxStorm.Plan(11, "perfect", 800, Plain) with
        {
            CallsPerSecond = 40,
            MayFail = placed => killed != default && placed < killed && placed >= killed.AddMilliseconds(-4500),
        };
        var storm = new BoxStorm(plan, 2, 2, edit: yaml => yaml
            .Replace("    peers: [proxy-a, proxy-b]", "    peers: [proxy-a]", StringComparison.Ordinal)
            .Replace("groups:", "groups:\n  reserve: {peers: [proxy-b], probe: {interval_seconds: 0}}",
                StringComparison.Ordinal)
            .Replace("to: farm", "to: [farm, reserve]", StringComparison.Ordinal));
        storm.WithUsualAgents();
        var first = (FarmProxy)storm.Storm.Callees[0];
        storm.At(5000, () => Assert.Equal(0, storm.Storm.Callees[1].Counters.Offered));
        storm.At(10_000, () =>
        {
            killed = storm.Storm.Simulator.Now;
            first.Kill(KilledHost.PortUnreachable);
        });
        storm.At(19_000, first.Revive);
        storm.Storm.Run().AssertClean();
        Assert.InRange(storm.Storm.Callees[1].Counters.Offered, 300, 420);
    }

    private static BoxStorm Storm(StormPlan plan, string balance) => new BoxStorm(
        plan, 2, Proxies, edit: yaml => yaml.Replace("least_calls", balance, StringComparison.Ordinal))
        .WithUsualAgents();
}
