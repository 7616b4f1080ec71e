namespace Sbc.Engine.Pipeline;

/// <summary>Bytes as letters and digits that every SIP element leaves alone; their case does not matter.</summary>
public static class Base32
{
    private static readonly sbyte[] Digits = BuildDigits();

    private static ReadOnlySpan<byte> Alphabet => "abcdefghijklmnopqrstuvwxyz234567"u8;

    /// <summary>Characters that this many bytes take.</summary>
    public static int LengthOf(int bytes) => ((bytes * 8) + 4) / 5;

    /// <param name="bytes">What is written.</param>
    /// <param name="text">At least <see cref="LengthOf"/>.</param>
    public static void Encode(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        int length = LengthOf(bytes.Length);
        for (int at = 0, from = 0; at < length; at += 8, from += 5)
        {
            ulong bits = 0;
            for (int i = 0; i < 5; i++) bits = (bits << 8) | (from + i < bytes.Length ? bytes[from + i] : 0u);
            int characters = Math.Min(8, length - at);
            for (int i = 0; i < characters; i++) text[at + i] = Alphabet[(int)(bits >> (35 - (5 * i))) & 31];
        }
    }

    /// <summary>False for any other character, and where bits are set that no byte needs: each text is one value.
    /// </summary>
    /// <param name="text">As long as <see cref="LengthOf"/> says.</param>
    /// <param name="bytes">What is read.</param>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if (text.Length != LengthOf(bytes.Length)) return false;
        ulong rest = 0;
        for (int at = 0, to = 0; at < text.Length; at += 8, to += 5)
        {
            ulong bits = 0;
            for (int i = 0; i < 8; i++)
            {
                int digit = at + i < text.Length ? Digits[text[at + i]] : 0;
                if (digit < 0) return false;
                bits = (bits << 5) | (uint)digit;
            }
            for (int i = 0; i < 5; i++)
            {
                byte value = (byte)(bits >> (32 - (8 * i)));
                if (to + i < bytes.Length) bytes[to + i] = value;
                else rest |= value;
            }
        }
        return rest == 0;
    }

    /// <summary>The first byte of an encoded text, without reading the rest; -1 where it is none.</summary>
    public static int FirstByte(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2) return -1;
        int high = Digits[text[0]], low = Digits[text[1]];
        return high < 0 || low < 0 ? -1 : (high << 3) | (low >> 2);
    }

    private static sbyte[] BuildDigits()
    {
        sbyte[] digits = new sbyte[256];
        Array.Fill(digits, (sbyte)-1);
        for (int i = 0; i < 32; i++)
        {
            digits[Alphabet[i]] = (sbyte)i;
            // Tags and branches are case-insensitive tokens (RFC 3261 7.3.1): an intermediary may change their case.
            if (char.IsAsciiLetter((char)Alphabet[i])) digits[Alphabet[i] - 32] = (sbyte)i;
        }
        return digits;
    }
}
