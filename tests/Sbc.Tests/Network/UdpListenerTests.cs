using System.Net;
using System.Net.Sockets;
using Sbc.Network;
using Sbc.Network.Native;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Network;

public class UdpListenerTests
{
    private static UdpListener Bind(TransportAddress local, int workers, SourceSteering? steering = null) =>
        UdpListener.Bind(new UdpListenerOptions { Local = local, Workers = workers, Steering = steering });

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public void A_second_instance_gets_address_in_use(string address)
    {
        if (address.Contains(':') && !Peer.HasIPv6) return;
        using UdpListener first = Bind(Peer.At(address), workers: 3);
        Assert.All(first.Ports, port => Assert.Equal(first.Local, port.Local));
        Assert.NotEqual(0, first.Local.Port);

        var error = Assert.Throws<NetworkException>(() => Bind(first.Local, workers: 3));
        Assert.Equal(Errno.AddressInUse, error.Error);
        Assert.Contains(first.Local.ToString(), error.Message);
        Assert.Contains("in use", error.Message);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_plain_socket_cannot_take_the_address_either(string address)
    {
        if (address == "::1" && !Peer.HasIPv6) return;
        using UdpListener listener = Bind(Peer.At(address), workers: 2);
        var local = new IPEndPoint(IPAddress.Parse(address), listener.Local.Port);
        using var stranger = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var error = Assert.Throws<SocketException>(() => stranger.Bind(local));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    [Fact]
    public void The_address_is_free_again_after_dispose()
    {
        UdpListener first = Bind(Peer.At("127.0.0.1"), workers: 2);
        TransportAddress local = first.Local;
        first.Dispose();
        using UdpListener second = Bind(local, workers: 2);
        Assert.Equal(local, second.Local);
    }

    [Fact]
    public void IPv6_wildcard_leaves_IPv4_alone()
    {
        if (!Peer.HasIPv6) return;
        using UdpListener six = Bind(Peer.At("::"), workers: 1);
        using UdpListener four = Bind(Peer.At("127.0.0.1", six.Local.Port), workers: 1);
        Assert.Equal(six.Local.Port, four.Local.Port);
    }

    [Fact]
    public void An_address_that_is_not_ours_is_named_in_the_error()
    {
        var error = Assert.Throws<NetworkException>(() => Bind(Peer.At("192.0.2.1", 5060), workers: 2));
        Assert.Equal(Errno.AddressNotAvailable, error.Error);
        Assert.StartsWith("cannot bind udp 192.0.2.1:5060: ", error.Message);
    }

    [Fact]
    public void Buffers_are_raised_to_the_floor_or_to_what_the_host_allows()
    {
        using UdpListener listener = Bind(Peer.At("127.0.0.1"), workers: 2);
        SocketBuffer buffer = listener.ReceiveBuffer;
        Assert.Equal(UdpListenerOptions.ReceiveBufferBytesDefault, buffer.RequestedBytes);
        Assert.True(KernelSettings.TryReadNumber(KernelSettings.ReceiveBufferBytesMax, out long maximum));
        Assert.True(buffer.GrantedBytes >= Math.Min(buffer.RequestedBytes, maximum));
        Assert.Equal(buffer.GrantedBytes < buffer.RequestedBytes, buffer.IsShort);
        Assert.True(listener.SendBuffer.GrantedBytes > 0);
    }

    [Fact]
    public void A_buffer_is_never_made_smaller_than_the_host_gives()
    {
        using UdpListener listener = UdpListener.Bind(new UdpListenerOptions
        {
            Local = Peer.At("127.0.0.1"), Workers = 1, ReceiveBufferBytes = 4096,
        });
        Assert.Equal(4096, listener.ReceiveBuffer.RequestedBytes);
        Assert.True(listener.ReceiveBuffer.GrantedBytes > 4096);
    }

    [Theory]
    [InlineData("127.0.0.1", SocketNumbers.LevelIPv4, SocketNumbers.TypeOfService)]
    [InlineData("::1", SocketNumbers.LevelIPv6, SocketNumbers.TrafficClass)]
    public void Datagrams_carry_the_configured_dscp(string address, int level, int option)
    {
        if (address == "::1" && !Peer.HasIPv6) return;
        using UdpListener listener = UdpListener.Bind(new UdpListenerOptions
        {
            Local = Peer.At(address), Workers = 2, Dscp = 24,
        });
        Assert.All(
            listener.Ports, port => Assert.Equal(24 << 2, UdpSocket.Get(port.PollDescriptor, level, option)));
    }

    [Fact]
    public void The_kernel_spreads_source_ports_over_the_workers()
    {
        using UdpListener listener = Bind(Peer.At("127.0.0.1"), workers: 2);
        for (int i = 0; i < 64; i++)
        {
            using var peer = new Peer();
            peer.Send(listener.Local, "x"u8);
        }
        var slots = new Slots(64);
        int first = listener.Ports[0].Receive(slots.Pool, slots.All);
        int second = listener.Ports[1].Receive(slots.Pool, slots.All);
        Assert.Equal(64, first + second);
        Assert.InRange(first, 1, 63);
    }
}
