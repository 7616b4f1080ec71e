using Sbc.Engine.Calls;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>Whether a request's form allows it to be handled at all (RFC 3261 16.3, 8.1.1, 8.2.2).</summary>
public static class Sanity
{
    /// <returns>0, or the response that refuses it.</returns>
    public static int Check(SipMessage request)
    {
        // Exactly one of each (8.1.1); without them there is no dialog and no transaction.
        if (request.CountOf(HeaderName.From) != 1 || request.CountOf(HeaderName.To) != 1) return 400;
        if (request.CountOf(HeaderName.CallId) != 1 || request.CountOf(HeaderName.CSeq) != 1) return 400;
        if (request.Value(HeaderName.CallId).Length == 0) return 400;
        if (request.CountOf(HeaderName.MaxForwards) > 1 || request.CountOf(HeaderName.ContentLength) > 1) return 400;
        if (!CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq)) return 400;
        if (!cseq.MethodToken.SequenceEqual(request.MethodToken)) return 400;
        if (!NameAddress.TryParse(request.Value(HeaderName.From), out _)) return 400;
        if (!NameAddress.TryParse(request.Value(HeaderName.To), out _)) return 400;
        if (request.Has(HeaderName.MaxForwards) && !Numbers.TryParse(request.Value(HeaderName.MaxForwards), out _)) return 400;
        if (!FitsRequestLine(request.RequestUri) || !SipUri.TryParse(request.RequestUri, out SipUri uri)) return 400;
        return uri.Scheme == UriScheme.Other ? 416 : 0;
    }

    /// <summary>
    /// Whether a URI can stand in a request line: a fold or a control character in a Contact would begin a header
    /// field of the request that is later sent to it.
    /// </summary>
    public static bool FitsRequestLine(ReadOnlySpan<byte> uri) => uri.Length > 0 && uri.IndexOfAnyInRange((byte)0, (byte)' ') < 0;

    /// <summary>The first option tag that is required and that does not work through this box; empty: none.</summary>
    public static ReadOnlySpan<byte> UnsupportedOption(SipMessage request, HeaderName name)
    {
        var values = new HeaderValues(request, name);
        while (values.MoveNext())
        {
            if (!HeaderFilter.IsTransparentOption(values.Current)) return values.Current;
        }
        return default;
    }
}
