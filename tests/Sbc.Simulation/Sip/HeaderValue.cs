namespace Sbc.Simulation;

/// <summary>The few questions that are asked of a header field's value.</summary>
public static class HeaderValue
{
    // Names that nearly every message has are not allocated again.
    private static readonly string[] Known =
    [
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Length", "Content-Type",
        "Record-Route", "Route", "Allow", "Supported", "User-Agent", "Server", "Require", "RSeq", "RAck", "Event",
        "Subscription-State", "Expires", "Session-Expires", CallNumber.Header, Callee.ScriptHeader,
    ];

    /// <summary>RFC 3261 7.3.3: the long form of a compact name; other names as they are.</summary>
    public static string LongName(ReadOnlySpan<char> name)
    {
        if (name.Length == 1)
        {
            return char.ToLowerInvariant(name[0]) switch
            {
                'v' => "Via", 'f' => "From", 't' => "To", 'i' => "Call-ID", 'm' => "Contact", 'c' => "Content-Type",
                'l' => "Content-Length", 'k' => "Supported", 's' => "Subject", 'e' => "Content-Encoding",
                'o' => "Event", 'x' => "Session-Expires", 'u' => "Allow-Events", 'r' => "Refer-To",
                'b' => "Referred-By",
                _ => name.ToString(),
            };
        }
        foreach (string known in Known)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase)) return known;
        }
        return name.ToString();
    }

    /// <summary>A parameter of the field, not of a URI within angle brackets; "" where it has no value.</summary>
    public static string? Parameter(string value, string name)
    {
        // A parameter may have brackets of its own, as +sip.instance.
        int at = value.IndexOf('<');
        at = at < 0 ? 0 : Math.Max(0, value.IndexOf('>', at));
        while ((at = value.IndexOf(';', at)) >= 0)
        {
            at++;
            int end = value.IndexOf(';', at);
            if (end < 0) end = value.Length;
            ReadOnlySpan<char> parameter = value.AsSpan(at, end - at).Trim();
            int equals = parameter.IndexOf('=');
            ReadOnlySpan<char> key = equals < 0 ? parameter : parameter[..equals].TrimEnd();
            if (!key.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            return equals < 0 ? "" : parameter[(equals + 1)..].Trim().ToString();
        }
        return null;
    }

    /// <summary>The URI of a name-addr or addr-spec (RFC 3261 20.10).</summary>
    public static string Uri(string value)
    {
        int open = value.IndexOf('<');
        if (open >= 0)
        {
            int close = value.IndexOf('>', open);
            return close < 0 ? "" : value[(open + 1)..close];
        }
        int semicolon = value.IndexOf(';');
        return (semicolon < 0 ? value : value[..semicolon]).Trim();
    }

    /// <summary>Splits at commas outside quotes and angle brackets.</summary>
    public static void SplitList(string value, List<string> into)
    {
        int start = 0;
        bool quoted = false, bracketed = false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (quoted && c == '\\') i++;
            else if (c == '"') quoted = !quoted;
            else if (!quoted && c == '<') bracketed = true;
            else if (!quoted && c == '>') bracketed = false;
            else if (c == ',' && !quoted && !bracketed)
            {
                into.Add(value[start..i].Trim());
                start = i + 1;
            }
        }
        into.Add(value[start..].Trim());
    }

    /// <summary>sent-by of a Via value: host, or host:port.</summary>
    public static string SentBy(string via)
    {
        int space = via.IndexOf(' ');
        if (space < 0) return "";
        int end = via.IndexOf(';', space);
        return (end < 0 ? via[(space + 1)..] : via[(space + 1)..end]).Trim();
    }

    /// <summary>A Via value without what a server adds to it (RFC 3261 18.2.1, RFC 3581 4).</summary>
    public static string WithoutReceived(string via)
    {
        if (!via.Contains("received", StringComparison.OrdinalIgnoreCase)
            && !via.Contains("rport", StringComparison.OrdinalIgnoreCase))
        {
            return via;
        }
        IEnumerable<string> kept = via.Split(';').Where(part =>
        {
            string name = part.Split('=')[0].Trim();
            return !name.Equals("received", StringComparison.OrdinalIgnoreCase)
                && !name.Equals("rport", StringComparison.OrdinalIgnoreCase);
        });
        return string.Join(';', kept);
    }
}
