using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Tests.Sip.Message;

/// <summary>Messages written for these tests, and the short way to parse one.</summary>
internal static class SipSamples
{
    /// <summary>An INVITE as a desk phone sends it: 650 bytes, 14 header fields, its SDP included.</summary>
    public static readonly byte[] Invite = Wire("""
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.33:5060;branch=z9hG4bK74b43f2a91;rport
        Max-Forwards: 70
        From: "Alice" <sip:alice@example.com>;tag=9fxced76sl
        To: <sip:bob@example.com>
        Call-ID: 3848276298220188511@192.0.2.33
        CSeq: 1 INVITE
        Contact: <sip:alice@192.0.2.33:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK
        Supported: timer, replaces
        User-Agent: Desk Phone 5.1 (build 202
        Session-Expires: 1800
        P-Early-Media: supported
        Content-Type: application/sdp
        Content-Length: 122

        v=0
        o=- 13760 13760 IN IP4 192.0.2.33
        s=-
        c=IN IP4 192.0.2.33
        t=0 0
        m=audio 49152 RTP/AVP 0 8
        a=rtpmap:0 PCMU/8000

        """);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The text with the line ends of the wire, whatever this file's are.</summary>
    public static byte[] Wire(string text) => Utf8(text.ReplaceLineEndings("\r\n"));

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Parses in the middle of other bytes, so that positions that forget the offset are found out.</summary>
    public static SipMessage Parse(byte[] wire, out ParseError error)
    {
        byte[] array = new byte[wire.Length + 64];
        array.AsSpan().Fill((byte)'\n');
        wire.CopyTo(array, 31);
        var message = new SipMessage();
        error = message.Parse(array, 31, wire.Length);
        return message;
    }

    public static SipMessage Parse(string wire, out ParseError error) => Parse(Utf8(wire), out error);

    /// <summary>A request with these header lines, each without its line end, and no body.</summary>
    public static SipMessage WithHeaders(params string[] lines)
    {
        string wire = $"OPTIONS sip:a@b SIP/2.0\r\n{string.Join("\r\n", lines)}\r\n\r\n";
        SipMessage message = Parse(wire, out ParseError error);
        Xunit.Assert.Equal(ParseError.None, error);
        return message;
    }
}
