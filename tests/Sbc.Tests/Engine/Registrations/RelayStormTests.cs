using Sbc.Engine.Registrations;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

public sealed class RelayStormTests
{
    [Fact]
    public void In_calm_weather_the_registrar_sees_less_than_one_register_in_ten()
    {
        var storm = new RelayStorm(1, NetworkProfile.Lan, 100);
        storm.Boot(90_000);
        storm.Simulator.RunFor(2 * 3_600_000);
        long sent = storm.Phones.Sum(phone => phone.Registers);
        long seen = storm.Registrars[0].Registers;
        Assert.True(seen * 10 <= sent, $"{seen} of {sent}");
        Assert.All(storm.Phones, phone => Assert.True(phone.IsRegistered));
        storm.AskAll();
        Assert.Equal(100, storm.Reached);
        storm.End();
    }

    [Theory]
    [InlineData(2, "lan", 1)]
    [InlineData(3, "wan", 1)]
    [InlineData(4, "wan", 2)]
    [InlineData(5, "hostile", 1)]
    public void Phones_move_vanish_and_come_back_and_who_is_registered_is_reached(ulong seed, string edge, int workers)
    {
        NetworkProfile profile = edge == "lan" ? NetworkProfile.Lan : edge == "wan" ? NetworkProfile.Wan :
            NetworkProfile.Hostile;
        var storm = new RelayStorm(seed, profile, 100, workers: workers);
        storm.Boot(20_000);
        for (int round = 0; round < 20; round++)
        {
            storm.Simulator.RunFor(30_000);
            for (int i = 0; i < 10; i++) storm.Disturb();
            if (round % 5 != 4) continue;
            // Whoever lost its way is back after a few repetitions, and whose flow is gone after its expiry.
            storm.Simulator.RunFor(240_000);
            storm.AskAll();
        }
        Assert.True(storm.Reached > 100, $"{storm.Reached}");
        storm.End();
    }

    [Theory]
    [InlineData(6, 1)]
    [InlineData(7, 2)]
    public void A_registrar_dies_and_forgets_and_all_are_known_there_again(ulong seed, int registrars)
    {
        var storm = new RelayStorm(seed, NetworkProfile.Lan, 200, registrars);
        storm.Boot(20_000);
        storm.Simulator.RunFor(120_000);
        storm.AskAll();
        storm.Registrars[0].Kill();
        storm.Simulator.RunFor(300_000);
        Assert.All(storm.Phones, phone => Assert.True(phone.IsRegistered, phone.User));
        storm.Registrars[0].Forget();
        storm.Registrars[0].Revive();
        // One expiry of the phones and a slow start later.
        storm.Simulator.RunFor(300_000);
        Assert.True(storm.Registrars.Sum(registrar => registrar.Users) >= 200);
        storm.AskAll();
        storm.End();
    }

    [Fact]
    public void A_power_cut_of_known_phones_is_answered_here_and_the_registrar_sees_them_at_its_own_pace()
    {
        var storm = new RelayStorm(8, NetworkProfile.Lan, 1000, perSecond: 20);
        storm.Boot(60_000);
        Assert.True(storm.Simulator.RunUntil(() => storm.Phones.All(phone => phone.IsRegistered), 600_000));
        storm.Simulator.RunFor(60_000);
        long before = storm.Registrars[0].Registers;
        foreach (RegisteringPhone phone in storm.Phones) phone.Vanish();
        storm.Simulator.RunFor(20_000);
        storm.Boot(10_000);
        storm.Simulator.RunFor(11_000);
        Assert.All(storm.Phones, phone => Assert.True(phone.IsRegistered, phone.User));
        long seen = storm.Registrars[0].Registers - before;
        Assert.InRange(seen, 1, (20 * 12) + 20);
        storm.Simulator.RunFor(180_000);
        storm.AskAll();
        storm.End();
    }
}
