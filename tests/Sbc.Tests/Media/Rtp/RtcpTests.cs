using System.Text;
using Sbc.Media;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

public sealed class RtcpTests
{
    private const string ReceiverReport = "80C9000100000001";
    private static readonly CanonicalNames Names = new(new SipHash(1, 2));

    [Theory]
    [InlineData(ReceiverReport, true)]
    [InlineData("80C80006000000010000000000000000000000000000000000000000", true)]
    [InlineData("80C8000100000001", false)]
    [InlineData("81C9000100000001", false)]
    [InlineData("80C9000200000001", false)]
    [InlineData("80C900010000000180", false)]
    [InlineData("80C900010000000140CB0000", false)]
    [InlineData(ReceiverReport + "81CA00030000000101046A6F686E0000", true)]
    [InlineData(ReceiverReport + "81CA000200000001010A6A6F", false)]
    [InlineData(ReceiverReport + "81CA000100000001", false)]
    [InlineData(ReceiverReport + "82CA00030000000101046A6F686E0000", false)]
    [InlineData(ReceiverReport + "81CB000100000001", true)]
    [InlineData(ReceiverReport + "82CB000100000001", false)]
    [InlineData(ReceiverReport + "80CC000100000001", false)]
    [InlineData(ReceiverReport + "80CF000100000001", true)]
    [InlineData("81CD00020000000100000002", true)]
    [InlineData("81CE000100000001", false)]
    public void A_compound_packet_is_held_to_all_its_lengths(string hex, bool expected) =>
        Assert.Equal(expected, RtcpWalk.IsWellFormed(Convert.FromHexString(hex)));

    [Fact]
    public void A_stranger_sees_a_name_of_ours_no_reason_and_everything_else()
    {
        byte[] report = Convert.FromHexString(ReceiverReport);
        byte[] names = Sdes(7, (1, "john@10.0.0.21"), (2, "John Doe"), (6, "phone 1.2"), (8, "x"));
        byte[] goodbye = [0x81, 203, 0, 3, 0, 0, 0, 7, 6, .. "secret"u8, 0];
        byte[] application = [0x80, 204, 0, 2, 0, 0, 0, 7, .. "abcd"u8];
        byte[] extended = [0x80, 207, 0, 1, 0, 0, 0, 7];
        byte[] reduced = Reduce([.. report, .. names, .. application, .. extended, .. goodbye]);
        Assert.True(RtcpWalk.IsWellFormed(reduced));
        string text = Encoding.Latin1.GetString(reduced);
        foreach (string secret in new[] { "john", "John", "phone", "10.0", "secret" })
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        Assert.Equal(Types([.. report, .. names, .. application, .. extended, .. goodbye]), Types(reduced));
        Assert.Equal([.. application, .. extended], reduced.AsSpan(8 + 28, 20).ToArray());
        Assert.Equal(new byte[] { 0x81, 203, 0, 1, 0, 0, 0, 7 }, reduced[^8..]);
        Assert.Matches("^[A-Za-z0-9+/]{16}$", NameOf(reduced));
    }

    [Fact]
    public void A_source_keeps_its_name_in_a_call_and_has_another_in_the_next()
    {
        byte[] audio = Sdes(7, (1, "john@host")), video = Sdes(8, (1, "john@host")), other = Sdes(7, (1, "jane@host"));
        Assert.Equal(NameOf(Reduce(audio)), NameOf(Reduce(video)));
        Assert.NotEqual(NameOf(Reduce(audio)), NameOf(Reduce(other)));
        Assert.NotEqual(NameOf(Reduce(audio)), NameOf(Reduce(audio, call: 43)));
        // A call that passes the box twice is reduced twice.
        Assert.True(RtcpWalk.IsWellFormed(Reduce(Reduce(audio))));
    }

