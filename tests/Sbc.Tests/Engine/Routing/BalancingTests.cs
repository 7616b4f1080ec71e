using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Routing.Balancing;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Routing;

/// <summary>What each policy promises about who gets a call.</summary>
public sealed class BalancingTests
{
    [Fact]
    public void Round_robin_goes_around()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 3);
        Assert.Equal([1, 2, 0, 1, 2, 0], Chosen(farm, 6));
    }

    [Theory]
    [InlineData(new[] { 5, 1, 1 }, "0010200")]
    [InlineData(new[] { 2, 1, 1 }, "0120")]
    public void Weights_are_spread_evenly(int[] weights, string order)
    {
        Farm farm = Weighted(BalanceMethod.Weighted, weights);
        string twice = string.Concat(Chosen(farm, 2 * order.Length));
        Assert.Equal(weights[0] * 2, twice.Count(c => c == '0'));
        Assert.Equal(weights[1] * 2, twice.Count(c => c == '1'));
        Assert.DoesNotContain(new string('0', weights[0] > 2 ? 5 : 3), twice);
    }

    [Fact]
    public void Least_calls_fills_up_the_emptiest_by_weight()
    {
        Farm farm = Weighted(BalanceMethod.LeastCalls, [1, 2, 1]);
        Chosen(farm, 400);
        Assert.Equal([100, 200, 100], Loads(farm));
    }

    [Fact]
    public void Two_choices_stays_near_the_mean_and_prefers_the_quick()
    {
        var farm = new Farm(BalanceMethod.TwoChoices, 10);
        Chosen(farm, 10_000);
        Assert.All(Loads(farm), load => Assert.InRange(load, 980, 1020));
        farm = new Farm(BalanceMethod.TwoChoices, 2);
        farm.Cells.AddPeerResponse(0, 60_000);
        farm.Cells.AddPeerResponse(1, 20_000);
        Chosen(farm, 400);
        Assert.Equal([100, 300], Loads(farm));
    }

    [Fact]
    public void Priorities_are_used_in_order_whatever_the_policy_and_the_last_one_last()
    {
        foreach (BalanceMethod balance in Enum.GetValues<BalanceMethod>())
        {
            var farm = new Farm(balance, 4, i => new GroupPeerConfig { Peer = Farm.Name(i), Priority = 3 - (i / 2) });
            Assert.All(Chosen(farm, 10), peer => Assert.InRange(peer, 2, 3));
            farm.Cells.SetPeerUp(2, false);
            Assert.All(Chosen(farm, 10), peer => Assert.Equal(3, peer));
            farm.Cells.SetPeerUp(3, false);
            Assert.All(Chosen(farm, 10), peer => Assert.InRange(peer, 0, 1));
        }
    }

    [Fact]
    public void Balance_priority_gives_all_to_the_first_in_the_file()
    {
        var farm = new Farm(BalanceMethod.Priority, 3);
        Assert.All(Chosen(farm, 5), peer => Assert.Equal(0, peer));
        farm.Cells.SetPeerDraining(0, true);
        Assert.All(Chosen(farm, 5), peer => Assert.Equal(1, peer));
    }

    [Theory]
    [InlineData(BalanceMethod.CallIdHash)]
    [InlineData(BalanceMethod.SourceHash)]
    public void When_one_of_six_dies_only_its_keys_move_and_they_come_back(BalanceMethod balance)
    {
        var farm = new Farm(balance, 6);
        int[] before = Owners(farm);
        farm.Cells.SetPeerUp(2, false);
        int[] without = Owners(farm);
        Assert.All(before.Zip(without), pair => Assert.True(pair.First == 2 ? pair.Second != 2
            : pair.First == pair.Second));
        // Its keys are spread over all the others: no neighbour gets double.
        int[] inherited = [.. Enumerable.Range(0, 6).Select(peer =>
            before.Zip(without).Count(pair => pair.First == 2 && pair.Second == peer))];
        Assert.All(inherited.Where((_, peer) => peer != 2), count => Assert.InRange(count, 200, 500));
        farm.Cells.SetPeerUp(2, true);
        Assert.Equal(before, Owners(farm));
    }

    [Fact]
    public void No_peer_gets_above_a_quarter_more_than_the_mean_and_hot_keys_spill_over()
    {
        var farm = new Farm(BalanceMethod.CallIdHash, 6);
        var random = new Xoshiro(3);
        for (int i = 1; i <= 6000; i++)
        {
            // Half of all calls have the same few keys.
            ulong key = random.Between(0, 1) == 0 ? (ulong)random.Between(1, 3) : random.Next();
            Assert.NotEqual(-1, farm.Call(key, out _));
            if (i >= 60) Assert.All(Loads(farm), load => Assert.True(load <= Math.Ceiling(1.25 * i / 6), $"{load}"));
        }
    }

    [Fact]
    public void A_weight_of_a_hash_is_its_share_of_the_keys()
    {
        Farm farm = Weighted(BalanceMethod.CallIdHash, [1, 2, 1]);
        int[] owners = Owners(farm);
        Assert.InRange(owners.Count(peer => peer == 1), 4700, 5300);
    }

    [Fact]
    public void A_new_member_takes_keys_from_all_and_moves_none_among_the_others()
    {
        int[] five = Owners(new Farm(BalanceMethod.CallIdHash, 5));
        int[] six = Owners(new Farm(BalanceMethod.CallIdHash, 6));
        Assert.All(five.Zip(six), pair => Assert.True(pair.First == pair.Second || pair.Second == 5));
        Assert.InRange(six.Count(peer => peer == 5), 1450, 1900);
    }

    [Theory]
    [InlineData(BalanceMethod.RoundRobin)]
    [InlineData(BalanceMethod.LeastCalls)]
    [InlineData(BalanceMethod.CallIdHash)]
    public void A_peer_that_came_back_starts_slowly(BalanceMethod balance)
    {
        var farm = new Farm(balance, 2);
        farm.Cells.SetPeerUp(0, false);
        farm.Cells.SetPeerUp(0, true, farm.Now);
        Assert.InRange(Share(farm), 0.02, 0.09);
        farm.Now = farm.Now.AddMilliseconds(5000);
        Assert.InRange(Share(farm), 0.20, 0.30);
        farm.Now = farm.Now.AddMilliseconds(5000);
        Assert.InRange(Share(farm), 0.45, 0.55);
    }

    [Fact]
    public void With_all_down_nobody_is_chosen_and_in_panic_everybody_but_the_drained()
    {
        Farm farm = AllDown(PanicMode.Refuse);
        Assert.All(Chosen(farm, 3), peer => Assert.Equal(-1, peer));
        farm = AllDown(PanicMode.Spread);
        farm.Cells.SetPeerDraining(1, true);
        Assert.Equal([0, 2], Chosen(farm, 10).Distinct().Order());
        farm.Cells.SetPeerUp(2, true);
        Assert.Equal([2], Chosen(farm, 10).Distinct());
    }

    [Fact]
    public void A_held_peer_gets_nothing_until_its_time_is_over()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 2);
        farm.Cells.HoldPeer(0, farm.Now.AddMilliseconds(1000));
        Assert.Equal([1], Chosen(farm, 4).Distinct());
        farm.Now = farm.Now.AddMilliseconds(1000);
        Assert.Equal([0, 1], Chosen(farm, 4).Distinct().Order());
    }

    private static Farm AllDown(PanicMode panic)
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 3, group: config => config with { Panic = panic });
        for (int peer = 0; peer < 3; peer++) farm.Cells.SetPeerUp(peer, false);
        return farm;
    }

    private static Farm Weighted(BalanceMethod balance, int[] weights) => new(
        balance, weights.Length, i => new GroupPeerConfig { Peer = Farm.Name(i), Weight = weights[i] });

    private static int[] Chosen(Farm farm, int calls) =>
        [.. Enumerable.Range(0, calls).Select(i => farm.Call((ulong)i * 0x9E3779B97F4A7C15, out _))];

    private static long[] Loads(Farm farm) =>
        [.. farm.Snapshot.Peers.Select(peer => farm.Cells.PeerCalls(peer.Id))];

    /// <summary>Who has each of ten thousand keys while nobody has a call.</summary>
    private static int[] Owners(Farm farm) => [.. Enumerable.Range(0, 10_000).Select(i =>
    {
        ulong key = (ulong)(i + 1) * 0x9E3779B97F4A7C15;
        ulong candidates = Candidates.Of(farm.Route.Group!, 0, farm.Cells, key, farm.Now);
        return farm.Route.Group!.Members[ConsistentHash.Choose(farm.Route.Group, candidates, key)].Id;
    })];

    /// <summary>Part of many calls, each over before the next one, that the first peer gets.</summary>
    private static double Share(Farm farm)
    {
        int first = 0;
        var random = new Xoshiro(5);
        for (int i = 0; i < 4000; i++)
        {
            if (farm.Call(random.Next(), out TargetState state) == 0) first++;
            farm.Choice.Return(ref state);
        }
        return first / 4000.0;
    }
}
