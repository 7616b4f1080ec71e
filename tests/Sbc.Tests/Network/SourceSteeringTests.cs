using Sbc.Network;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Network;

/// <summary>The kernel's choice of socket against <see cref="SourceSteering.WorkerOf"/>, the same in C#.</summary>
public class SourceSteeringTests
{
    private const ulong Key = 0x1234_5678_9ABC_DEF0;

    private static UdpListener Bind(string address, SourceSteering steering) => UdpListener.Bind(
        new UdpListenerOptions { Local = Peer.At(address), Workers = steering.Workers, Steering = steering });

    /// <summary>Which socket got the one datagram; also says that worker i is the i-th of the kernel's group.</summary>
    private static int WhoReceived(UdpListener listener)
    {
        var slots = new Slots(4);
        int who = -1;
        for (int worker = 0; worker < listener.Ports.Count; worker++)
        {
            if (listener.Ports[worker].Receive(slots.Pool, slots.All) == 0) continue;
            Assert.Equal(-1, who);
            who = worker;
        }
        return who;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_source_address_reaches_one_worker_whatever_its_port(int workers)
    {
        var steering = new SourceSteering(workers, Key);
        using UdpListener listener = Bind("127.0.0.1", steering);
        for (int host = 1; host <= 20; host++)
        {
            for (int port = 0; port < 3; port++)
            {
                using var peer = new Peer($"127.0.0.{host}");
                peer.Send(listener.Local, "x"u8);
                Assert.Equal(steering.WorkerOf(peer.Address), WhoReceived(listener));
            }
        }
    }

    [Fact]
    public void Different_addresses_spread_over_the_workers()
    {
        var steering = new SourceSteering(4, Key);
        using UdpListener listener = Bind("127.0.0.1", steering);
        var count = new int[4];
        for (int host = 1; host <= 100; host++)
        {
            using var peer = new Peer($"127.0.0.{host}");
            peer.Send(listener.Local, "x"u8);
            count[WhoReceived(listener)]++;
        }
        Assert.All(count, sources => Assert.InRange(sources, 10, 45));
    }

    [Fact]
    public void An_IPv6_source_reaches_the_worker_of_its_prefix()
    {
        if (!Peer.HasIPv6) return;
        var steering = new SourceSteering(7, Key);
        using UdpListener listener = Bind("::1", steering);
        for (int port = 0; port < 5; port++)
        {
            using var peer = new Peer("::1");
            peer.Send(listener.Local, "x"u8);
            Assert.Equal(steering.WorkerOf(peer.Address), WhoReceived(listener));
        }
    }

    [Fact]
    public void Addresses_of_one_prefix_share_a_worker_and_prefixes_spread()
    {
        var steering = new SourceSteering(4, Key);
        var count = new int[4];
        for (int prefix = 0; prefix < 1000; prefix++)
        {
            int worker = steering.WorkerOf(Peer.At($"2001:db8:0:{prefix:x}::1"));
            Assert.Equal(worker, steering.WorkerOf(Peer.At($"2001:db8:0:{prefix:x}:ffff::2", 5060)));
            count[worker]++;
        }
        Assert.All(count, prefixes => Assert.InRange(prefixes, 200, 300));
    }

    [Fact]
    public void Another_key_spreads_otherwise()
    {
        var one = new SourceSteering(16, Key);
        var other = new SourceSteering(16, ~Key);
        int same = 0;
        for (uint i = 0; i < 1000; i++)
        {
            TransportAddress source = TransportAddress.FromIPv4(0x0A00_0000 + i, 0);
            if (one.WorkerOf(source) == other.WorkerOf(source)) same++;
        }
        Assert.InRange(same, 20, 130);
    }
}
