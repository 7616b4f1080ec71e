using System.Text;
using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>What a stream may carry and how much of it: RTCP, rates, loops, events, secrets.</summary>
public sealed class StreamRulesTests
{
    private static readonly byte[] Report = [.. Rtcp(7), .. RtcpTests.Sdes(7, (1, "john@10.0.0.21"), (2, "John"))];

    [Fact]
    public void Rtcp_to_strangers_names_nobody_and_to_the_core_everything()
    {
        var rig = new MediaRig(reducesRtcp: true);
        rig.OpenCall(out StreamPorts ports);
        byte[] outside = Assert.Single(rig.Pass(Proxy.WithPort(6001), rig.CorePort(ports.B.Rtcp), Report)).Bytes;
        Assert.DoesNotContain("john", Encoding.Latin1.GetString(outside), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(16, RtcpTests.NameOf(outside).Length);
        byte[] inside = Assert.Single(rig.Pass(Phone.WithPort(4001), rig.EdgePort(ports.A.Rtcp), Report)).Bytes;
        Assert.Equal(Report, inside);
        rig.AssertSumLaw();
    }

    [Theory]
    [InlineData(StreamKind.Srtp)]
    [InlineData(StreamKind.RtpOverDtls)]
    public void Rtcp_that_is_authenticated_passes_as_it_is(StreamKind kind)
    {
        var rig = new MediaRig(reducesRtcp: true);
        rig.OpenCall(out StreamPorts ports, kind: kind);
        byte[] sealedReport = [.. Rtcp(7), .. Enumerable.Repeat<byte>(0x5A, 30)];
        Assert.Equal(sealedReport,
            Assert.Single(rig.Pass(Proxy.WithPort(6001), rig.CorePort(ports.B.Rtcp), sealedReport)).Bytes);
    }

    [Theory]
    [InlineData(StreamKind.Srtp, StreamKind.Rtp, true)]
    [InlineData(StreamKind.Rtp, StreamKind.Srtp, false)]
    public void What_is_in_the_clear_is_told_by_the_last_description(
        StreamKind offered, StreamKind agreed, bool isReduced)
    {
        var rig = new MediaRig(reducesRtcp: true);
        Handle session = rig.OpenCall(out StreamPorts ports, kind: offered);
        rig.Client.TrySetTarget(session, 0, MediaSide.B, new StreamTarget
        {
            Rtp = Proxy, Rtcp = Proxy.WithPort(6001), MaySend = true, Kind = agreed,
        });
        rig.Turn();
        byte[] outside = Assert.Single(rig.Pass(Proxy.WithPort(6001), rig.CorePort(ports.B.Rtcp), Report)).Bytes;
        Assert.NotEqual(isReduced, outside.AsSpan().SequenceEqual(Report));
    }

    [Fact]
    public void A_report_on_the_port_of_media_is_a_report_though_nobody_agreed_on_that()
    {
        var rig = new MediaRig(reducesRtcp: true);
        rig.OpenCall(out StreamPorts ports);
        Sent sent = Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Report));
        Assert.Equal((rig.EdgePort(ports.A.Rtcp), Phone.WithPort(4001)), (sent.From, sent.To));
        Assert.DoesNotContain("john", Encoding.Latin1.GetString(sent.Bytes), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Who_holds_gets_no_media_and_still_reports()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        foreach (bool isHeld in new[] { true, false })
        {
            rig.Client.TrySetTarget(session, 0, MediaSide.B, new StreamTarget
            {
                Rtp = Proxy, Rtcp = Proxy.WithPort(6001), MaySend = true, IsHeld = isHeld,
            });
            rig.Turn();
            Assert.Equal(isHeld ? 0 : 1, rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1)).Length);
            Assert.Single(rig.Pass(Phone.WithPort(4001), rig.EdgePort(ports.A.Rtcp), Rtcp()));
            Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1)));
        }
        Assert.Equal(1, rig.Counters.Dropped(0, DropReason.NoTarget));
        rig.AssertSumLaw();
    }

    [Fact]
    public void Rtcp_whose_lengths_lie_neither_crosses_nor_latches()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        byte[] lie = [.. Rtcp(7), 0x81, 202, 0, 9, 0, 0, 0, 7];
        Assert.Empty(rig.Pass(Phone.WithPort(4001), rig.EdgePort(ports.A.Rtcp), lie));
        Assert.Equal(1, rig.Counters.Dropped(0, DropReason.RtcpMalformed));
        Assert.Empty(rig.Events);
        rig.AssertSumLaw();
    }

    [Fact]
    public void Rtcp_on_one_port_here_and_on_two_there_finds_both_ways()
    {
        var rig = new MediaRig();
        Handle session = rig.Open(out StreamPorts ports);
        foreach ((MediaSide side, TransportAddress rtp, bool isMux) in
            new[] { (MediaSide.A, Phone, true), (MediaSide.B, Proxy, false) })
        {
            Assert.True(rig.Client.TrySetTarget(session, 0, side, new StreamTarget
            {
                Rtp = rtp, Rtcp = isMux ? rtp : rtp.WithPort(rtp.Port + 1), MaySend = true, IsMuxAgreed = isMux,
            }));
        }
        rig.Turn();
        Sent inward = Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtcp()));
        Assert.Equal((rig.CorePort(ports.B.Rtcp), Proxy.WithPort(6001)), (inward.From, inward.To));
        Sent outward = Assert.Single(rig.Pass(Proxy.WithPort(6001), rig.CorePort(ports.B.Rtcp), Rtcp()));
        Assert.Equal((rig.EdgePort(ports.A.Rtp), Phone), (outward.From, outward.To));
    }

    [Fact]
    public void What_is_sent_to_a_side_is_bounded_by_its_description_in_packets_and_in_bits()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        Limit(rig, session, packets: 60, bits: 0);
        Assert.Equal(60, Burst(rig, Proxy, rig.CorePort(ports.B.Rtp), 100));
        Assert.Equal(40, rig.Counters.Dropped(1, DropReason.RateExceeded));
        // The other way is the other side's to limit.
        Assert.Equal(100, Burst(rig, Phone, rig.EdgePort(ports.A.Rtp), 100));
        rig.Turn(2000);
        // 172 bytes and 28 of headers are 1600 bits.
        Limit(rig, session, packets: 0, bits: 16_000);
        Assert.Equal(10, Burst(rig, Proxy, rig.CorePort(ports.B.Rtp), 30));
        Assert.Equal(20, rig.Counters.Dropped(1, DropReason.BitRateExceeded));
        rig.Turn(500);
        Assert.Equal(5, Burst(rig, Proxy, rig.CorePort(ports.B.Rtp), 30));
        rig.AssertSumLaw();
    }

    [Fact]
    public void Calls_that_are_made_to_name_each_other_s_ports_pass_nothing_round()
    {
        var rig = new MediaRig(latching: LatchMode.Open);
        Handle first = rig.Open(out StreamPorts one), second = rig.Open(out StreamPorts two);
        rig.Target(first, MediaSide.A, rig.EdgePort(two.A.Rtp));
        rig.Target(first, MediaSide.B, rig.CorePort(two.B.Rtp));
        rig.Target(second, MediaSide.A, rig.EdgePort(one.A.Rtp));
        rig.Target(second, MediaSide.B, rig.CorePort(one.B.Rtp));
        rig.Turn();
        // A stranger's packet latches nothing for good: the description comes again and the ports learn each other.
        rig.Network.Deliver(rig.EdgePort(two.A.Rtp), rig.EdgePort(one.A.Rtp), Rtp(1));
        rig.Network.Deliver(rig.EdgePort(two.A.Rtp), rig.EdgePort(one.A.Rtp), Rtcp());
        for (int i = 0; i < 100; i++) rig.Turn();
        Assert.InRange(rig.Network.Sent.Count, 1, 40);
        Assert.True(rig.Counters.Dropped(0, DropReason.Loop) + rig.Counters.Dropped(1, DropReason.Loop) > 0);
        rig.AssertSumLaw();
    }

    [Fact]
    public void A_call_that_passes_twice_is_no_loop_however_long_it_lasts()
    {
        var rig = new MediaRig();
        Handle first = rig.Open(out StreamPorts one), second = rig.Open(out StreamPorts two);
        TransportAddress callee = At("198.51.100.8", 5000);
        rig.Target(first, MediaSide.A, Phone);
        rig.Target(first, MediaSide.B, rig.CorePort(two.B.Rtp));
        rig.Target(second, MediaSide.B, rig.CorePort(one.B.Rtp));
        rig.Target(second, MediaSide.A, callee);
        rig.Turn();
        for (ushort i = 0; i < 500; i++)
        {
            Assert.Equal(callee, rig.Pass(Phone, rig.EdgePort(one.A.Rtp), Rtp(i))[^1].To);
            Assert.Equal(Phone, rig.Pass(callee, rig.EdgePort(two.A.Rtp), Rtp(i))[^1].To);
            rig.Turn(20);
        }
        Assert.Equal(0, rig.Counters.Dropped(0, DropReason.Loop) + rig.Counters.Dropped(1, DropReason.Loop));
    }

    [Fact]
    public void Telephone_events_keep_payload_type_order_and_time()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        // RFC 4733 2.5: one event, one timestamp, its end three times, between packets of voice.
        byte[][] sent = [.. Enumerable.Range(1, 8).Select(i => Rtp((ushort)i, payloadType: 101, timestamp: 1600))];
        foreach (byte[] packet in sent) rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), packet);
        rig.Turn();
        Assert.Equal(sent, rig.Network.Sent.Select(s => s.Bytes));
    }

    [Theory]
    [InlineData("203.0.113.77", true)]
    [InlineData("203.0.114.9", false)]
    public void Behind_a_carrier_s_nat_a_neighbouring_address_is_the_phone_s(string host, bool isTaken)
    {
        var rig = new MediaRig(latchBits: 24);
        Handle session = rig.Open(out StreamPorts ports);
        rig.Target(session, MediaSide.A, At("192.168.1.5", 4000), maySend: false, signalling: At("203.0.113.9", 0));
        rig.Target(session, MediaSide.B, Proxy);
        rig.Turn();
        Assert.Equal(isTaken ? 1 : 0, rig.Pass(At(host, 31000), rig.EdgePort(ports.A.Rtp), Rtp(1)).Length);
        // Once locked the address is the address.
        if (isTaken) Assert.Empty(rig.Pass(At("203.0.113.9", 31000), rig.EdgePort(ports.A.Rtp), Rtp(2)));
    }

    [Fact]
    public void What_a_stream_was_like_is_told_while_it_lasts_and_kept_when_it_ends()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        Assert.False(rig.Client.TryMeasured(session, 0, out _, out _));
        for (ushort i = 0; i < 400; i++)
        {
            // Of the phone's every tenth is lost.
            if (i % 10 != 5) rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), Rtp(i));
            rig.Network.Deliver(Proxy, rig.CorePort(ports.B.Rtp), Rtp(i));
            rig.Turn(20);
        }
        Assert.True(rig.Client.TryMeasured(session, 0, out PortStatistics phone, out PortStatistics proxy));
        Assert.InRange(phone.LossShare, 0.08, 0.12);
        Assert.Equal(0, proxy.Lost);
        Assert.True(VoiceQuality.Mos(phone) < 3.6 && VoiceQuality.Mos(proxy) > 4.3);
        Assert.DoesNotContain(rig.Events, e => e.Kind == RelayEventKind.Measured);
        rig.Client.Close(session);
        rig.AssertNothingHeld();
        MediaQuality quality = rig.Counters.Quality;
        Assert.Equal((1, 1), (Total(quality, 0, MediaMeasure.Mos), Total(quality, 1, MediaMeasure.Mos)));
        Assert.Equal((1, 0), (Total(quality, 0, MediaMeasure.Loss), Total(quality, 0, MediaMeasure.RoundTrip)));
    }

    private static long Total(MediaQuality quality, int realm, MediaMeasure measure)
    {
        long total = 0;
        for (int bucket = 0; bucket <= MediaQuality.Bounds(measure).Length; bucket++)
            total += quality.Count(realm, measure, bucket);
        return total;
    }

    private static void Limit(MediaRig rig, Handle session, int packets, int bits)
    {
        Assert.True(rig.Client.TrySetTarget(session, 0, MediaSide.A, new StreamTarget
        {
            Rtp = Phone,
            Rtcp = Phone.WithPort(Phone.Port + 1),
            MaySend = true,
            PacketsPerSecondMax = packets,
            BitsPerSecondMax = bits,
        }));
        rig.Turn();
    }

    private static int Burst(MediaRig rig, TransportAddress from, TransportAddress to, int packets)
    {
        rig.Network.Sent.Clear();
        for (ushort i = 0; i < packets; i++) rig.Network.Deliver(from, to, Rtp(i));
        rig.Turn(0);
        return rig.Network.Sent.Count;
    }
}
