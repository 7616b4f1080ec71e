using System.Globalization;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>
/// All that calls do, with sessions of several lines that come, go and change in every way, untidy answers, parts in
/// bodies, a codec that one realm denies, and media in every line.
/// </summary>
public class SessionStormTests
{
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
                { 1, "perfect", 1, 300 }, { 2, "lan", 2, 300 }, { 3, "wan", 2, 300 }, { 4, "hostile", 3, 300 },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Storms))]
    public void Sessions_of_many_lines_keep_their_order_and_leave_nothing_behind(
        ulong seed, string profile, int workers, int calls)
    {
        Scenario[] scenarios = [.. UsualScenarios.All.Concat(MethodScenarios.All).Select(UsualScenarios.WithMedia)];
        StormPlan plan = BoxStorm.Plan(seed, profile, calls, scenarios) with { CallsPerSecond = 40 };
        // A phone does not hear that one of its early dialogs is over, and sends there until it is answered: its other
        // call must not have the same port by then.
        BoxStorm storm = new BoxStorm(plan, workers, ports: "10000-59999", edit: yaml => yaml
            .Replace("quarantine_ms: 100", "quarantine_ms: 10000", StringComparison.Ordinal)
            .Replace("    limits:", $"    codecs: {{deny: [G729]}}\n    limits:", StringComparison.Ordinal));
        storm.WithUsualAgents();
        foreach (Caller caller in storm.Storm.Callers) caller.HasManyLines = true;
        foreach (Callee callee in storm.Storm.Callees) callee.HasManyLines = true;
        StormReport report = storm.Run().AssertClean();
        Assert.True(report.CallerMedia.Received > 1000 && report.CalleeMedia.Received > 1000, report.ToString());
    }

    [Trait("tier", "long")]
    [Theory]
    [InlineData("perfect")]
    [InlineData("wan")]
    [InlineData("hostile")]
    public void Many_storms_of_such_sessions_leave_nothing_behind(string profile)
    {
        for (ulong seed = 500; seed < 520; seed++)
            Sessions_of_many_lines_keep_their_order_and_leave_nothing_behind(seed, profile, 1 + (int)(seed % 4), 300);
    }
}
