using Sbc.Sip.Writing;

namespace Sbc.Sip.Headers;

/// <summary>qvalue (RFC 3261 25.1): 0 to 1 with three decimals at most.</summary>
public static class Quality
{
    public const int Highest = 1000;

    /// <returns>Thousandths, 0 to 1000; what is no qvalue counts as the lowest.</returns>
    public static int Parse(ReadOnlySpan<byte> text)
    {
        TryParse(text, out int value);
        return Math.Min(value, Highest);
    }

    /// <summary>The shortest text of one that is not the highest: 0.5.</summary>
    public static void Write(ref SipWriter writer, int thousandths)
    {
        writer.Raw("0."u8);
        for (int unit = 100; unit > 0; unit /= 10)
        {
            writer.Byte((byte)('0' + (thousandths / unit % 10)));
            if (thousandths % unit == 0) break;
        }
    }

    /// <summary>False for what is no qvalue, or more than 1.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        if (text.Length == 0 || text[0] is not ((byte)'0' or (byte)'1')) return false;
        int sum = (text[0] - '0') * Highest;
        if (text.Length > 1 && (text[1] != '.' || text.Length > 5)) return false;
        for (int i = 2, unit = 100; i < text.Length; i++, unit /= 10)
        {
            if (!char.IsAsciiDigit((char)text[i])) return false;
            sum += (text[i] - '0') * unit;
        }
        value = sum;
        return sum <= Highest;
    }
}
