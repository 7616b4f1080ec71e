using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

/// <summary>Every scenario with agents alone: what they do against each other they may demand of the box.</summary>
public class MethodScenarioTests
{
    private static readonly TransportAddress Farm = Address.Of("10.0.0.21:5060");

    public static TheoryData<string> Names => [.. MethodScenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_ends_as_it_wants_to_on_a_perfect_network(string name)
    {
        Scenario scenario = MethodScenarios.All.First(one => one.Name == name);
        for (ulong seed = 1; seed <= 10; seed++)
        {
            StormReport report = Build(Plan("perfect", seed, 50, [scenario]), null).Run().AssertClean();
            Assert.Equal(0, report.Callers.AckTimeouts + report.Callees.AckTimeouts + report.Callers.InDialogTimeouts);
            Assert.Equal(0, report.Callers.UnknownDialog + report.Callees.UnknownDialog);
            if (scenario == MethodScenarios.Races) continue;
            Assert.Equal((50, 50), report.Ends(name));
        }
    }

    [Theory]
    [InlineData("perfect", 100)]
    [InlineData("lan", 200)]
    [InlineData("wan", 300)]
    [InlineData("hostile", 400)]
    public void All_scenarios_together_leave_nothing_behind_in_any_weather(string weather, ulong seed)
    {
        for (ulong i = 0; i < 5; i++) Build(Plan(weather, seed + i, 400), null).Run().AssertClean();
    }

    [Theory]
    [InlineData("perfect", 500)]
    [InlineData("hostile", 600)]
    public void A_record_routing_proxy_between_them_changes_nothing(string weather, ulong seed) =>
        Build(Plan(weather, seed, 800), Address.Of("10.0.0.31:5060")).Run().AssertClean();

    [Trait("tier", "long")]
    [Theory]
    [InlineData("perfect")]
    [InlineData("wan")]
    [InlineData("hostile")]
    public void Hundreds_of_seeds_leave_nothing_behind(string weather)
    {
        for (ulong seed = 1000; seed < 1300; seed++) Build(Plan(weather, seed, 500), null).Run().AssertClean();
    }

    private static Storm Build(StormPlan plan, TransportAddress? forwarding)
    {
        var storm = new Storm(plan);
        storm.AddCallers(20, Address.Of("203.0.113.1:5060"), forwarding ?? Farm, natEvery: 0);
        storm.AddFarm(1, Farm);
        Phone[] phones = [.. Enumerable.Range(1, 3).Select(i =>
            new Phone(storm.Simulator, $"phone{i}", Address.Of($"10.0.1.{i}:5060"), null))];
        storm.Add(new TransferCast(phones[0], phones[1], phones[2]));
        if (forwarding is { } local) storm.Add(new ForwardingProxy(storm.Simulator, local, Target));
        return storm;
    }

    // A redirection's target keeps its user.
    private static string Target(SipMessage request) =>
        SipUri.TryParse(request.RequestUri, out SipUri? uri) ? $"sip:{uri.User}@{Farm}" : $"sip:bob@{Farm}";

    private static StormPlan Plan(
        string weather, ulong seed, int calls, IReadOnlyList<Scenario>? scenarios = null) => new()
        {
            Seed = seed,
            Calls = calls,
            Scenarios = scenarios ?? MethodScenarios.All,
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
