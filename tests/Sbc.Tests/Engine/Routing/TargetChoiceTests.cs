using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Routing;

/// <summary>Limits are taken with a target and given back with it; what is full is passed over.</summary>
public sealed class TargetChoiceTests
{
    [Fact]
    public void A_full_peer_is_passed_over_and_when_all_are_full_nobody_takes_the_call()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 2, peer: peer => peer with { CallsMax = 2 });
        TargetState[] states = new TargetState[5];
        int[] chosen = [.. Enumerable.Range(0, 5).Select(i => farm.Call((ulong)i, out states[i]))];
        Assert.Equal([0, 0, 1, 1], chosen[..4].Order());
        Assert.Equal(-1, chosen[4]);
        farm.Choice.Return(ref states[2]);
        Assert.Equal(chosen[2], farm.Call(9, out _));
        Assert.Equal([2, 2], farm.Snapshot.Peers.Select(peer => farm.Cells.PeerCalls(peer.Id)));
    }

    [Fact]
    public void The_addresses_of_a_name_share_its_limit()
    {
        PeerLocation[] addresses = [.. Enumerable.Range(0, 3).Select(i =>
            new PeerLocation(i, FixedFacts.Address($"10.0.2.{i + 1}", 5060), 0, 1))];
        var farm = new Farm(BalanceMethod.RoundRobin, 1, peer: peer => peer with
        {
            CallsMax = 2, Uri = peer.Uri! with { Host = new SipHost("proxy.example", null) },
        }, locations: new Dictionary<string, IReadOnlyList<PeerLocation>> { [Farm.Name(0)] = addresses });
        Assert.NotEqual(-1, farm.Call(1, out TargetState first));
        Assert.NotEqual(-1, farm.Call(2, out TargetState second));
        Assert.Equal(-1, farm.Call(3, out TargetState refused));
        farm.Choice.Return(ref refused);
        // Another address of the same name is no other place.
        Assert.NotEqual(-1, farm.Next(1, ref first));
        Assert.Equal(-1, farm.Call(4, out refused));
        farm.Choice.Return(ref refused);
        farm.Choice.Return(ref first);
        Assert.NotEqual(-1, farm.Call(5, out TargetState third));
        farm.Choice.Return(ref second);
        farm.Choice.Return(ref third);
        Assert.Equal(0, farm.Cells.NamedPeers.Calls(farm.Snapshot.Peers[0].Named));
        AssertEmpty(farm);
    }

    [Fact]
    public void A_full_group_passes_calls_to_the_next_one()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 4, group: group => group with
        {
            CallsMax = group.Name == "farm-0" ? 1 : null,
        }, groups: 2);
        int[] chosen = [.. Enumerable.Range(0, 3).Select(i => farm.Call((ulong)i, out _))];
        Assert.InRange(chosen[0], 0, 1);
        Assert.All(chosen[1..], peer => Assert.InRange(peer, 2, 3));
    }

    [Fact]
    public void A_call_fails_over_within_a_full_group_and_then_to_the_next_group()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 4, group: group => group with { CallsMax = 1 }, groups: 2);
        int first = farm.Call(1, out TargetState state);
        int second = farm.Next(1, ref state);
        int third = farm.Next(1, ref state);
        Assert.Equal([0, 1], new[] { first, second }.Order());
        Assert.InRange(third, 2, 3);
        Assert.NotEqual(-1, farm.Next(1, ref state));
        TargetState before = state;
        Assert.Equal(-1, farm.Next(1, ref state));
        Assert.Equal(before, state);
        Assert.Equal(1, farm.Snapshot.Peers.Sum(peer => farm.Cells.PeerCalls(peer.Id)));
        farm.Choice.Return(ref state);
        AssertEmpty(farm);
    }

    [Fact]
    public void Attempts_are_bounded_in_each_group()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 8, group: group => group with
        {
            Failover = new FailoverConfig { AttemptsMax = 2 },
        }, groups: 2);
        farm.Call(1, out TargetState state);
        int attempts = 1;
        while (farm.Next(1, ref state) >= 0) attempts++;
        Assert.Equal(4, attempts);
    }

    [Fact]
    public void A_route_has_limits_of_its_own()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 2, route: new RouteConfig { CallsMax = 3 });
        TargetState state = default;
        for (int i = 0; i < 3; i++) Assert.NotEqual(-1, farm.Call(1, out state));
        Assert.Equal(-1, farm.Call(1, out _));
        farm.Choice.Return(ref state);
        Assert.NotEqual(-1, farm.Call(1, out _));
    }

    [Fact]
    public void A_rate_allows_a_seconds_worth_at_once_and_then_one_each_interval()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 1, peer: peer => peer with { CallsPerSecond = 10 });
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => farm.Call(1, out TargetState _) >= 0));
        farm.Now = farm.Now.AddMilliseconds(100);
        Assert.Equal(1, Enumerable.Range(0, 50).Count(_ => farm.Call(1, out TargetState _) >= 0));
    }

    [Fact]
    public void What_a_full_member_refuses_costs_the_group_no_rate()
    {
        var farm = new Farm(
            BalanceMethod.RoundRobin, 1, group: group => group with { CallsPerSecond = 2 },
            peer: peer => peer with { CallsMax = 1 });
        Assert.Equal(0, farm.Call(1, out TargetState first));
        for (int i = 0; i < 20; i++) Assert.Equal(-1, farm.Call(1, out _));
        farm.Choice.Return(ref first);
        Assert.Equal(0, farm.Call(1, out _));
    }

    [Fact]
    public void A_challenged_call_goes_to_the_same_peer_again()
    {
        var farm = new Farm(BalanceMethod.RoundRobin, 3);
        for (int i = 0; i < 6; i++)
        {
            TargetState state = default;
            Assert.True(farm.Choice.TryEnter(farm.Route, ref state, farm.Now));
            Assert.Equal(2, farm.Next(1, ref state, preferred: 2));
        }
    }

    [Fact]
    public void Limits_are_exact_when_many_workers_take_and_return_at_once()
    {
        var cells = new LimitCells(1);
        var limits = new CallLimits(7, 0);
        long taken = 0, most = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!cells.TryTake(0, limits, 0)) continue;
                long now = Interlocked.Increment(ref taken);
                if (now > Interlocked.Read(ref most)) Interlocked.Exchange(ref most, now);
                Interlocked.Decrement(ref taken);
                cells.Add(0, -1);
            }
        });
        Assert.InRange(most, 1, 7);
        Assert.Equal(0, cells.Calls(0));
    }

    private static void AssertEmpty(Farm farm)
    {
        Assert.All(farm.Snapshot.Peers, peer => Assert.Equal(0, farm.Cells.PeerCalls(peer.Id)));
        Assert.All(farm.Snapshot.Groups, group => Assert.Equal(0, farm.Cells.Groups.Calls(group.Id)));
        Assert.Equal(0, farm.Cells.Routes.Calls(farm.Route.Id));
    }
}
