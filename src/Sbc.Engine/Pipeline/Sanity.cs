using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>Whether a message's form allows it to be handled at all (RFC 3261 16.3, 8.1.1, 8.2.2).</summary>
/// <remarks>
/// What is refused here is refused in every realm: fields that two readers could take for two different messages, or
/// that name no dialog. Whatever is only untidy passes, as real phones are; <see cref="StrictForm"/> has the rest of
/// the grammar, for realms with <c>strictness: strict</c>.
/// </remarks>
public static class Sanity
{
    /// <summary>Why a message that cannot be read is dropped.</summary>
    public static DropReason ReasonOf(ParseError error) => error switch
    {
        ParseError.HeaderUnending => DropReason.HeaderUnending,
        ParseError.TooManyHeaders => DropReason.TooManyHeaders,
        ParseError.BadContentLength => DropReason.BodyTruncated,
        _ => DropReason.Malformed,
    };

    /// <returns>The response to a request line that was read and is refused (RFC 3261 7.1, 21.5.6), or 0.</returns>
    public static int OfStartLine(ParseError error) => error switch
    {
        ParseError.BadStartLine => 400,
        ParseError.BadVersion => 505,
        _ => 0,
    };

    /// <returns>0, or the response that refuses it.</returns>
    public static int Check(SipMessage request, bool isStrict)
    {
        if (!HasDialogFields(request) || !HasOneOfEach(request)) return 400;
        if (!CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq)) return 400;
        // RFC 4475 3.1.2.18: that the method is unknown is said first.
        if (!cseq.MethodToken.SequenceEqual(request.MethodToken)) return request.Method == SipMethod.Other ? 501 : 400;
        if (request.Has(HeaderName.Contact) && !IsFirstContact(request.Value(HeaderName.Contact))) return 400;
        if (!IsViaList(request.Value(HeaderName.Via))) return 400;
        if (request.Has(HeaderName.MaxForwards) && !Numbers.TryParse(request.Value(HeaderName.MaxForwards), out _))
            return 400;
        if (!FitsRequestLine(request.RequestUri) || !SipUri.TryParse(request.RequestUri, out SipUri uri)) return 400;
        // No headers in a Request-URI (19.1.1): a Route in it would send the request where a stranger likes.
        if (uri.HeaderPart.Length > 0) return 400;
        if (uri.Scheme == UriScheme.Other) return 416;
        return isStrict && !StrictForm.Holds(request) ? 400 : 0;
    }

    /// <summary>
    /// Whether a response can belong to a dialog and has one body. Nobody answers a response: any other is dropped.
    /// </summary>
    public static bool CheckResponse(SipMessage response) =>
        HasDialogFields(response) && !response.IsRepeated(HeaderName.ContentLength) &&
        !response.IsRepeated(HeaderName.ContentType);

    /// <summary>Whether the fields are there that a response takes from its request (8.2.6.2), beside Via.</summary>
    public static bool CanBeAnswered(SipMessage request) =>
        request.Value(HeaderName.From).Length > 0 && request.Value(HeaderName.To).Length > 0 &&
        request.Value(HeaderName.CallId).Length > 0 && request.Value(HeaderName.CSeq).Length > 0;

    /// <summary>Exactly one of each (8.1.1); without them there is no dialog and no transaction.</summary>
    private static bool HasDialogFields(SipMessage message)
    {
        if (message.IsRepeated(HeaderName.From) || message.IsRepeated(HeaderName.To)) return false;
        if (message.IsRepeated(HeaderName.CallId) || message.IsRepeated(HeaderName.CSeq)) return false;
        if (message.Value(HeaderName.CallId).Length == 0 || !message.Has(HeaderName.CSeq)) return false;
        return IsOneParty(message.Value(HeaderName.From)) && IsOneParty(message.Value(HeaderName.To));
    }

    /// <summary>
    /// Fields that decide what a message does or how long it is: of two, each reader would choose its own. Others
    /// that may stand once only (20) pass twice: the box does not act on them.
    /// </summary>
    private static bool HasOneOfEach(SipMessage message) =>
        !message.IsRepeated(HeaderName.MaxForwards) && !message.IsRepeated(HeaderName.ContentLength) &&
        !message.IsRepeated(HeaderName.ContentType) && !message.IsRepeated(HeaderName.Event) &&
        !message.IsRepeated(HeaderName.Expires) && !message.IsRepeated(HeaderName.ReferTo) &&
        !message.IsRepeated(HeaderName.Replaces) && !message.IsRepeated(HeaderName.Join) &&
        !message.IsRepeated(HeaderName.RSeq) && !message.IsRepeated(HeaderName.RAck) &&
        !message.IsRepeated(HeaderName.SessionExpires) && !message.IsRepeated(HeaderName.MinSe);

    /// <summary>
    /// From and To: one value, a URI that can be read, at most one tag. A comma would make it two values; in a display
    /// name it stands in quotes (25.1). Behind an empty tag ours would be the second.
    /// </summary>
    private static bool IsOneParty(ReadOnlySpan<byte> value)
    {
        if (Quoting.IndexOfValueEnd(value) >= 0 || !NameAddress.TryParse(value, out NameAddress address)) return false;
        if (!SipUri.TryParse(address.Uri, out _)) return false;
        return Parameters.CountOf(address.Parameters, "tag"u8) switch
        {
            0 => true,
            1 => address.TryGetTag(out ReadOnlySpan<byte> tag) && tag.IndexOfAny(" \t\r\n\""u8) < 0,
            _ => false,
        };
    }

    // The first is the one that a dialog sends to; of the others only a registrar makes use.
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
}
