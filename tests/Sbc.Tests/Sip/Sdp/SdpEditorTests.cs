using Sbc.Sip.Sdp;
using Xunit;
using static Sbc.Tests.Sip.Sdp.SdpSamples;

namespace Sbc.Tests.Sip.Sdp;

public sealed class SdpEditorTests
{
    [Fact]
    public void Only_what_names_the_writer_changes()
    {
        string expected = """
            v=0
            o=- 77 3 IN IP4 203.0.113.5
            s=-
            c=IN IP4 203.0.113.5
            t=0 0
            m=audio 20000 RTP/AVP 0 8 101
            a=rtpmap:0 PCMU/8000
            a=rtcp:20001
            """;
        Assert.Equal(Lines(expected), Rewritten(Bytes(Audio), Ours, new SdpMediaPorts(20000, 20001)));
        Assert.Equal(Lines(expected, "\n"), Rewritten(Bytes(Audio, "\n"), Ours, new SdpMediaPorts(20000, 20001)));
    }

    [Fact]
    public void Every_other_way_to_the_writer_is_removed()
    {
        string expected = """
            v=0
            o=- 77 3 IN IP4 203.0.113.5
            s=call
            i=about nothing
            e=alice@example.net
            p=+49 30 1
            b=AS:512
            t=0 0
            a=sendonly
            m=audio 20000 UDP/TLS/RTP/SAVPF 111
            c=IN IP4 203.0.113.5
            a=rtcp:20000 IN IP4 203.0.113.5
            a=rtcp-mux
            a=mid:0
            m=video 0 RTP/AVP 31
            c=IN IP4 203.0.113.5
            a=recvonly
            a=X-unknown:kept
            m=image 0 udptl t38
            c=IN IP4 203.0.113.5
            """;
        Assert.Equal(Lines(expected), Rewritten(Bytes(AudioAndVideo), Ours, new SdpMediaPorts(20000, 20001)));
    }

    [Fact]
    public void A_rejected_line_stays_rejected_even_where_ports_are_given()
    {
        SdpMediaPorts[] ports = [new(20000, 20001), new(20002, 20003), new(20004, 20005)];
        string text = Rewritten(Bytes(AudioAndVideo), Ours6, ports);
        Assert.Contains("m=image 0 udptl t38", text);
        Assert.Contains("m=video 20002 RTP/AVP 31", text);
        Assert.Contains("c=IN IP6 2001:db8:ffff::5\r\n", text);
        Assert.Contains("o=- 77 3 IN IP6 2001:db8:ffff::5\r\n", text);
    }

    [Theory]
    [InlineData("IN IP4 0.0.0.0", "c=IN IP4 0.0.0.0", "c=IN IP6 ::")]
    [InlineData("IN IP6 ::", "c=IN IP4 0.0.0.0", "c=IN IP6 ::")]
    [InlineData("IN IP4 gateway.example.net", "c=IN IP4 203.0.113.5", "c=IN IP6 2001:db8:ffff::5")]
    [InlineData("TN RFC2543 +1555", "c=IN IP4 203.0.113.5", "c=IN IP6 2001:db8:ffff::5")]
    public void A_hold_stays_a_hold_and_a_name_becomes_our_address(string value, string expected, string expected6)
    {
        byte[] body = Bytes($"v=0\no=- 1 1 IN IP4 10.0.0.1\nc={value}\nm=audio 4000 RTP/AVP 0");
        Assert.Contains(expected + "\r\n", Rewritten(body, Ours, new SdpMediaPorts(20000, 20001)));
        Assert.Contains(expected6 + "\r\n", Rewritten(body, Ours6, new SdpMediaPorts(20000, 20001)));
    }