    [Fact]
    public void What_does_not_fit_any_more_is_refused()
    {
        byte[] names = [0x9F, 202, 0, 62, .. Enumerable.Repeat<byte>(0, 31 * 8)];
        Assert.True(RtcpWalk.IsWellFormed(names));
        Assert.False(RtcpReduction.TryWrite(names, Names, 1, new byte[512], out _));
        Assert.True(RtcpReduction.TryWrite(names, Names, 1, new byte[1024], out int written));
        Assert.Equal(4 + (31 * 24), written);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Whatever_comes_is_refused_or_reduced_to_what_is_well_formed(int seed)
    {
        var random = new Random(seed);
        byte[] goodbye = [0x81, 203, 0, 1, 0, 0, 0, 7];
        byte[] whole = [.. Convert.FromHexString(ReceiverReport), .. Sdes(7, (1, "john"), (2, "doe")), .. goodbye];
        int wellFormed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] packet = whole[..random.Next(whole.Length + 1)];
            for (int flips = random.Next(3); flips > 0 && packet.Length > 0; flips--)
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            if (!RtcpWalk.IsWellFormed(packet)) continue;
            wellFormed++;
            Assert.True(RtcpWalk.IsWellFormed(Reduce(packet)));
        }
        Assert.True(wellFormed > 100);
    }

    [Fact]
    public void The_round_trip_is_from_the_report_that_left_to_its_echo()
    {
        RtcpFeedback caller = default, callee = default;
        var start = new Instant(5_000_000);
        byte[] sent = Convert.FromHexString("80C8000600000001AAAA11112222BBBB000000000000000000000000");
        RtcpFeedback.Read(sent, start, ref caller, ref callee);
        // The callee answers half a second after it came (0x8000 / 65536), 580 ms after it left here.
        byte[] echo = Convert.FromHexString(
            "81C900070000000200000001400000050000000000000064" + "11112222" + "00008000");
        RtcpFeedback.Read(echo, start.AddMilliseconds(580), ref callee, ref caller);
        Assert.Equal(80_000, callee.RoundTripMicroseconds);
        Assert.Equal((true, (byte)64, 100u), (callee.HasReport, callee.FractionLost, callee.Jitter));
        Assert.False(caller.HasReport);
        // The echo of something else, or one from before it was sent, says nothing.
        echo[24] ^= 1;
        RtcpFeedback.Read(echo, start.AddMilliseconds(9999), ref callee, ref caller);
        echo[24] ^= 1;
        RtcpFeedback.Read(echo, start.AddMilliseconds(10), ref callee, ref caller);
        Assert.Equal(80_000, callee.RoundTripMicroseconds);
    }

    [Theory]
    // loss, round trip, jitter: as the E-model's tables have it for G.711, to a tenth
    [InlineData(0, 0, 0, 4.4)]
    [InlineData(0, 300, 0, 4.3)]
    [InlineData(0, 600, 0, 3.7)]
    [InlineData(0.01, 0, 0, 4.3)]
    [InlineData(0.05, 100, 10, 3.9)]
    [InlineData(0.2, 100, 10, 2.5)]
    [InlineData(1, 2000, 500, 1.0)]
    public void Quality_falls_with_loss_and_delay(double loss, double roundTrip, double jitter, double expected) =>
        Assert.Equal(expected, VoiceQuality.Mos(loss, roundTrip, jitter), 0.11);

    private static byte[] Reduce(byte[] compound, long call = 42)
    {
        byte[] reduced = new byte[2048];
        Assert.True(RtcpReduction.TryWrite(compound, Names, call, reduced, out int written));
        return reduced[..written];
    }

    private static List<byte> Types(byte[] compound)
    {
        var types = new List<byte>();
        var walk = new RtcpWalk(compound);
        while (walk.TryNext(out RtcpPacket packet)) types.Add(packet.Type);
        return types;
    }

    internal static string NameOf(byte[] compound)
    {
        var walk = new RtcpWalk(compound);
        while (walk.TryNext(out RtcpPacket packet))
        {
            if (packet.Type != RtcpPacket.SourceDescription) continue;
            var chunks = new SdesWalk(packet);
            Assert.True(chunks.TryNext(out _, out ReadOnlySpan<byte> name));
            return Encoding.Latin1.GetString(name);
        }
        return "";
    }

    internal static byte[] Sdes(uint ssrc, params (byte Type, string Text)[] items)
    {
        List<byte> chunk = [(byte)(ssrc >> 24), (byte)(ssrc >> 16), (byte)(ssrc >> 8), (byte)ssrc];
        foreach ((byte type, string text) in items)
            chunk.AddRange([type, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);
        chunk.Add(0);
        while (chunk.Count % 4 != 0) chunk.Add(0);
        return [0x81, 202, 0, (byte)(chunk.Count / 4), .. chunk];
    }
}
