using System.Text;
using Sbc.Sip.Sdp;
using Xunit;
using static Sbc.Tests.Sip.Sdp.SdpSamples;

namespace Sbc.Tests.Sip.Sdp;

/// <summary>Codecs taken out of descriptions and put in order, and the rates that descriptions allow.</summary>
public sealed class SdpCodecTests
{
    private const string Head = "v=0\no=- 1 1 IN IP4 10.0.0.1\nc=IN IP4 10.0.0.1\n";

    private const string Offer = """
        m=audio 4000 RTP/AVP 111 0 8 9 18 101 13
        a=rtpmap:111 opus/48000/2
        a=fmtp:111 useinbandfec=1
        a=rtcp-fb:111 transport-cc
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-16
        a=fmtp:18 annexb=no
        a=sendrecv
        """;

    [Theory]
    [InlineData("", "", "", "111 0 8 9 18 101 13")]
    [InlineData("pcma", "", "", "8 101 13")]
    [InlineData("PCMA,opus", "", "", "111 8 101 13")]
    [InlineData("opus/48000", "", "", "111 101 13")]
    [InlineData("opus/8000", "", "", null)]
    [InlineData("", "G729,g722/8000", "", "111 0 8 101 13")]
    [InlineData("", "telephone-event,CN", "", "111 0 8 9 18")]
    [InlineData("", "", "PCMA,G729", "8 18 111 0 9 101 13")]
    [InlineData("", "opus", "telephone-event,PCMA", "101 8 0 9 18 13")]
    [InlineData("", "opus,PCMU,PCMA,G722,G729", "", null)]
    [InlineData("EVS", "", "", null)]
    public void Codecs_are_allowed_denied_and_ordered(string allow, string deny, string order, string? expected)
    {
        string text = Filtered(Offer, Policy(allow, deny, order));
        string line = text.Split("\r\n").First(line => line.StartsWith("m="));
        string refused = "m=audio 0 RTP/AVP 111 0 8 9 18 101 13";
        Assert.Equal(expected is null ? refused : $"m=audio 4000 RTP/AVP {expected}", line);
    }

    [Fact]
    public void What_is_said_of_a_codec_goes_with_it_and_nothing_else_does()
    {
        string text = Filtered(Offer, Policy("PCMA,G729", "telephone-event", ""));
        Assert.EndsWith("m=audio 4000 RTP/AVP 8 18 13\r\na=fmtp:18 annexb=no\r\na=sendrecv\r\n", text);
    }

    [Fact]
    public void Repetition_and_redundancy_go_with_what_they_repeat()
    {
        const string Video = """
            m=video 4000 RTP/AVPF 96 97 98 99 100
            a=rtpmap:96 VP8/90000
            a=rtpmap:97 rtx/90000
            a=fmtp:97 apt=96
            a=rtpmap:98 H264/90000
            a=rtpmap:99 rtx/90000
            a=fmtp:99 apt=98;rtx-time=100
            a=rtpmap:100 red/90000
            a=fmtp:100 96/98
            """;
        Assert.Contains("m=video 4000 RTP/AVPF 98 99\r\n", Filtered(Video, Policy("", "VP8", "")));
        Assert.Contains("m=video 0 RTP/AVPF 96 97 98 99 100\r\n", Filtered(Video, Policy("H265", "", "")));
    }

    [Fact]
    public void A_mapping_counts_more_than_the_static_table_and_each_line_has_its_own()
    {
        const string Two = "m=audio 4000 RTP/AVP 0 8\na=rtpmap:0 opus/48000\nm=audio 4002 RTP/AVP 0 8";
        string text = Filtered(Two, Policy("", "opus", ""));
        Assert.Contains("m=audio 4000 RTP/AVP 8\r\nm=audio 4002 RTP/AVP 0 8\r\n", text);
    }

    [Theory]
    [InlineData("m=image 4000 udptl t38")]
    [InlineData("m=audio 0 RTP/AVP 0")]
    [InlineData("m=application 4000 UDP/DTLS/SCTP webrtc-datachannel")]
    public void What_is_no_rtp_and_what_is_refused_is_left_alone(string line) =>
        Assert.EndsWith(line + "\r\n", Filtered(line, Policy("EVS", "", "")));

    [Theory]
    [InlineData("m=audio 4000 RTP/AVP 0", 512_000, 500, 8000)]
    [InlineData("m=audio 4000 RTP/AVP 9", 512_000, 500, 8000)]
    [InlineData("m=audio 4000 RTP/AVP 111\na=rtpmap:111 opus/48000/2\nb=AS:510", 1_024_000, 500, 48000)]
    [InlineData("m=audio 4000 RTP/AVP 0\nb=AS:1000", 2_000_000, 833, 8000)]
    [InlineData("m=audio 4000 RTP/AVP 11", 4_608_000, 1920, 44100)]
    [InlineData("m=video 4000 RTP/AVP 34", 40_000_000, 10_000, 90000)]
    [InlineData("m=video 4000 RTP/AVP 34\nb=TIAS:256000", 2_000_000, 1000, 90000)]
    [InlineData("m=video 4000 RTP/AVP 34\nb=TIAS:4000000", 8_000_000, 3333, 90000)]
    [InlineData("m=video 4000 RTP/AVP 34\nb=AS:999999999", 200_000_000, 10_000, 90000)]
    [InlineData("m=image 4000 udptl t38", 1_024_000, 500, 0)]
    [InlineData("m=application 4000 UDP/DTLS/SCTP x", 100_000_000, 10_000, 0)]
    public void A_line_may_send_so_much(string media, int bits, int packets, int clock)
    {
        byte[] body = Bytes(Head + media);
        Assert.Equal(new SdpRate(bits, packets, clock), SdpRate.Of(Parsed(body), body, 0));
    }

    [Fact]
    public void A_bandwidth_of_the_session_counts_where_the_line_has_none()
    {
        byte[] body = Bytes(Head + "b=AS:3000\nm=video 4000 RTP/AVP 34\nm=video 4002 RTP/AVP 34\nb=AS:2000");
        Assert.Equal(6_000_000, SdpRate.Of(Parsed(body), body, 0).BitsPerSecondMax);
        Assert.Equal(4_000_000, SdpRate.Of(Parsed(body), body, 1).BitsPerSecondMax);
    }

    [Theory]
    [InlineData("PCMU", true)]
    [InlineData("opus/48000", true)]
    [InlineData("opus/48000/2", false)]
    [InlineData("", false)]
    [InlineData("G 729", false)]
    [InlineData("G729/", false)]
    [InlineData("G729/x", false)]
    public void A_codec_is_a_name_and_a_clock_rate(string text, bool isOne) =>
        Assert.Equal(isOne, SdpCodec.TryParse(text, out _));

    private static SdpCodecPolicy Policy(string allow, string deny, string order) =>
        new() { Allow = Codecs(allow), Deny = Codecs(deny), Order = Codecs(order) };

    private static SdpCodec[] Codecs(string list) =>
    [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text =>
    {
        Assert.True(SdpCodec.TryParse(text, out SdpCodec codec));
        return codec;
    })];

    private static string Filtered(string media, SdpCodecPolicy policy)
    {
        byte[] body = Bytes(Head + media);
        byte[] output = new byte[body.Length];
        Assert.True(new SdpCodecFilter().TryApply(Parsed(body), body, [policy], policy, output, out int written));
        Parsed(output[..written]);
        return Encoding.UTF8.GetString(output, 0, written);
    }
}
