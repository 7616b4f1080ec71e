using Sbc.Media;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

public sealed class RtpTests
{
    [Theory]
    [InlineData("", PacketClass.Empty)]
    [InlineData("00", PacketClass.KeepAlive)]
    [InlineData("0D0A0D0A", PacketClass.KeepAlive)]
    [InlineData("000100002112A442000000000000000000000000", PacketClass.Stun)]
    [InlineData("000100000000000000000000000000000000000000", PacketClass.Other)]
    [InlineData("16FEFD00000000000000000000", PacketClass.Dtls)]
    [InlineData("16FEFD0000", PacketClass.Other)]
    [InlineData("1000000000", PacketClass.Other)]
    [InlineData("4000000000", PacketClass.Other)]
    [InlineData("8000000000", PacketClass.Rtp)]
    [InlineData("80C0000000", PacketClass.Rtcp)]
    [InlineData("80DF000000", PacketClass.Rtcp)]
    [InlineData("80BF000000", PacketClass.Rtp)]
    [InlineData("80E0000000", PacketClass.Rtp)]
    public void The_first_bytes_tell_what_a_datagram_is(string hex, PacketClass expected) =>
        Assert.Equal(expected, PacketClasses.Of(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("800000010000000200000003", true, 12)]
    [InlineData("8000000100000002000000", false, 0)]
    [InlineData("400000010000000200000003", false, 0)]
    [InlineData("C00000010000000200000003", false, 0)]
    [InlineData("820000010000000200000003AAAAAAAABBBBBBBB", true, 20)]
    [InlineData("820000010000000200000003AAAAAAAABBBBBB", false, 0)]
    [InlineData("900000010000000200000003BEDE0001AABBCCDD", true, 20)]
    [InlineData("900000010000000200000003BEDE0002AABBCCDD", false, 0)]
    [InlineData("900000010000000200000003BEDE", false, 0)]
    public void A_header_fits_its_datagram_or_is_none(string hex, bool isParsed, int headerBytes)
    {
        Assert.Equal(isParsed, RtpHeader.TryParse(Convert.FromHexString(hex), out RtpHeader header));
        Assert.Equal(headerBytes, header.HeaderBytes);
        if (!isParsed) return;
        Assert.Equal((1, 2u, 3u), (header.Sequence, header.Timestamp, header.Ssrc));
    }

    [Theory]
    [InlineData("80C9000100001111", true)]
    [InlineData("80C9000200001111", false)]
    [InlineData("80C90001000011", false)]
    [InlineData("8000000100001111", false)]
    [InlineData("40C9000100001111", false)]
    [InlineData("81CD0001000011110000", true)]
    public void A_compound_starts_with_a_header_that_fits(string hex, bool isParsed) =>
        Assert.Equal(isParsed, RtcpHeader.TryParse(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("1 2 3 4", 0)]
    [InlineData("1 2 4 5", 1)]
    [InlineData("1 4 2 3", 0)]
    [InlineData("65534 65535 0 1", 0)]
    [InlineData("65534 1 2", 2)]
    [InlineData("1 2 2 2", -2)]
    [InlineData("1 2 30000 3", 0)]
    [InlineData("1 2 30000 30001 30002", 0)]
    public void Loss_is_expected_less_received(string sequences, long lost)
    {
        var statistics = default(RtpStatistics);
        foreach (string sequence in sequences.Split(' '))
            statistics.Receive(ushort.Parse(sequence), 0, 8000, new Instant(0));
        Assert.Equal(lost, statistics.Lost);
    }

    [Fact]
    public void Loss_survives_a_new_source()
    {
        var statistics = default(RtpStatistics);
        foreach (ushort sequence in new ushort[] { 1, 3 }) statistics.Receive(sequence, 0, 8000, new Instant(0));
        statistics.NewSource();
        foreach (ushort sequence in new ushort[] { 900, 903 }) statistics.Receive(sequence, 0, 8000, new Instant(0));
        Assert.Equal(3, statistics.Lost);
    }

    [Fact]
    public void Jitter_is_zero_for_a_steady_sender_and_grows_to_the_mean_deviation()
    {
        var steady = default(RtpStatistics);
        var shaky = default(RtpStatistics);
        for (int i = 0; i < 1000; i++)
        {
            var due = new Instant(1_000_000 + (i * 20_000));
            steady.Receive((ushort)i, (uint)(i * 160), 8000, due);
            shaky.Receive((ushort)i, (uint)(i * 160), 8000, due.AddMilliseconds(i % 2 * 10));
        }
        Assert.Equal(0u, steady.Jitter);
        // 10 ms at 8 kHz.
        Assert.InRange(shaky.Jitter, 75u, 80u);
    }
}
