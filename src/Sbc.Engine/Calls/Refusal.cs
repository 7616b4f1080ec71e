using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>The answer that refuses every stream of an offer: port 0 in each m-line (RFC 3264 6).</summary>
public static class Refusal
{
    private const int BodyBytesMax = 2048;

    /// <summary>Writes the last header fields of a message and its body; no body where there is no offer.</summary>
    public static void Write(ref SipWriter writer, SipMessage offer)
    {
        Span<byte> text = stackalloc byte[BodyBytesMax];
        var body = new SipWriter(text);
        if (ContentTypes.Is(offer.Value(HeaderName.ContentType), "application/sdp"u8)) WriteBody(ref body, offer.Body);
        if (body.Length == 0 || body.Overflowed)
        {
            writer.Raw("Content-Length: 0\r\n\r\n"u8);
            return;
        }
        writer.Raw("Content-Type: application/sdp\r\n"u8);
        writer.Header("Content-Length: "u8, body.Length);
        writer.EndLine();
        writer.Raw(body.Written);
    }

    private static void WriteBody(ref SipWriter body, ReadOnlySpan<byte> offer)
    {
        body.Raw("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"u8);
        while (offer.Length > 0)
        {
            int end = offer.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = Grammar.Trim(end < 0 ? offer : offer[..end]);
            offer = end < 0 ? default : offer[(end + 1)..];
            if (!line.StartsWith("m="u8)) continue;
            int space = line.IndexOf((byte)' ');
            int rest = space < 0 ? -1 : line[(space + 1)..].IndexOf((byte)' ');
            if (rest < 0) continue;
            body.Raw(line[..(space + 1)]);
            body.Byte((byte)'0');
            body.Raw(line[(space + 1 + rest)..]);
            body.EndLine();
        }
    }
}
