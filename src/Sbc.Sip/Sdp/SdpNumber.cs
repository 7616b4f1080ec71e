namespace Sbc.Sip.Sdp;

/// <summary>Digits and nothing else: no sign, no blank, as the grammar of ports and payload types has it.</summary>
internal static class SdpNumber
{
    public static bool TryParse(ReadOnlySpan<byte> text, int max, out int number)
    {
        number = 0;
        if (text.Length is 0 or > 9) return false;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = (number * 10) + digit - '0';
        }
        return number <= max;
    }

    /// <summary>port["/" count] of an m-line.</summary>
    public static bool TryPorts(ReadOnlySpan<byte> text, out ushort port, out int count)
    {
        count = 1;
        port = 0;
        int slash = text.IndexOf((byte)'/');
        if (slash >= 0 && !TryParse(text[(slash + 1)..], 65_535, out count)) return false;
        if (!TryParse(slash < 0 ? text : text[..slash], 65_535, out int number)) return false;
        port = (ushort)number;
        return true;
    }
}
