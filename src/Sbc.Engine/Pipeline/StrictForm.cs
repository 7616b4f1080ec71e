using System.Buffers;
using System.Text.Unicode;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>
/// What a realm with <c>strictness: strict</c> refuses with 400 and a tolerant one accepts, rule by rule. Everything
/// that is valid by RFC 3261 passes, RFC 4475's tortuous messages too.
/// </summary>
/// <remarks>
/// For requests only: a response that was refused would end a call that two sides have agreed on. Who meets it: home
/// routers and scripts with bare line feeds, phones of before RFC 3261, gateways with Latin-1 or unquoted names, URIs
/// with characters that had to be escaped.
/// </remarks>
public static class StrictForm
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f"u8 +
        "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"u8);

    // unreserved, reserved, escaped (25.1), and the brackets of IPv6 references.
    private static readonly SearchValues<byte> UriBytes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'();/?:@&=+$,[]%"u8);

    // word of 25.1, and the @ between two of them.
    private static readonly SearchValues<byte> CallIdBytes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~()<>:\\\"/[]?{}@"u8);

    public static bool Holds(SipMessage request)
    {
        // Lines end in CRLF (7).
        if (request.HasBareLineFeed) return false;
        ReadOnlySpan<byte> head = request.Bytes[..request.BodyStart];
        // Text is UTF-8, and control characters stand in quoted pairs only (7, 25.1).
        if (!Utf8.IsValid(head) || (head.IndexOfAny(Controls) >= 0 && HasBareControl(head))) return false;
        // Every request since RFC 3261 has Max-Forwards, of 0 to 255 (8.1.1.6, 20.22), a From tag (8.1.1.3), and a
        // type where it has a body (20.15).
        if (!Numbers.TryParse(request.Value(HeaderName.MaxForwards), out uint hops) || hops > 255) return false;
        if (request.BodyLength > 0 && !request.Has(HeaderName.ContentType)) return false;
        ReadOnlySpan<byte> callId = request.Value(HeaderName.CallId);
        if (callId.IndexOfAnyExcept(CallIdBytes) >= 0 || callId.Count((byte)'@') > 1) return false;
        if (!ViaValue.TryParse(request.Value(HeaderName.Via), out ViaValue via) || !IsVia(via)) return false;
        if (!IsUri(request.RequestUri)) return false;
        return IsParty(request.Value(HeaderName.From), needsTag: true) &&
            IsParty(request.Value(HeaderName.To), needsTag: false) && AreContacts(request);
    }

    /// <summary>
    /// Tidy parameters, and a branch that is a token and more than the bare cookie (8.1.1.7). None at all, and one
    /// without the cookie, are RFC 2543's and valid.
    /// </summary>
    private static bool IsVia(in ViaValue via)
    {
        if (!AreParameters(via.Parameters)) return false;
        if (Parameters.CountOf(via.Parameters, "branch"u8) == 0) return true;
        return Grammar.IsToken(via.Branch) && !via.Branch.SequenceEqual("z9hG4bK"u8);
    }

    private static bool IsParty(ReadOnlySpan<byte> value, bool needsTag)
    {
        if (!NameAddress.TryParse(value, out NameAddress party) || !IsAddress(party)) return false;
        return party.TryGetTag(out ReadOnlySpan<byte> tag) ? Grammar.IsToken(tag) : !needsTag;
    }

    private static bool AreContacts(SipMessage request)
    {
        var values = new HeaderValues(request, HeaderName.Contact);
        while (values.MoveNext())
        {
            if (!NameAddress.TryParse(values.Current, out NameAddress contact)) return false;
            if (!contact.IsStar && !IsAddress(contact)) return false;
        }
        return true;
    }

    private static bool IsAddress(in NameAddress address)
    {
        // No white space inside the brackets (RFC 4475 3.1.2.14).
        int open = Quoting.IndexOfOutsideQuotes(address.Text, (byte)'<');
        if (open >= 0 && !address.Text[(open + 1)..].StartsWith(address.Uri)) return false;
        if (open >= 0 && address.Text[open + 1 + address.Uri.Length] != '>') return false;
        return IsDisplayName(address.DisplayName) && IsUri(address.Uri) && AreParameters(address.Parameters);
    }

    /// <summary>Tokens with white space between them, or one quoted string (25.1 display-name).</summary>
    private static bool IsDisplayName(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || Quoting.IsQuotedString(text)) return true;
        while (text.Length > 0)
        {
            int end = text.IndexOfAny(" \t\r\n"u8);
            if (!Grammar.IsToken(end < 0 ? text : text[..end])) return false;
            text = end < 0 ? default : Grammar.TrimStart(text[end..]);
        }
        return true;
    }

    private static bool IsUri(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAnyExcept(UriBytes) >= 0 || !SipUri.TryParse(text, out SipUri uri)) return false;
        for (int at = text.IndexOf((byte)'%'); at >= 0;)
        {
            if (at + 2 >= text.Length || !IsHex(text[at + 1]) || !IsHex(text[at + 2])) return false;
            int next = text[(at + 1)..].IndexOf((byte)'%');
            at = next < 0 ? -1 : at + 1 + next;
        }
        // An @ behind the host, a host name with an underscore, a password of nobody.
        if (uri.Parameters.Contains((byte)'@') || uri.HeaderPart.Contains((byte)'@')) return false;
        return !uri.Host.Contains((byte)'_') && (!uri.HasUser || uri.User.Length > 0);
    }

    /// <summary>token ["=" (token / host / quoted string)], and none that is empty (25.1 generic-param).</summary>
    private static bool AreParameters(ReadOnlySpan<byte> text)
    {
        int count = 0, separators = 0;
        var walk = new Parameters(text);
        while (walk.MoveNext())
        {
            count++;
            if (!Grammar.IsToken(walk.Name)) return false;
            // A value that is empty is rport's, and otherwise none.
            if (!walk.HasValue || walk.Value.Length == 0) continue;
            if (!Grammar.IsToken(walk.Value) && !Quoting.IsQuotedString(walk.Value) && !IsLiteral(walk.Value))
                return false;
        }
        for (ReadOnlySpan<byte> rest = text; rest.Length > 0; separators++)
        {
            int next = Quoting.IndexOfOutsideQuotes(rest[1..], (byte)';');
            rest = next < 0 ? default : rest[(next + 1)..];
        }
        return count == separators;
    }

    // host, and the IPv6address without brackets of received (25.1 via-received).
    private static bool IsLiteral(ReadOnlySpan<byte> value) =>
        value.IndexOfAnyExcept("0123456789abcdefABCDEF:.[]"u8) < 0;

    private static bool IsHex(byte value) => char.IsAsciiHexDigit((char)value);

    private static bool HasBareControl(ReadOnlySpan<byte> head)
    {
        bool quoted = false;
        for (int i = 0; i < head.Length; i++)
        {
            byte value = head[i];
            if (quoted && value == '\\') i++;
            else if (value == '"') quoted = !quoted;
            // Strings do not reach beyond their field; a quote in a Call-ID opens none.
            else if (value == '\n') quoted = quoted && i + 1 < head.Length && head[i + 1] is (byte)' ' or (byte)'\t';
            else if (Controls.Contains(value)) return true;
        }
        return false;
    }
}
