using System.Buffers;
using System.Text;

namespace Sbc.Sip.Message;

/// <summary>Request line or status line (RFC 3261 7.1, 7.2): positions in the message's first line.</summary>
internal struct StartLine
{
    public bool IsRequest;
    public SipMethod Method;
    public int MethodLength;
    public int UriStart;
    public int UriLength;
    public int StatusCode;
    public int ReasonStart;
    public int ReasonLength;

    // All but the tab: a form feed or a vertical tab ends the line for some readers.
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0a\x0b\x0c\x0d\x0e\x0f"u8 +
        "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"u8);

    private static ReadOnlySpan<byte> Version => "SIP/2.0"u8;

    public static ParseError Parse(ReadOnlySpan<byte> line, out StartLine start)
    {
        start = default;
        // A method is a token, and no token holds a slash: what begins like this is a status line.
        return StartsWith(line, Version) ? ParseStatus(line, ref start) : ParseRequest(line, ref start);
    }

    private static ParseError ParseRequest(ReadOnlySpan<byte> line, ref StartLine start)
    {
        int space = line.IndexOf((byte)' ');
        if (space <= 0) return ParseError.NotSip;
        ReadOnlySpan<byte> trimmed = line;
        int last = line.Length - Version.Length - 1;
        // As everybody writes it; else what stands behind the last space decides.
        bool isPlain = last > space && line[last..].SequenceEqual(" SIP/2.0"u8);
        if (!isPlain)
        {
            trimmed = line.TrimEnd(" \t"u8);
            last = trimmed.LastIndexOf((byte)' ');
            if (last <= space || !StartsWith(trimmed[(last + 1)..], "SIP/"u8)) return ParseError.NotSip;
        }
        SipMethod method = SipMethods.Parse(line[..space]);
        if (method == SipMethod.Other && !Grammar.IsToken(line[..space])) return ParseError.NotSip;
        start.IsRequest = true;
        start.Method = method;
        start.MethodLength = space;
        // The version's letters may have any case (7.1).
        if (!isPlain && !Ascii.EqualsIgnoreCase(trimmed[(last + 1)..], Version)) return ParseError.BadVersion;
        ReadOnlySpan<byte> uri = trimmed[(space + 1)..last];
        // Single spaces, none inside or around the URI (7.1, RFC 4475 3.1.2.8 to 10): who reads them otherwise than
        // we do sees another request.
        if (uri.Length == 0 || trimmed.Length < line.Length) return ParseError.BadStartLine;
        if (uri.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || uri.Contains((byte)0x7F)) return ParseError.BadStartLine;
        start.UriStart = space + 1;
        start.UriLength = uri.Length;
        return ParseError.None;
    }

    private static ParseError ParseStatus(ReadOnlySpan<byte> line, ref StartLine start)
    {
        if (line.Length < 11 || line[7] != ' ') return ParseError.NotSip;
        int hundreds = line[8] - '0', tens = line[9] - '0', ones = line[10] - '0';
        if (hundreds is < 1 or > 6 || tens is < 0 or > 9 || ones is < 0 or > 9) return ParseError.NotSip;
        // The space after the code is missing where the phrase is empty, in some stacks.
        if (line.Length > 11 && line[11] != ' ') return ParseError.NotSip;
        // The phrase goes to the other side as it is, so it holds no more than its grammar allows (25.1).
        ReadOnlySpan<byte> phrase = line[11..];
        if (phrase.IndexOfAny(Controls) >= 0) return ParseError.NotSip;
        start.StatusCode = (hundreds * 100) + (tens * 10) + ones;
        start.ReasonStart = Math.Min(12, line.Length);
        start.ReasonLength = line.Length - start.ReasonStart;
        return ParseError.None;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);
}
