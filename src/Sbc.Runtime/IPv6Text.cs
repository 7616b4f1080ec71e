using System.Buffers.Binary;

namespace Sbc.Runtime;

/// <summary>IPv6 addresses as text (RFC 4291 2.2) and back, in the form of RFC 5952, without allocating.</summary>
/// <remarks>IPAddress makes an object and a string of each: 3,712 bytes in a call whose both legs are IPv6.</remarks>
internal static class IPv6Text
{
    private const int Groups = 8;

    /// <summary>Writes 2 to 39 characters, without brackets and scope; IPv4-mapped addresses are not special.</summary>
    public static int Write(ulong high, ulong low, Span<byte> destination)
    {
        Span<ushort> groups = stackalloc ushort[Groups];
        for (int i = 0; i < Groups; i++) groups[i] = (ushort)((i < 4 ? high : low) >> (48 - (16 * (i & 3))));
        FindZeros(groups, out int zeros, out int zerosEnd);
        int at = 0;
        for (int i = 0; i < Groups; i++)
        {
            if (i == zeros)
            {
                destination[at++] = (byte)':';
                destination[at++] = (byte)':';
                i = zerosEnd - 1;
                continue;
            }
            if (i > 0 && i != zerosEnd) destination[at++] = (byte)':';
            at += WriteGroup(groups[i], destination[at..]);
        }
        return at;
    }

    /// <summary>Parses an address without brackets; a scope must be a number and no interface's name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, Span<byte> address, out uint scope)
    {
        scope = 0;
        int percent = text.IndexOf((byte)'%');
        if (percent >= 0 && !TryParseScope(text[(percent + 1)..], out scope)) return false;
        if (percent >= 0) text = text[..percent];
        address[..16].Clear();
        int count = 0, gap = -1, at = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            at = 2;
        }
        while (at < text.Length)
        {
            if (count == Groups) return false;
            int end = text[at..].IndexOf((byte)':');
            ReadOnlySpan<byte> part = end < 0 ? text[at..] : text.Slice(at, end);
            if (end < 0 && part.IndexOf((byte)'.') >= 0)
            {
                if (count > Groups - 2) return false;
                if (!TransportAddress.TryParseIPv4(part, 0, out TransportAddress tail)) return false;
                BinaryPrimitives.WriteUInt32BigEndian(address[(count * 2)..], tail.IPv4);
                count += 2;
                at = text.Length;
                break;
            }
            if (!TryParseGroup(part, out ushort group)) return false;
            BinaryPrimitives.WriteUInt16BigEndian(address[(count++ * 2)..], group);
            at += part.Length;
            if (at == text.Length) break;
            at++;
            // One colon must be followed by a group, a second one stands for the zeros, and only once.
            if (at == text.Length) return false;
            if (text[at] != ':') continue;
            if (gap >= 0) return false;
            gap = count;
            at++;
            // The grammar of RFC 3261 makes three colons before an IPv4 part, and they mean two (RFC 5118 4.10).
            if (at < text.Length && text[at] == ':' && IsIPv4Tail(text[(at + 1)..])) at++;
        }
        return gap < 0 ? count == Groups : TryOpenGap(address, gap, count);
    }

    private static bool IsIPv4Tail(ReadOnlySpan<byte> text) => text.Contains((byte)'.') && !text.Contains((byte)':');

    private static bool TryOpenGap(Span<byte> address, int gap, int count)
    {
        if (count == Groups) return false;
        int tail = (count - gap) * 2;
        address.Slice(gap * 2, tail).CopyTo(address[(16 - tail)..16]);
        address[(gap * 2)..(16 - tail)].Clear();
        return true;
    }

    private static bool TryParseGroup(ReadOnlySpan<byte> text, out ushort group)
    {
        group = 0;
        if (text.Length is 0 or > 4) return false;
        foreach (byte character in text)
        {
            if (!char.IsAsciiHexDigit((char)character)) return false;
            group = (ushort)((group << 4) | ((character & 0xF) + (character >= 'A' ? 9 : 0)));
        }
        return true;
    }

    private static bool TryParseScope(ReadOnlySpan<byte> text, out uint scope)
    {
        scope = 0;
        if (text.Length is 0 or > 10) return false;
        ulong value = 0;
        foreach (byte character in text)
        {
            if (!char.IsAsciiDigit((char)character)) return false;
            value = (value * 10) + character - '0';
        }
        scope = (uint)value;
        return value <= uint.MaxValue;
    }

    /// <summary>The longest run of zero groups, two at least, the first of equals (RFC 5952 4.2); else -1.</summary>
    private static void FindZeros(ReadOnlySpan<ushort> groups, out int start, out int end)
    {
        start = end = -1;
        for (int i = 0; i < Groups; i++)
        {
            int from = i;
            while (i < Groups && groups[i] == 0) i++;
            if (i - from < 2 || i - from <= end - start) continue;
            start = from;
            end = i;
        }
    }

    private static int WriteGroup(ushort group, Span<byte> destination)
    {
        int length = 0;
        for (int shift = 12; shift >= 0; shift -= 4)
        {
            int digit = (group >> shift) & 0xF;
            if (digit == 0 && length == 0 && shift > 0) continue;
            destination[length++] = "0123456789abcdef"u8[digit];
        }
        return length;
    }
}
