using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Sdp;
using Xunit;

namespace Sbc.Tests.Sip.Sdp;

/// <summary>Bodies written for these tests, and the short way to parse and to rewrite one.</summary>
internal static class SdpSamples
{
    public const string Audio = """
        v=0
        o=alice 2890844526 2890844527 IN IP4 10.1.2.3
        s=-
        c=IN IP4 10.1.2.3
        t=0 0
        m=audio 49170 RTP/AVP 0 8 101
        a=rtpmap:0 PCMU/8000
        a=rtcp:49999
        """;

    public const string AudioAndVideo = """
        v=0
        o=- 1 2 IN IP6 2001:db8:1::5
        s=call
        i=about nothing
        u=http://10.1.2.3/about
        e=alice@example.net
        p=+49 30 1
        b=AS:512
        t=0 0
        a=sendonly
        a=group:BUNDLE 0 1
        a=ice-lite
        m=audio 5004 UDP/TLS/RTP/SAVPF 111
        c=IN IP6 2001:db8:1::5
        a=rtcp:5004 IN IP6 2001:db8:1::5
        a=rtcp-mux
        a=ice-ufrag:abcd
        a=ice-pwd:0123456789012345678901
        a=candidate:1 1 UDP 2130706431 10.1.2.3 8998 typ host
        a=end-of-candidates
        a=mid:0
        m=video 5006/2 RTP/AVP 31
        c=IN IP4 192.168.7.7/127
        a=recvonly
        a=X-unknown:kept
        m=image 0 udptl t38
        c=IN IP4 192.168.7.8
        """;

    public static readonly TransportAddress Ours = Parse4("203.0.113.5");
    public static readonly TransportAddress Ours6 = Address("2001:db8:ffff::5", 0);

    /// <summary>With CRLF and an end to the last line, as on the wire.</summary>
    public static byte[] Bytes(string text, string lineEnd = "\r\n") =>
        Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n").Replace("\n", lineEnd) + lineEnd);

    public static SdpDescription Parsed(byte[] body)
    {
        var sdp = new SdpDescription();
        Assert.True(sdp.TryParse(body, out SdpError error), error.ToString());
        return sdp;
    }

    public static SdpError Error(string text)
    {
        Assert.False(new SdpDescription().TryParse(Bytes(text), out SdpError error));
        return error;
    }

    public static string Rewritten(byte[] body, in TransportAddress ours, params SdpMediaPorts[] ports)
    {
        SdpDescription sdp = Parsed(body);
        byte[] output = new byte[SdpEditor.OutputBytesMax(sdp)];
        Assert.True(SdpEditor.TryRewrite(sdp, body, new SdpRewrite(ours, 77, 3), ports, output, out int written));
        return Encoding.UTF8.GetString(output, 0, written);
    }

    public static TransportAddress Address(string host, int port)
    {
        Assert.True(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(host), port, out TransportAddress address));
        return address;
    }

    private static TransportAddress Parse4(string host) => Address(host, 0);
}
