using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>All phones register within a minute, more than the registrar can take, while calls are set up.</summary>
public sealed class RelayAvalancheTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2000, 20, 1000)]
    public void A_small_one(int phones, int perSecond, int knownPhones) => Run(phones, perSecond, knownPhones, 5);

    [Theory]
    [Trait("tier", "long")]
    [InlineData(100_000, 200, 0)]
    [InlineData(100_000, 200, 50_000)]
    public void A_hundred_thousand(int phones, int perSecond, int knownPhones) =>
        Run(phones, perSecond, knownPhones, 50);

    private void Run(int count, int perSecond, int knownPhones, int callsPerSecond)
    {
        // At two REGISTERs each, and as long again for those that a place in the queue did not reach.
        long expected = 2L * (count - knownPhones) / perSecond;
        var plain = new Scenario("plain", 1, random => new CallScript
        {
            User = $"user{random.Between(0, 99)}", HangUpAfter = random.Between(500, 4000),
        }, 200);
        long knownSeconds = (2L * knownPhones / perSecond) + 30;
        StormPlan plan = BoxStorm.Plan(11, "lan", (int)((knownSeconds + 120) * callsPerSecond), plain) with
        {
            CallsPerSecond = callsPerSecond, EndWithinMilliseconds = 10_000_000,
        };
        var storm = new BoxStorm(plan, 3, edit: yaml => yaml
            .Replace("peers:\n", "peers:\n  registrar: {realm: core, uri: \"sip:10.0.0.41\"}\n",
                StringComparison.Ordinal)
            .Replace("groups:\n", "groups:\n  registrars: {peers: [registrar], probe: {interval_seconds: 0}}\n",
                StringComparison.Ordinal)
            + $$"""

            registrar:
              {mode: relay, to: registrars, domains: [example.net], registrations_per_second: {{perSecond}} }
            """);
        storm.WithUsualAgents();
        Simulator simulator = storm.Storm.Simulator;
        var registrar = new CoreRegistrar(simulator, Address.Of("10.0.0.41:5060"), Address.Of("10.0.0.10:5060"));
        RegisteringPhone[] phones = [.. Enumerable.Range(0, count).Select(i => new RegisteringPhone(
            simulator, $"p{i}", Address.Of($"203.0.113.{(i % 40) + 150}:{10_000 + (i / 40)}"),
            Address.Of("192.0.2.10:5060"), $"192.168.{i / 250 % 250}.{(i % 250) + 1}:{5060 + (i / 62_500)}",
            simulator.Random.Fork()))];
        Xoshiro random = simulator.Random.Fork();
        // Those that are known have registered before the power was cut, as fast as the registrar takes them.
        for (int i = 0; i < knownPhones; i++)
            simulator.After(i * 2000L / perSecond, phones[i].Boot);
        Instant cut = simulator.Now.AddMilliseconds(knownSeconds * 1000);
        simulator.After((knownSeconds * 1000) - 1, () =>
        {
            foreach (RegisteringPhone phone in phones) phone.Vanish();
        });
        foreach (RegisteringPhone phone in phones)
            simulator.After((knownSeconds * 1000) + random.Below(60_000), phone.Boot);
        Instant knownBack = Instant.Never, allBack = Instant.Never;
        Look();
        storm.Run().AssertClean();
        double knownTook = (knownBack - cut) / 1e6, allTook = (allBack - cut) / 1e6;
        string figures = $"{count} phones, {knownPhones} of them known, {perSecond}/s: the known ones were back after "
            + $"{knownTook:F0} s, all after {allTook:F0} s; the registrar got {registrar.Registers} REGISTERs, "
            + $"{registrar.MostInASecond} in the busiest second; "
            + $"{phones.Sum(phone => phone.Refusals)} were told to wait";
        output.WriteLine(figures);
        if (knownPhones > 0) Assert.True(knownTook <= 62, figures);
        Assert.True(allTook <= (1.5 * expected) + 120, figures);
        Assert.True(registrar.MostInASecond <= perSecond * 1.3, figures);

        void Look()
        {
            bool isOver = simulator.Now >= cut.AddMilliseconds(60_000);
            if (isOver && knownBack == Instant.Never && phones.Take(knownPhones).All(phone => phone.IsRegistered))
                knownBack = simulator.Now;
            if (isOver && phones.All(phone => phone.RegisteredAt != Instant.Never))
            {
                allBack = simulator.Now;
                foreach (RegisteringPhone phone in phones) phone.Vanish();
                return;
            }
            simulator.After(1000, Look);
        }
    }
}
