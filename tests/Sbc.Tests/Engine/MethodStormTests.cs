using System.Globalization;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>
/// Every method, fork and race through the real workers. <see cref="Carried"/> says which of them the box carries; the
/// others must fail, so that whoever makes one work adds its name.
/// </summary>
/// <remarks>
/// SBC_STORM="1017 hostile 2 10000" (seed, network, workers, calls) replays one storm in place of those of
/// <see cref="Storms"/>; SBC_STORM_TRACE=FILE writes each datagram of it: look for X-Simulated-Call: N, then for the
/// Call-IDs of both legs.
/// </remarks>
public class MethodStormTests
{
    /// <summary>The scenarios that the box carries, each on every network.</summary>
    private const Methods Carried = (Methods)((1 << 29) - 1);

    public static TheoryData<Methods> All => [.. Enum.GetValues<Methods>()];

    public static TheoryData<ulong, string, int, int> Storms
    {
        get
        {
            string[]? one = Environment.GetEnvironmentVariable("SBC_STORM")?.Split(' ');
            if (one is [string seed, string profile, string workers, string calls])
            {
                return new()
                {
                    {
                        ulong.Parse(seed, CultureInfo.InvariantCulture), profile,
                        int.Parse(workers, CultureInfo.InvariantCulture),
                        int.Parse(calls, CultureInfo.InvariantCulture)
                    },
                };
            }
            return new()
            {
                { 1, "perfect", 1, 15_000 }, { 2, "lan", 2, 15_000 }, { 3, "wan", 2, 15_000 },
                { 4, "hostile", 1, 15_000 }, { 5, "hostile", 3, 15_000 }, { 6, "wan", 4, 15_000 },
            };
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_scenario_ends_as_it_wants_to_on_a_perfect_network(Methods method)
    {
        Scenario scenario = method.Scenario();
        StormReport report = new BoxStorm(BoxStorm.Plan(1, "perfect", 200, scenario), 2).WithUsualAgents().Run();
        bool right = report.Clean && IsQuiet(report)
            && (method == Methods.Races || report.Ends(scenario.Name) is (200, 200));
        if (Carried.HasFlag(method)) Assert.True(right, report.ToString());
        else Assert.False(right, $"{method} works now: add it to {nameof(Carried)}");
    }

    [Theory]
    [MemberData(nameof(Storms))]
    public void A_storm_of_all_that_is_carried_leaves_nothing_behind(
        ulong seed, string profile, int workers, int calls) => Mixed(seed, profile, workers, calls);

    [Theory]
    [InlineData(11, "wan")]
    [InlineData(12, "hostile")]
    public void Peers_that_talk_nonsense_cost_no_other_call(ulong seed, string profile)
    {
        BoxStorm storm = Mix(seed, profile, 2, 1500);
        storm.AddNonsense(200);
        storm.Run().AssertClean();
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void A_proxy_that_dies_with_all_kinds_of_dialogs_leaves_nothing_behind(ulong seed)
    {
        StormPlan plan = BoxStorm.Plan(seed, "lan", 1500, MixOf(Carried)) with
        {
            MayFail = _ => true,
            MayFallShort = true,
        };
        BoxStorm storm = new BoxStorm(plan, 2).WithUsualAgents();
        var proxy = (FarmProxy)storm.Storm.Callees[0];
        foreach (Callee callee in storm.Storm.Callees) callee.MayTakeOver = true;
        storm.At(3000, () => proxy.Kill(seed % 2 == 0 ? KilledHost.Silent : KilledHost.PortUnreachable));
        storm.At(120_000, proxy.Revive);
        storm.Run().AssertClean();
    }

    /// <summary>The callees are trunks: one of them wants SHA-256, the other MD5 over the body too.</summary>
    [Theory]
    [InlineData(31, "perfect", 1)]
    [InlineData(32, "lan", 2)]
    [InlineData(33, "wan", 3)]
    [InlineData(34, "hostile", 2)]
    public void Peers_that_challenge_every_request_get_their_credentials(ulong seed, string profile, int workers)
    {
        StormPlan plan = BoxStorm.Plan(seed, profile, 4000, MixOf(Carried));
        var storm = new BoxStorm(plan, workers, edit: yaml => yaml.Replace(
            ":5060\"}\n", ":5060\", auth: {user: box, password: trunk, realm: trunk}}\n", StringComparison.Ordinal));
        storm.WithUsualAgents();
        storm.Storm.Callees[0].Gate = new TrunkGate("box", "trunk", "trunk", isSha256: true, "auth");
        storm.Storm.Callees[1].Gate = new TrunkGate("box", "trunk", "trunk", isSha256: false, "auth-int");
        storm.Run().AssertClean();
        foreach (Callee callee in storm.Storm.Callees) Assert.True(callee.Gate!.Admitted > 2000);
    }

    [Trait("tier", "long")]
    [Theory]
    [InlineData("perfect")]
    [InlineData("wan")]
    [InlineData("hostile")]
    public void A_million_calls_of_all_kinds_leave_nothing_behind(string profile)
    {
        for (ulong seed = 1000; seed < 1034; seed++) Mixed(seed, profile, 1 + (int)(seed % 4), 10_000);
    }

    private static void Mixed(ulong seed, string profile, int workers, int calls)
    {
        StormReport report = Mix(seed, profile, workers, calls).Run().AssertClean();
        if (profile == "perfect") Assert.True(IsQuiet(report), report.ToString());
    }

    private static BoxStorm Mix(ulong seed, string profile, int workers, int calls) =>
        new BoxStorm(BoxStorm.Plan(seed, profile, calls, MixOf(Carried)), workers).WithUsualAgents();

    private static Scenario[] MixOf(Methods methods) =>
    [
        .. UsualScenarios.All,
        .. Enum.GetValues<Methods>().Where(method => methods.HasFlag(method)).Select(method => method.Scenario()),
    ];

    // Where nothing is lost, nothing times out and nothing is for a dialog that is gone.
    private static bool IsQuiet(StormReport report)
    {
        AgentCounters callers = report.Callers, callees = report.Callees;
        return callers.AckTimeouts + callees.AckTimeouts + callers.InDialogTimeouts + callees.InDialogTimeouts
            + callers.Abandoned + callees.Abandoned + callers.OutOfOrder + callees.OutOfOrder
            + callers.SessionsExpired + callees.SessionsExpired == 0;
    }
}
