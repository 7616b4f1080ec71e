using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

/// <summary>Agents against each other, without the box: they must agree before they judge anything.</summary>
public class StormTests
{
    private static readonly TransportAddress Farm = Address.Of("10.0.0.21:5060");

    public static TheoryData<string, ulong> Weathers => new()
    {
        { "perfect", 1 }, { "lan", 2 }, { "wan", 3 }, { "hostile", 4 }, { "hostile", 5 },
    };

    [Theory]
    [MemberData(nameof(Weathers))]
    public void Callers_and_callees_agree_in_every_weather(string weather, ulong seed)
    {
        StormReport report = Direct(weather, seed, 2000).Run().AssertClean();
        Assert.Equal(2000, report.Callers.Placed);
        Assert.True(report.Callers.Answered > 1000, report.ToString());
        Assert.Equal(0, report.Callers.Abandoned);
        if (weather is "perfect" or "lan")
        {
            Assert.Equal(0, report.Callers.Timeouts + report.Callers.AckTimeouts + report.Callees.AckTimeouts);
            Assert.Equal(0, report.Callers.OutOfOrder + report.Callees.OutOfOrder);
        }
    }

    [Fact]
    public void The_same_seed_is_the_same_run_to_the_byte_and_another_is_not()
    {
        ulong first = Direct("hostile", 11, 300).Run().TraceHash;
        Assert.Equal(first, Direct("hostile", 11, 300).Run().TraceHash);
        Assert.NotEqual(first, Direct("hostile", 12, 300).Run().TraceHash);
    }

    [Fact]
    public void Calls_through_a_forwarding_proxy_survive_a_hostile_network()
    {
        Storm storm = Through("hostile", 21, 1000);
        StormReport report = storm.Run().AssertClean();
        Assert.True(report.Callers.Answered > 400, report.ToString());
    }

    [Fact]
    public void Media_of_many_calls_goes_to_its_own_call_and_leg()
    {
        var plan = new StormPlan
        {
            Seed = 31,
            Calls = 40,
            CallsPerSecond = 20,
            Scenarios =
            [
                UsualScenarios.WithMedia(UsualScenarios.CallerHangsUp),
                UsualScenarios.WithMedia(UsualScenarios.CancelRace),
            ],
        };
        StormReport report = Build(plan, null).Run().AssertClean();
        Assert.Equal(0, report.CallerMedia.Lost + report.CalleeMedia.Lost);
        Assert.True(report.CallerMedia.Received > 10_000, report.ToString());
    }

    [Fact]
    public void A_callee_that_dies_leaves_timeouts_and_the_report_says_so_with_the_seed()
    {
        Storm storm = Direct("perfect", 41, 200);
        storm.Simulator.After(500, () => storm.Simulator.Network.Kill(Farm, KilledHost.Silent));
        StormReport report = storm.Run();
        Assert.True(report.Callers.Timeouts > 0);
        var failure = Assert.Throws<SimulationFailure>(() => report.AssertClean());
        Assert.Contains("seed 41", failure.Message);
        Assert.Contains("408, not", failure.Message);
    }

    [Fact]
    public void An_end_check_that_does_not_hold_fails_the_storm()
    {
        Storm storm = Direct("perfect", 51, 10);
        storm.AtEnd("every port is back", () => false);
        Assert.Contains("every port is back", Assert.Single(storm.Run().Failures));
    }

    [Fact]
    public void A_watch_finds_an_address_that_leaks_and_not_a_longer_one()
    {
        Storm storm = Direct("perfect", 61, 20);
        var watch = new LeakWatch(storm.Simulator.Network, (_, to) => to.Port == 5060 && !to.SameAddress(Farm));
        watch.Forbid("10.0.0.2");
        storm.Run();
        Assert.Empty(watch.Leaks);
        Assert.True(watch.DatagramsWatched > 0);

        storm = Direct("perfect", 61, 20);
        watch = new LeakWatch(storm.Simulator.Network, (_, to) => !to.SameAddress(Farm), "To", "Contact");
        watch.Forbid("10.0.0.21");
        storm.Run();
        Assert.NotEmpty(watch.Leaks);
    }

    private static Storm Direct(string weather, ulong seed, int calls) => Build(Plan(weather, seed, calls), null);

    private static Storm Through(string weather, ulong seed, int calls) =>
        Build(Plan(weather, seed, calls), Address.Of("10.0.0.31:5060"));

    private static Storm Build(StormPlan plan, TransportAddress? forwarding)
    {
        var storm = new Storm(plan);
        storm.AddCallers(50, Address.Of("203.0.113.1:5060"), forwarding ?? Farm, natEvery: 0);
        storm.AddFarm(1, Farm);
        if (forwarding is { } local) storm.Add(new ForwardingProxy(storm.Simulator, local, _ => $"sip:bob@{Farm}"));
        return storm;
    }

    private static StormPlan Plan(string weather, ulong seed, int calls) => new()
    {
        Seed = seed,
        Calls = calls,
        Networks = [("edge", Profile(weather), ["203.0.113.0/24", "10.0.0.0/8"])],
    };

    private static NetworkProfile Profile(string weather) => weather switch
    {
        "perfect" => NetworkProfile.Perfect,
        "lan" => NetworkProfile.Lan,
        "wan" => NetworkProfile.Wan,
        _ => NetworkProfile.Hostile,
    };
}
