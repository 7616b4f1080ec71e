using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>A host as RFC 3261 25.1 writes it: a name, an IPv4 address, or an IPv6 address in brackets.</summary>
/// <param name="Text">As it stands in a message; IPv6 in brackets and canonical.</param>
/// <param name="Address">The address (port 0) of a literal; null for a name.</param>
public sealed record SipHost(string Text, TransportAddress? Address)
{
    private const int NameCharactersMax = 253;
    private const int LabelCharactersMax = 63;

    public static SipHost Of(TransportAddress address)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        return new SipHost(Encoding.ASCII.GetString(text[..address.WriteHost(text)]), address.WithPort(0));
    }

    /// <param name="text">IPv6 with or without brackets.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SipHost? host)
    {
        host = null;
        if (TransportAddress.TryParseHost(Encoding.UTF8.GetBytes(text), 0, out TransportAddress address))
            host = Of(address);
        else if (IsName(text))
            host = new SipHost(text, null);
        return host is not null;
    }

    /// <summary>hostname of RFC 3261 25.1: the last label begins with a letter, so that no number is a name.</summary>
    private static bool IsName(string text)
    {
        if (text.Length is 0 or > NameCharactersMax) return false;
        string[] labels = text.TrimEnd('.').Split('.');
        return char.IsAsciiLetter(labels[^1].FirstOrDefault()) && labels.All(IsLabel);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LabelCharactersMax
        && label[0] != '-' && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
