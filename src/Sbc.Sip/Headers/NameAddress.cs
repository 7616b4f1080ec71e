using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>name-addr or addr-spec with header parameters (RFC 3261 20.10, 20.20, 20.34, 20.39): one value.</summary>
public readonly ref struct NameAddress
{
    private NameAddress(ReadOnlySpan<byte> text) => Text = text;

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>As written, with quotes; empty when absent.</summary>
    public ReadOnlySpan<byte> DisplayName { get; private init; }

    /// <summary>Without angle brackets; not checked further than that it is there.</summary>
    public ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>Header parameters, from the first semicolon on.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    /// <summary>"*" of a REGISTER that removes all.</summary>
    public bool IsStar => Text.Length == 1 && Text[0] == '*';

    public bool TryGetTag(out ReadOnlySpan<byte> tag) =>
        Headers.Parameters.TryGet(Parameters, "tag"u8, out tag) && tag.Length > 0;

    public static bool TryParse(ReadOnlySpan<byte> value, out NameAddress address)
    {
        value = Grammar.Trim(value);
        address = default;
        if (value.Length == 0) return false;
        int open = Quoting.IndexOfOutsideQuotes(value, (byte)'<');
        if (open < 0)
        {
            // In addr-spec form all parameters are the header's (RFC 3261 20).
            int end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> bare = Grammar.Trim(end < 0 ? value : value[..end]);
            // A question mark has to be bracketed (20.10): the headers behind it would be the URI's or nobody's.
            if (bare.Length == 0 || bare.IndexOfAny(" \t\r\n\">?,"u8) >= 0) return false;
            address = new NameAddress(value) { Uri = bare, Parameters = end < 0 ? default : value[end..] };
            return Headers.Parameters.AreQuotedWell(address.Parameters);
        }
        int close = value[open..].IndexOf((byte)'>');
        if (close < 0) return false;
        ReadOnlySpan<byte> after = Grammar.TrimStart(value[(open + close + 1)..]);
        if (after.Length > 0 && after[0] != ';') return false;
        if (!IsDisplayName(value[..open]) || !Headers.Parameters.AreQuotedWell(after)) return false;
        address = new NameAddress(value)
        {
            DisplayName = Grammar.Trim(value[..open]),
            Uri = Grammar.Trim(value.Slice(open + 1, close - 1)),
            Parameters = after,
        };
        // A second bracket inside would begin another address for others.
        return address.Uri.Length > 0 && !address.Uri.Contains((byte)'<');
    }

    /// <summary>
    /// Outside of quotes the grammar has tokens; phones write whatever their owner typed. What would end an address
    /// for a reader who looks for separators before brackets is refused.
    /// </summary>
    private static bool IsDisplayName(ReadOnlySpan<byte> text) =>
        text.IndexOfAny((byte)';', (byte)'>', (byte)',') < 0 ||
        (Quoting.IndexOfOutsideQuotes(text, (byte)';') < 0 && Quoting.IndexOfOutsideQuotes(text, (byte)'>') < 0 &&
            Quoting.IndexOfOutsideQuotes(text, (byte)',') < 0);
}
