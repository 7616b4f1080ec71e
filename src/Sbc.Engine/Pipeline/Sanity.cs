using Sbc.Engine.Calls;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>Whether a request's form allows it to be handled at all (RFC 3261 16.3, 8.1.1, 8.2.2).</summary>
public static class Sanity
{
    /// <returns>The response to a request line that was read and is refused (RFC 3261 7.1, 21.5.6), or 0.</returns>
    public static int OfStartLine(ParseError error) => error switch
    {
        ParseError.BadStartLine => 400,
        ParseError.BadVersion => 505,
        _ => 0,
    };

    /// <returns>0, or the response that refuses it.</returns>
    public static int Check(SipMessage request)
    {
        // Exactly one of each (8.1.1); without them there is no dialog and no transaction.
        if (request.CountOf(HeaderName.From) != 1 || request.CountOf(HeaderName.To) != 1) return 400;
        if (request.CountOf(HeaderName.CallId) != 1 || request.CountOf(HeaderName.CSeq) != 1) return 400;
        if (request.Value(HeaderName.CallId).Length == 0) return 400;
        if (request.CountOf(HeaderName.MaxForwards) > 1 || request.CountOf(HeaderName.ContentLength) > 1) return 400;
        if (!CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq)) return 400;
        // RFC 4475 3.1.2.18: that the method is unknown is said first.
        if (!cseq.MethodToken.SequenceEqual(request.MethodToken)) return request.Method == SipMethod.Other ? 501 : 400;
        if (!IsOneAddress(request.Value(HeaderName.From)) || !IsOneAddress(request.Value(HeaderName.To))) return 400;
        if (request.Has(HeaderName.Contact) && !IsFirstContact(request.Value(HeaderName.Contact))) return 400;
        if (!IsViaList(request.Value(HeaderName.Via))) return 400;
        if (request.Has(HeaderName.MaxForwards) && !Numbers.TryParse(request.Value(HeaderName.MaxForwards), out _))
            return 400;
        if (!FitsRequestLine(request.RequestUri) || !SipUri.TryParse(request.RequestUri, out SipUri uri)) return 400;
        // No headers in a Request-URI (19.1.1): a Route in it would send the request where a stranger likes.
        if (uri.HeaderPart.Length > 0) return 400;
        return uri.Scheme == UriScheme.Other ? 416 : 0;
    }

    // A comma would make it two values where one is allowed; in a display name it stands in quotes (25.1).
    private static bool IsOneAddress(ReadOnlySpan<byte> value) =>
        Quoting.IndexOfValueEnd(value) < 0 && NameAddress.TryParse(value, out _);

    private static bool IsFirstContact(ReadOnlySpan<byte> field)
    {
        int comma = Quoting.IndexOfValueEnd(field);
        return NameAddress.TryParse(comma < 0 ? field : field[..comma], out _);
    }

    /// <summary>What follows the first Via in its field is a Via too (RFC 4475 3.1.2.1).</summary>
    private static bool IsViaList(ReadOnlySpan<byte> field)
    {
        int comma = Quoting.IndexOfValueEnd(field);
        return comma < 0 || ViaValue.TryParse(field[(comma + 1)..], out _);
    }

    /// <summary>
    /// Whether a URI can stand in a request line: a fold or a control character in a Contact would begin a header
    /// field of the request that is later sent to it.
    /// </summary>
    public static bool FitsRequestLine(ReadOnlySpan<byte> uri) =>
        uri.Length > 0 && uri.IndexOfAnyInRange((byte)0, (byte)' ') < 0;

    /// <summary>The first option tag that is required and that does not work through this box; empty: none.</summary>
    public static ReadOnlySpan<byte> UnsupportedOption(SipMessage request, HeaderName name)
    {
        var values = new HeaderValues(request, name);
        while (values.MoveNext())
        {
            if (!OptionTags.Passes(values.Current)) return values.Current;
        }
        return default;
    }
}
