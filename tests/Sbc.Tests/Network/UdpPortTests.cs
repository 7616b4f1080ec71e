using Sbc.Network;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Network;

/// <summary>One worker's socket against the kernel, on loopback.</summary>
public class UdpPortTests
{
    private const int ConnectionRefused = 111, MessageTooLong = 90;

    private static UdpListener Listen(string address = "127.0.0.1", int workers = 1) =>
        UdpListener.Bind(new UdpListenerOptions { Local = Peer.At(address), Workers = workers });

    [Theory]
    [InlineData("127.0.0.1", 1)]
    [InlineData("127.0.0.1", 64)]
    [InlineData("127.0.0.1", 150)]
    [InlineData("::1", 70)]
    public void Receives_and_sends_batches_of_any_size(string address, int count)
    {
        if (address == "::1" && !Peer.HasIPv6) return;
        using UdpListener listener = Listen(address);
        using var peer = new Peer(address);
        var slots = new Slots(count);
        for (int i = 0; i < count; i++) peer.Send(listener.Local, BitConverter.GetBytes(i));

        Assert.Equal(count, slots.ReceiveFrom(listener.Ports[0], count));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(peer.Address, slots.Header(i).Remote);
            Assert.Equal(4, slots.Header(i).Length);
            Assert.False(slots.Header(i).Truncated);
            Assert.Equal(i, BitConverter.ToInt32(slots.Bytes(i)));
        }
        Assert.Equal(count, listener.Ports[0].Send(slots.Pool, slots.All));
        for (int i = 0; i < count; i++) Assert.Equal(i, BitConverter.ToInt32(peer.Receive()));
    }

    [Fact]
    public void Receives_nothing_where_nothing_is()
    {
        using UdpListener listener = Listen();
        var slots = new Slots(4);
        Assert.Equal(0, listener.Ports[0].Receive(slots.Pool, slots.All));
        Assert.Equal(0, listener.Ports[0].Receive(slots.Pool, []));
        Assert.Equal(0, listener.Ports[0].Send(slots.Pool, []));
        Assert.Equal(0, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All));
    }

    [Fact]
    public void Marks_a_datagram_longer_than_its_slot()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(3, slotBytes: 100);
        peer.Send(listener.Local, new byte[100]);
        peer.Send(listener.Local, new byte[101]);
        peer.Send(listener.Local, []);
        Assert.Equal(3, slots.ReceiveFrom(listener.Ports[0], 3));
        Assert.Equal((100, false), (slots.Header(0).Length, slots.Header(0).Truncated));
        Assert.Equal((100, true), (slots.Header(1).Length, slots.Header(1).Truncated));
        Assert.Equal((0, false), (slots.Header(2).Length, slots.Header(2).Truncated));
    }

    [Fact]
    public void Carries_the_largest_datagram()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(1, PacketPool.DatagramBytesMax);
        slots.Fill(0, peer.Address, new byte[65_507]);
        Assert.Equal(1, listener.Ports[0].Send(slots.Pool, slots.All));
        Assert.Equal(65_507, peer.Receive().Length);
    }

    [Fact]
    public void Skips_what_cannot_be_sent_and_sends_the_rest()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(7, PacketPool.DatagramBytesMax);
        slots.Fill(0, peer.Address, "0"u8);
        slots.Fill(1, peer.Address, new byte[65_536]); // EMSGSIZE
        slots.Fill(2, peer.Address, "2"u8);
        slots.Fill(3, peer.Address.WithPort(0), "3"u8); // EINVAL
        slots.Fill(4, Peer.At("::1", 5060), "4"u8); // not of the socket's family
        slots.Fill(5, Peer.At("255.255.255.255", 5060), "5"u8); // EACCES: no SO_BROADCAST
        slots.Fill(6, peer.Address, "6"u8);
        Assert.Equal(3, listener.Ports[0].Send(slots.Pool, slots.All));
        Assert.Equal("0"u8, peer.Receive());
        Assert.Equal("2"u8, peer.Receive());
        Assert.Equal("6"u8, peer.Receive());
        Assert.True(peer.IsQuiet);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Tells_which_datagram_was_refused_and_where_it_went(string address)
    {
        if (address == "::1" && !Peer.HasIPv6) return;
        using UdpListener listener = Listen(address);
        TransportAddress nobody = Peer.Nobody(listener.Local.IsIPv4);
        var slots = new Slots(4);
        slots.Fill(0, nobody, "who is there"u8);
        Assert.Equal(1, listener.Ports[0].Send(slots.Pool, slots.All.AsSpan(0, 1)));

        Assert.Equal(1, slots.ErrorsOf(listener.Ports[0]));
        Assert.Equal("who is there"u8, slots.Bytes(0));
        Assert.Equal(nobody, slots.Header(0).Remote);
        Assert.Equal(ConnectionRefused, slots.Header(0).Error);
        Assert.False(slots.Header(0).Truncated);
        Assert.Equal(0, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All));
    }

    [Fact]
    public void Tells_all_errors_even_where_one_call_has_too_few_slots()
    {
        using UdpListener listener = Listen();
        var slots = new Slots(5);
        for (int i = 0; i < 5; i++) slots.Fill(i, Peer.Nobody(true), [(byte)i]);
        Assert.Equal(5, listener.Ports[0].Send(slots.Pool, slots.All));
        listener.Ports[0].HintError();
        Assert.Equal(2, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All.AsSpan(0, 2)));
        Assert.Equal(3, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All.AsSpan(2)));
        for (int i = 0; i < 5; i++) Assert.Equal([(byte)i], slots.Bytes(i));
    }

    [Fact]
    public void Does_not_look_for_errors_that_nobody_hinted_at()
    {
        using UdpListener listener = Listen();
        var slots = new Slots(1);
        slots.Fill(0, Peer.Nobody(true), "x"u8);
        listener.Ports[0].Send(slots.Pool, slots.All);
        Assert.Equal(0, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All));
        listener.Ports[0].HintError();
        Assert.Equal(1, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All));
    }

    [Fact]
    public void Loses_no_datagram_to_the_pending_error_of_another_when_sending()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(128);
        // On loopback the refusal of each even one is pending before the odd one after it is sent.
        for (int i = 0; i < 128; i++)
        {
            slots.Fill(i, i % 2 == 0 ? Peer.Nobody(true) : peer.Address, BitConverter.GetBytes(i));
        }
        Assert.Equal(128, listener.Ports[0].Send(slots.Pool, slots.All));
        for (int i = 1; i < 128; i += 2) Assert.Equal(i, BitConverter.ToInt32(peer.Receive()));
        // A batch that ran into a pending error knows of errors by itself.
        Assert.Equal(64, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All));
    }

    [Fact]
    public void Loses_no_datagram_to_a_pending_error_when_receiving()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(4);
        peer.Send(listener.Local, "waits behind the error"u8);
        slots.Fill(0, Peer.Nobody(true), "x"u8);
        Assert.Equal(1, listener.Ports[0].Send(slots.Pool, slots.All.AsSpan(0, 1)));
        Assert.Equal(1, listener.Ports[0].Receive(slots.Pool, slots.All));
        Assert.Equal("waits behind the error"u8, slots.Bytes(0));
        Assert.Equal(1, listener.Ports[0].ReceiveErrors(slots.Pool, slots.All.AsSpan(1)));
    }

    [Fact]
    public void Tells_a_local_error_without_a_quotation()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(8, PacketPool.DatagramBytesMax);
        slots.Fill(0, peer.Address, new byte[65_520]); // fits UDP's length field, not IP's
        Assert.Equal(0, listener.Ports[0].Send(slots.Pool, slots.All.AsSpan(0, 1)));
        Assert.InRange(listener.Ports[0].ReceiveErrors(slots.Pool, slots.All), 1, SendProgress.AttemptsMax);
        Assert.Equal((0, MessageTooLong), (slots.Header(0).Length, slots.Header(0).Error));
        // The kernel knows no port here: the socket is connected to none.
        Assert.Equal(peer.Address.WithPort(0), slots.Header(0).Remote);
    }

    [Fact]
    public void Counts_what_the_kernel_dropped_on_a_full_buffer()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        Assert.Equal(0UL, listener.KernelDrops);
        byte[] large = new byte[60_000];
        int sent = 0;
        while (listener.KernelDrops == 0 && sent < 5000)
        {
            peer.Send(listener.Local, large);
            sent++;
        }
        Assert.Equal(1UL, listener.KernelDrops);
        for (int i = 0; i < 3; i++) peer.Send(listener.Local, large);
        Assert.Equal(4UL, listener.Ports[0].KernelDrops);
    }

    [Fact]
    public void Allocates_nothing_to_receive_and_send()
    {
        using UdpListener listener = Listen();
        using var peer = new Peer();
        var slots = new Slots(64);
        long Round()
        {
            for (int i = 0; i < 64; i++) peer.Send(listener.Local, "x"u8);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int got = listener.Ports[0].Receive(slots.Pool, slots.All);
            listener.Ports[0].Send(slots.Pool, slots.All.AsSpan(0, got));
            listener.Ports[0].HintError();
            listener.Ports[0].ReceiveErrors(slots.Pool, slots.All);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Round();
        Assert.Equal(0, Round());
    }
}
