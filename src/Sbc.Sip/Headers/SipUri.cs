using System.Buffers;
using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

public enum UriScheme : byte
{
    Other,
    Sip,
    Sips,
    Tel,
}

/// <summary>A URI as SIP uses it (RFC 3261 19.1, RFC 3966): views into the bytes it was parsed from.</summary>
public readonly ref struct SipUri
{
    // What would end a URI wherever one is written, or the line it stands in; other excluded characters are found in
    // the field and pass.
    private static readonly SearchValues<byte> NeverInUri = SearchValues.Create(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"u8 +
        "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f <>\x7f"u8);

    private SipUri(UriScheme scheme, ReadOnlySpan<byte> text)
    {
        Scheme = scheme;
        Text = text;
    }

    public UriScheme Scheme { get; private init; }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>User and password, up to the @; empty without one. The number for tel:.</summary>
    public ReadOnlySpan<byte> UserInfo { get; private init; }

    /// <summary>Host as written, IPv6 in brackets; empty for tel: and unknown schemes.</summary>
    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>0 when absent.</summary>
    public int Port { get; private init; }

    /// <summary>From the first semicolon after the host on, without the headers.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    /// <summary>From the question mark on.</summary>
    public ReadOnlySpan<byte> HeaderPart { get; private init; }

    /// <summary>Where the host begins in <see cref="Text"/>.</summary>
    public int HostStart { get; private init; }

    /// <summary>Bytes of host and port, as written.</summary>
    public int HostPortLength { get; private init; }

    public bool IsSip => Scheme is UriScheme.Sip or UriScheme.Sips;

    public bool HasUser => UserInfo.Length > 0;

    /// <summary>The user part without password.</summary>
    public ReadOnlySpan<byte> User
    {
        get
        {
            int colon = UserInfo.IndexOf((byte)':');
            return colon < 0 ? UserInfo : UserInfo[..colon];
        }
    }

    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) =>
        Headers.Parameters.TryGet(Parameters, name, out value);

    /// <summary>The host as an IP literal, with the port or <paramref name="defaultPort"/>.</summary>
    public bool TryGetAddress(int defaultPort, out TransportAddress address) =>
        TransportAddress.TryParseHost(Host, Port == 0 ? defaultPort : Port, out address);

    /// <summary>
    /// Any scheme parses as long as it is one; sip and sips must have a host. Unknown schemes keep their text only.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out SipUri uri)
    {
        uri = default;
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || !IsScheme(text[..colon]) || text.IndexOfAny(NeverInUri) >= 0) return false;
        ReadOnlySpan<byte> scheme = text[..colon];
        if (Ascii.EqualsIgnoreCase(scheme, "sip"u8)) return TryParseSip(UriScheme.Sip, text, 4, out uri);
        if (Ascii.EqualsIgnoreCase(scheme, "sips"u8)) return TryParseSip(UriScheme.Sips, text, 5, out uri);
        ReadOnlySpan<byte> rest = text[(colon + 1)..];
        if (rest.Length == 0) return false;
        if (Ascii.EqualsIgnoreCase(scheme, "tel"u8))
        {
            int end = rest.IndexOf((byte)';');
            uri = new SipUri(UriScheme.Tel, text)
            {
                UserInfo = end < 0 ? rest : rest[..end],
                Parameters = end < 0 ? default : rest[end..],
            };
            return uri.UserInfo.Length > 0;
        }
        uri = new SipUri(UriScheme.Other, text);
        return true;
    }

    private static bool TryParseSip(UriScheme scheme, ReadOnlySpan<byte> text, int start, out SipUri uri)
    {
        uri = default;
        // The user part may hold semicolons and question marks (RFC 3261 25.1), so the @ is looked for first.
        int at = text[start..].IndexOf((byte)'@');
        int hostStart = at < 0 ? start : start + at + 1;
        if (at == 0) return false;
        ReadOnlySpan<byte> rest = text[hostStart..];
        int hostLength = rest.IndexOfAny((byte)':', (byte)';', (byte)'?');
        if (rest.Length > 0 && rest[0] == '[')
        {
            hostLength = rest.IndexOf((byte)']') + 1;
            if (hostLength == 0) return false;
        }
        else if (hostLength < 0)
        {
            hostLength = rest.Length;
        }
        if (!IsHost(rest[..hostLength])) return false;
        // A quote begins a string for whoever looks for strings first.
        if (at > 0 && text.Slice(start, at).Contains((byte)'"')) return false;
        int end = hostLength, port = 0;
        if (end < rest.Length && rest[end] == ':')
        {
            int portEnd = rest[end..].IndexOfAny((byte)';', (byte)'?');
            portEnd = portEnd < 0 ? rest.Length : end + portEnd;
            if (!Numbers.TryParsePort(rest[(end + 1)..portEnd], out port)) return false;
            end = portEnd;
        }
        int question = rest[end..].IndexOf((byte)'?');
        int parametersEnd = question < 0 ? rest.Length : end + question;
        if (parametersEnd > end && rest[end] != ';') return false;
        uri = new SipUri(scheme, text)
        {
            UserInfo = at < 0 ? default : text.Slice(start, at),
            Host = rest[..hostLength],
            Port = port,
            Parameters = rest[end..parametersEnd],
            HeaderPart = rest[parametersEnd..],
            HostStart = hostStart,
            HostPortLength = end,
        };
        return true;
    }

    private static bool IsScheme(ReadOnlySpan<byte> text)
    {
        if (!char.IsAsciiLetter((char)text[0])) return false;
        foreach (byte value in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)value) && value is not ((byte)'+' or (byte)'-' or (byte)'.')) return false;
        }
        return true;
    }

    /// <summary>A name, an IPv4 address or an IPv6 reference (RFC 3261 25.1 host), without a port.</summary>
    internal static bool IsHost(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0) return false;
        if (text[0] == '[') return text.Contains((byte)':') && TransportAddress.TryParseHost(text, 0, out _);
        foreach (byte value in text)
        {
            // Underscores are no host name characters, and are found in the field.
            if (!char.IsAsciiLetterOrDigit((char)value) && value is not ((byte)'-' or (byte)'.' or (byte)'_')) return false;
        }
        return true;
    }
}
