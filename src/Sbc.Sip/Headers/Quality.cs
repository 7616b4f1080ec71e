namespace Sbc.Sip.Headers;

/// <summary>qvalue (RFC 3261 25.1): 0 to 1 with three decimals at most.</summary>
public static class Quality
{
    public const int Highest = 1000;

    /// <returns>Thousandths, 0 to 1000; what is no qvalue counts as the lowest.</returns>
    public static int Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[0] is not ((byte)'0' or (byte)'1')) return 0;
        int value = (text[0] - '0') * Highest;
        if (text.Length == 1) return value;
        if (text[1] != '.' || text.Length > 5) return 0;
        for (int i = 2, unit = 100; i < text.Length; i++, unit /= 10)
        {
            if (!char.IsAsciiDigit((char)text[i])) return 0;
            value += (text[i] - '0') * unit;
        }
        return Math.Min(value, Highest);
    }
}
