using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>Packets of a call, from the port they come in at to the address they leave for.</summary>
public sealed class RelayTests
{
    private static readonly TransportAddress Nat = At("203.0.113.9", 31000);

    [Fact]
    public void Media_crosses_both_ways_unchanged()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        byte[] packet = Rtp(1);
        AssertSent(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), packet), rig.CorePort(ports.B.Rtp), Proxy, packet);
        AssertSent(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), packet), rig.EdgePort(ports.A.Rtp), Phone, packet);
        byte[] rtcp = Rtcp();
        AssertSent(rig.Pass(Phone.WithPort(4001), rig.EdgePort(ports.A.Rtcp), rtcp),
            rig.CorePort(ports.B.Rtcp), Proxy.WithPort(6001), rtcp);
        rig.Client.Close(session);
        rig.AssertNothingHeld();
        rig.AssertSumLaw();
        MediaEvent closed = Assert.Single(rig.Events, e => e.Kind == RelayEventKind.Closed);
        Assert.True(closed.IsLast);
        Assert.Equal((1L, 172L, 1L), (closed.A.Packets, closed.A.Bytes, closed.B.Packets));
        Assert.Equal(42, closed.Owner);
    }

    [Fact]
    public void A_stranger_is_counted_once_told_and_never_relayed_nor_answered()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1));
        for (ushort i = 2; i < 10; i++) Assert.Empty(rig.Pass(Stranger, rig.EdgePort(ports.A.Rtp), Rtp(i)));
        Assert.Equal(8, rig.Counters.Dropped(0, DropReason.SourceRefused));
        MediaEvent refused = Assert.Single(rig.Events, e => e.Kind == RelayEventKind.SourceRefused);
        Assert.Equal(Stranger, refused.Address);
        // The target did not move.
        Assert.Equal(Phone, Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1))).To);
        rig.AssertSumLaw();
    }

    [Fact]
    public void A_private_address_is_never_sent_to_and_the_latch_says_where_instead()
    {
        var rig = new MediaRig();
        Handle session = rig.Open(out StreamPorts ports);
        rig.Target(session, MediaSide.A, At("192.168.1.5", 4000), maySend: false, signalling: Nat.WithPort(5060));
        rig.Target(session, MediaSide.B, Proxy);
        rig.Turn();
        Assert.Empty(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(1, DropReason.NotLatched));
        Assert.Single(rig.Pass(Nat, rig.EdgePort(ports.A.Rtp), Rtp(1)));
        Assert.Equal(Nat, Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(2))).To);
        Assert.Contains(rig.Events, e => e.Kind == RelayEventKind.Latched && e.Address == Nat && e.Side == MediaSide.A);
    }

    [Fact]
    public void Before_the_answer_there_is_no_target()
    {
        var rig = new MediaRig();
        Handle session = rig.Open(out StreamPorts ports);
        rig.Target(session, MediaSide.A, Phone);
        rig.Turn();
        Assert.Empty(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(0, DropReason.NoTarget));
        // Early media from the core needs no description of its side: its realm latches openly.
        Assert.Equal(Phone, Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1))).To);
        Assert.Equal(Proxy, Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(2))).To);
    }

    public static TheoryData<string, DropReason> Junk => new()
    {
        { "", DropReason.Empty },
        { "00", DropReason.KeepAlive },
        { "000100002112A442000000000000000000000000", DropReason.Stun },
        { "80000001000000020000", DropReason.RtpMalformed },
        { "400000010000000200000003", DropReason.RtpMalformed },
        { "16FEFD00000000000000000000", DropReason.RtpMalformed },
        { new string('8', 2 * 2049), DropReason.RtpTooLong },
        { new string('8', 2 * 5000), DropReason.RtpTooLong },
    };

    [Theory]
    [MemberData(nameof(Junk))]
    public void What_is_no_media_neither_crosses_nor_latches(string hex, DropReason reason)
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        Assert.Empty(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Convert.FromHexString(hex)));
        Assert.Equal(1, rig.Counters.Dropped(0, reason));
        Assert.Empty(rig.Events);
        rig.AssertSumLaw();
    }

    [Theory]
    [InlineData(StreamKind.Rtp, false)]
    [InlineData(StreamKind.RtpOverDtls, true)]
    [InlineData(StreamKind.Datagram, true)]
    public void Dtls_crosses_where_the_profile_has_it(StreamKind kind, bool crosses)
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports, kind: kind);
        byte[] hello = Convert.FromHexString("16FEFD00000000000000000000");
        Assert.Equal(crosses ? 1 : 0, rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), hello).Length);
    }

    [Fact]
    public void Fax_over_udptl_is_checked_for_its_source_only()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports, kind: StreamKind.Datagram);
        byte[] packet = [0, 1, 3, 6, 7, 8];
        AssertSent(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), packet), rig.CorePort(ports.B.Rtp), Proxy, packet);
        Assert.Empty(rig.Pass(Stranger, rig.EdgePort(ports.A.Rtp), packet));
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    public void Rtcp_on_the_port_of_rtp_leaves_where_the_other_side_expects_it(bool muxA, bool muxB, bool toRtcp)
    {
        var rig = new MediaRig();
        Handle session = rig.Open(out StreamPorts ports);
        rig.Target(session, MediaSide.A, Phone, isMux: muxA);
        rig.Target(session, MediaSide.B, Proxy, isMux: muxB);
        rig.Turn();
        Sent sent = Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtcp()));
        Assert.Equal(rig.CorePort(toRtcp ? ports.B.Rtcp : ports.B.Rtp), sent.From);
        Assert.Equal(toRtcp ? Proxy.WithPort(6001) : Proxy, sent.To);
        // RTP on the port of RTCP is malformed there.
        Assert.Empty(rig.Pass(Phone.WithPort(4001), rig.EdgePort(ports.A.Rtcp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(0, DropReason.RtcpMalformed));
    }

    [Fact]
    public void A_side_that_holds_with_an_unspecified_address_is_sent_nothing_until_it_resumes()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1));
        rig.Target(session, MediaSide.A, default, isMuted: true);
        rig.Turn();
        Assert.Empty(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1)));
        rig.Target(session, MediaSide.A, Phone);
        rig.Turn();
        Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(2)));
    }

    [Fact]
    public void A_new_ssrc_of_the_locked_source_passes_and_is_counted()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1, ssrc: 1));
        Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(50_000, ssrc: 2)));
        Assert.Equal(1, rig.Counters.SsrcChanges(0));
        Assert.True(rig.Client.TryReport(session, 0));
        rig.Turn();
        MediaEvent report = Assert.Single(rig.Events, e => e.Kind == RelayEventKind.Report);
        Assert.Equal((2L, 0L, 1u), (report.A.Packets, report.A.Lost, report.A.SsrcChanges));
    }

    [Fact]
    public void A_phone_that_moves_is_followed_once_signalling_allows_it()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(100));
        Assert.Empty(rig.Pass(Nat, rig.EdgePort(ports.A.Rtp), Rtp(101)));
        Assert.True(rig.Client.TryAllow(session, 0, MediaSide.A));
        rig.Turn();
        Assert.Empty(rig.Pass(Stranger, rig.EdgePort(ports.A.Rtp), Rtp(101, ssrc: 5)));
        Assert.Single(rig.Pass(Nat, rig.EdgePort(ports.A.Rtp), Rtp(102)));
        Assert.Equal(Nat, Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1))).To);
        Assert.Empty(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(103)));
    }

    [Fact]
    public void A_new_description_sends_to_the_new_place_at_once()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(100));
        TransportAddress transferred = At("198.51.100.99", 7000);
        rig.Target(session, MediaSide.A, transferred);
        rig.Turn();
        Assert.Equal(transferred, Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1))).To);
        Assert.Single(rig.Pass(transferred, rig.EdgePort(ports.A.Rtp), Rtp(9, ssrc: 77)));
        Assert.Empty(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(101)));
    }

    [Fact]
    public void A_call_that_passes_the_box_twice_is_relayed_from_port_to_port()
    {
        var rig = new MediaRig();
        Handle first = rig.Open(out StreamPorts one);
        Handle second = rig.Open(out StreamPorts two);
        rig.Target(first, MediaSide.A, Phone);
        rig.Target(first, MediaSide.B, rig.CorePort(two.B.Rtp));
        rig.Target(second, MediaSide.B, rig.CorePort(one.B.Rtp));
        TransportAddress callee = At("198.51.100.8", 5000);
        rig.Target(second, MediaSide.A, callee);
        rig.Turn();
        Sent[] sent = rig.Pass(Phone, rig.EdgePort(one.A.Rtp), Rtp(1));
        Assert.Equal([rig.CorePort(two.B.Rtp), callee], sent.Select(s => s.To));
        sent = rig.Pass(callee, rig.EdgePort(two.A.Rtp), Rtp(1));
        Assert.Equal([rig.CorePort(one.B.Rtp), Phone], sent.Select(s => s.To));
        rig.AssertSumLaw();
    }

    [Fact]
    public void A_streams_own_port_is_no_target()
    {
        var rig = new MediaRig();
        Handle session = rig.Open(out StreamPorts ports);
        rig.Target(session, MediaSide.A, rig.EdgePort(ports.A.Rtp));
        rig.Target(session, MediaSide.B, Proxy);
        rig.Turn();
        Assert.Empty(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(1, DropReason.NotLatched));
    }

    [Fact]
    public void A_port_has_a_budget_of_packets_in_a_second()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        byte[] packet = Rtp(1);
        rig.Network.KeepsSent = false;
        for (int i = 0; i < MediaLimits.PacketsPerSecondMax + 10; i++)
            rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), packet);
        rig.Turn();
        Assert.Equal(10, rig.Counters.Dropped(0, DropReason.RateExceeded));
        rig.Turn(1000);
        rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), packet);
        rig.Turn();
        Assert.Equal(10, rig.Counters.Dropped(0, DropReason.RateExceeded));
        rig.AssertSumLaw();
    }

    [Fact]
    public void What_the_network_skips_is_dropped_and_not_forwarded()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        rig.Network.SkipsOfSend = 1;
        for (ushort i = 0; i < 4; i++) rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), Rtp(i));
        rig.Turn();
        Assert.Equal((3, 1), (rig.Counters.SentPackets(1), rig.Counters.Dropped(0, DropReason.SendFailed)));
        Assert.Equal(3 * 172, rig.Counters.SentBytes(1));
        rig.AssertSumLaw();
    }

    private static void AssertSent(Sent[] sent, TransportAddress from, TransportAddress to, byte[] bytes)
    {
        Sent one = Assert.Single(sent);
        Assert.Equal((from, to), (one.From, one.To));
        Assert.Equal(bytes, one.Bytes);
    }
}
