namespace Sbc.Sip.Headers;

/// <summary>Finds separators outside of quoted strings (RFC 3261 25.1: backslash escapes) and angle brackets.</summary>
public static class Quoting
{
    public static int IndexOfOutsideQuotes(ReadOnlySpan<byte> text, byte separator)
    {
        // Most values have no quote at all, and both searches are vectorised.
        int found = text.IndexOf(separator);
        if (found < 0) return -1;
        int quote = text[..found].IndexOf((byte)'"');
        if (quote < 0) return found;
        bool quoted = false;
        for (int i = quote; i < text.Length; i++)
        {
            byte value = text[i];
            if (quoted && value == '\\') i++;
            else if (value == '"') quoted = !quoted;
            else if (!quoted && value == separator) return i;
        }
        return -1;
    }

    /// <summary>The comma that ends the first of several values, outside of quotes and of angle brackets; -1: none.</summary>
    public static int IndexOfValueEnd(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)',') < 0) return -1;
        bool quoted = false, bracketed = false;
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            if (quoted)
            {
                if (value == '\\') i++;
                else if (value == '"') quoted = false;
            }
            // A URI has no quotes (25.1), so that between brackets they are nothing but a byte.
            else if (bracketed) bracketed = value != '>';
            else if (value == '"') quoted = true;
            else if (value == '<') bracketed = true;
            else if (value == ',') return i;
        }
        return -1;
    }

    /// <summary>Whether the text is one quoted string from its first to its last byte.</summary>
    public static bool IsQuotedString(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '"') return false;
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i == text.Length - 1;
        }
        return false;
    }
}
