using System.Buffers;
using Sbc.Sip.Writing;

namespace Sbc.Sip.Headers;

/// <summary>Percent escapes in the header part of a URI (RFC 3261 19.1.1, 25.1 hvalue).</summary>
public static class Escaping
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()[]/?:+$"u8);

    /// <summary>False where an escape is broken or the text does not fit.</summary>
    public static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> destination, out int length)
    {
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (length == destination.Length) return false;
            byte value = text[i];
            if (value == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[i + 1]) ||
                    !char.IsAsciiHexDigit((char)text[i + 2])) return false;
                value = (byte)((Digit(text[i + 1]) << 4) | Digit(text[i + 2]));
                i += 2;
            }
            destination[length++] = value;
        }
        return true;
    }

    public static void Write(ref SipWriter writer, scoped ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            if (Plain.Contains(value))
            {
                writer.Byte(value);
                continue;
            }
            writer.Byte((byte)'%');
            writer.Byte("0123456789ABCDEF"u8[value >> 4]);
            writer.Byte("0123456789ABCDEF"u8[value & 15]);
        }
    }

    private static int Digit(byte value) => value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10;
}
