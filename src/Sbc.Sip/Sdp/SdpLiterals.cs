using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>
/// Finds addresses in lines that are not understood: an attribute of a vendor that names a host of one side, an e= or
/// i= with an address in it.
/// </summary>
/// <remarks>
/// What looks like an address is one, a version of four numbers included. A fingerprint is none: it has more groups
/// than an address has, and no other attribute writes as many with colons.
/// </remarks>
internal static class SdpLiterals
{
    // Eight groups of IPv6, the end of a word before the first colon, and a port behind the last.
    private const int ColonsMax = 9;

    /// <summary>The next literal at or behind <paramref name="from"/>; an unspecified address names nobody.</summary>
    public static bool TryNext(ReadOnlySpan<byte> text, int from, out SdpRange literal)
    {
        for (int at = from; at < text.Length;)
        {
            int length = RunLength(text[at..]);
            if (length == 0)
            {
                at++;
                continue;
            }
            ReadOnlySpan<byte> run = text.Slice(at, length);
            if (TryFind(run, out int start, out int found))
            {
                literal = new SdpRange(at + start, found);
                return true;
            }
            at += length;
        }
        literal = default;
        return false;
    }

    private static int RunLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiHexDigit((char)text[length]) || text[length] is 0x3A or 0x2E))
            length++;
        return length;
    }

    private static bool TryFind(ReadOnlySpan<byte> run, out int start, out int length)
    {
        int colons = run.Count((byte)':');
        start = length = 0;
        if (colons is >= 2 and <= ColonsMax)
        {
            ReadOnlySpan<byte> whole = run.TrimEnd((byte)'.');
            if (whole.EndsWith(":"u8) && !whole.EndsWith("::"u8)) whole = whole[..^1];
            if (IsAddress(whole))
            {
                length = whole.Length;
                return true;
            }
            // The last letters of an attribute's name may be hexadecimal, too.
            start = Math.Min(run.IndexOf((byte)':') + 1, whole.Length);
            if (IsAddress(whole[start..]))
            {
                length = whole.Length - start;
                return true;
            }
        }
        return TryFindIPv4(run, out start, out length);
    }

    private static bool IsAddress(ReadOnlySpan<byte> text) =>
        TransportAddress.TryParseHost(text, 0, out TransportAddress address) && !address.IsUnspecified;

    /// <summary>Four numbers with dots between them, and no fifth.</summary>
    private static bool TryFindIPv4(ReadOnlySpan<byte> run, out int start, out int length)
    {
        for (start = 0; start < run.Length; start++)
        {
            if (!IsDigit(run, start)) continue;
            int end = start;
            for (; end < run.Length && (IsDigit(run, end) || (run[end] == '.' && IsDigit(run, end + 1))); end++)
            {
            }
            length = end - start;
            if (IsAddress(run.Slice(start, length))) return true;
            start = end;
        }
        length = 0;
        return false;
    }

    private static bool IsDigit(ReadOnlySpan<byte> text, int at) =>
        at < text.Length && char.IsAsciiDigit((char)text[at]);
}