    [Theory]
    [InlineData("a=rtcp:5001 IN IP4 10.9.9.9", "a=rtcp:20001 IN IP4 203.0.113.5")]
    [InlineData("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:20001 IN IP4 0.0.0.0")]
    [InlineData("a=rtcp: 5001 IN IP6 2001:db8::9", "a=rtcp:20001 IN IP4 203.0.113.5")]
    [InlineData("a=RTCP:5001 IN IP4 10.9.9.9", "a=rtcp:20001 IN IP4 203.0.113.5")]
    [InlineData("a=rtcp:x IN IP4 10.9.9.9", "")]
    [InlineData("a=rtcp", "")]
    [InlineData("a=source-filter: incl IN IP4 * 10.9.9.9", "")]
    [InlineData("a=altc:1 IP4 10.9.9.9 5000", "")]
    [InlineData("a=remote-candidates:1 10.9.9.9 5000", "")]
    [InlineData("a= candidate:1 1 UDP 1 10.9.9.9 5000 typ host", "")]
    [InlineData("a=ice-options:trickle", "")]
    [InlineData("a=ice-mismatch", "")]
    [InlineData("a=group:LS 1 2", "a=group:LS 1 2")]
    [InlineData("a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack")]
    [InlineData("b=AS:64", "b=AS:64")]
    [InlineData("b=TIAS:64000", "b=TIAS:64000")]
    [InlineData("b=RR:300", "b=RR:300")]
    [InlineData("i=studio 10.9.9.9, or so.", "i=studio 0.0.0.0, or so.")]
    [InlineData("a=X-host:10.9.9.9:5060 [2001:db8::9]", "a=X-host:0.0.0.0:5060 [::]")]
    [InlineData("a=face:2001:db8:0:0:0:0:0:9", "a=face:::")]
    [InlineData("a=ssrc:1 cname:alice@10.9.9.9.", "a=ssrc:1 cname:alice@0.0.0.0.")]
    [InlineData("a=X-none:1.2.3 1.2.3.4.5 12:34:56 0.0.0.0 ::", "a=X-none:1.2.3 1.2.3.4.5 12:34:56 0.0.0.0 ::")]
    [InlineData("a=setup:actpass", "a=setup:actpass")]
    [InlineData("a=rtcp-xr:voip-metrics", "a=rtcp-xr:voip-metrics")]
    [InlineData("a=ice-lite", "")]
    [InlineData("a=ice-pacing:50", "")]
    [InlineData("a=end-of-candidates", "")]
    [InlineData("a=mid:audio", "a=mid:audio")]
    [InlineData("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1j|2^20|1:4",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1j|2^20|1:4")]
    [InlineData("a=fingerprint:MD5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B",
        "a=fingerprint:MD5 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B")]
    public void A_line_of_the_media_becomes(string line, string expected)
    {
        byte[] body = Bytes($"v=0\no=- 1 1 IN IP4 10.0.0.1\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 0\n{line}\na=last");
        string text = Rewritten(body, Ours, new SdpMediaPorts(20000, 20001));
        Assert.EndsWith($"m=audio 20000 RTP/AVP 0\r\n{expected}{(expected.Length > 0 ? "\r\n" : "")}a=last\r\n", text);
    }

    [Fact]
    public void An_rtcp_line_goes_with_the_port_it_belongs_to()
    {
        string text = Rewritten(Bytes(Audio), Ours);
        Assert.Contains("m=audio 0 RTP/AVP", text);
        Assert.DoesNotContain("a=rtcp:", text);
    }

    [Theory]
    [InlineData("", "a=last\r\na=rtcp-mux\r\n")]
    [InlineData("\nm=video 4002 RTP/AVP 31", "a=last\r\na=rtcp-mux\r\nm=video 0 RTP/AVP 31\r\n")]
    [InlineData("\na=rtcp-mux", "a=last\r\na=rtcp-mux\r\n")]
    public void A_shared_port_is_accepted_for_a_writer_who_has_two(string more, string end)
    {
        byte[] body = Bytes($"v=0\no=- 1 1 IN IP4 10.0.0.1\nc=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 0\na=last{more}");
        string text = Rewritten(body, Ours, new SdpMediaPorts(20000, 20001, AddsMux: true));
        Assert.EndsWith(end, text);
    }

    [Fact]
    public void An_output_that_is_too_short_is_reported_at_every_length()
    {
        byte[] body = Bytes(AudioAndVideo);
        SdpDescription sdp = Parsed(body);
        int needed = Rewritten(body, Ours, new SdpMediaPorts(20000, 20001)).Length;
        byte[] output = new byte[needed];
        var rewrite = new SdpRewrite(Ours, 77, 3);
        SdpMediaPorts[] ports = [new(20000, 20001)];
        for (int length = 0; length <= needed; length++)
        {
            bool isWritten = SdpEditor.TryRewrite(sdp, body, rewrite, ports, output.AsSpan(0, length), out int written);
            Assert.Equal(length == needed, isWritten);
            Assert.Equal(isWritten ? needed : 0, written);
        }
    }

    private static string Lines(string text, string lineEnd = "\r\n") =>
        text.ReplaceLineEndings("\n").Replace("\n", lineEnd) + lineEnd;
}
