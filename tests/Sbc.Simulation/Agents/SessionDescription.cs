using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>The SDP of a call (RFC 4566) as far as its first stream, and what of ours it carries through a box.
/// </summary>
/// <param name="Target">Where its media is to be sent: the port of m= and the address of c=.</param>
/// <param name="Session">sess-id of o=.</param>
/// <param name="Version">sess-version of o=.</param>
/// <param name="Offer">The name of the offer that this is, or null.</param>
/// <param name="Answer">The name of the offer that this answers, or null.</param>
public readonly record struct SessionDescription(
    TransportAddress Target, long Session, long Version, string? Offer, string? Answer)
{
    private const string OfferAttribute = "a=x-offer:";
    private const string AnswerAttribute = "a=x-answer:";

    /// <param name="media">Where we want audio.</param>
    /// <param name="session">sess-id of o=.</param>
    /// <param name="version">sess-version of o=.</param>
    /// <param name="mark">What <see cref="OfferMark"/> or <see cref="AnswerMark"/> makes.</param>
    public static string Write(in TransportAddress media, long session, long version, string mark)
    {
        string host = Address.Host(media).Trim('[', ']');
        string type = media.IsIPv4 ? "IP4" : "IP6";
        return string.Create(CultureInfo.InvariantCulture,
            $"v=0\r\no=- {session} {version} IN {type} {host}\r\ns=-\r\nc=IN {type} {host}\r\nt=0 0\r\n"
            + $"m=audio {media.Port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n{mark}\r\n");
    }

    public static string OfferMark(string name) => OfferAttribute + name;

    public static string AnswerMark(string name) => AnswerAttribute + name;

    public static bool TryRead(string body, out SessionDescription session)
    {
        session = default;
        ReadOnlySpan<char> host = default, origin = default, port = default;
        string? offer = null, answer = null;
        int lines = 0;
        ReadOnlySpan<char> rest = body;
        while (rest.Length > 0)
        {
            int end = rest.IndexOf("\r\n");
            ReadOnlySpan<char> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 2)..];
            if (line.StartsWith("c=IN ") && lines < 2) host = Word(line, 2);
            else if (line.StartsWith("o=")) origin = line;
            else if (line.StartsWith("m=") && lines++ == 0) port = Word(line, 1);
            else if (line.StartsWith(OfferAttribute)) offer = line[OfferAttribute.Length..].ToString();
            else if (line.StartsWith(AnswerAttribute)) answer = line[AnswerAttribute.Length..].ToString();
        }
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0
            || !long.TryParse(Word(origin, 1), CultureInfo.InvariantCulture, out long id)
            || !long.TryParse(Word(origin, 2), CultureInfo.InvariantCulture, out long version)
            || !SipUri.TryAddress(host.ToString(), number, out TransportAddress target))
        {
            return false;
        }
        session = new SessionDescription(target, id, version, offer, answer);
        return true;
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> line, int index)
    {
        for (; index > 0; index--)
        {
            int space = line.IndexOf(' ');
            if (space < 0) return default;
            line = line[(space + 1)..];
        }
        int end = line.IndexOf(' ');
        return end < 0 ? line : line[..end];
    }
}
