namespace Sbc.Sip.Message;

/// <summary>Decimal numbers of headers: digits only, no sign, within 32 bits.</summary>
public static class Numbers
{
    public static bool TryParse(ReadOnlySpan<byte> text, out uint value)
    {
        value = 0;
        if (text.Length is 0) return false;
        ulong sum = 0;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            sum = (sum * 10) + (uint)(digit - '0');
            if (sum > uint.MaxValue) return false;
        }
        value = (uint)sum;
        return true;
    }

    public static bool TryParsePort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        if (!TryParse(text, out uint value) || value is 0 or > 65_535) return false;
        port = (int)value;
        return true;
    }
}
