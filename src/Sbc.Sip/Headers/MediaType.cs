using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>Content-Type (RFC 3261 20.15, 25.1 media-type): a type, a subtype, parameters.</summary>
public readonly ref struct MediaType
{
    public ReadOnlySpan<byte> Type { get; private init; }

    public ReadOnlySpan<byte> Subtype { get; private init; }

    /// <summary>From the first semicolon on.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    public bool IsMultipart => Ascii.EqualsIgnoreCase(Type, "multipart"u8);

    public bool IsSdp => Is("application"u8, "sdp"u8);

    public bool Is(ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype) =>
        Ascii.EqualsIgnoreCase(Type, type) && Ascii.EqualsIgnoreCase(Subtype, subtype);

    public static bool TryParse(ReadOnlySpan<byte> value, out MediaType type)
    {
        value = Grammar.Trim(value);
        type = default;
        int end = value.IndexOf((byte)';');
        ReadOnlySpan<byte> name = end < 0 ? value : value[..end];
        int slash = name.IndexOf((byte)'/');
        if (slash < 0) return false;
        ReadOnlySpan<byte> main = Grammar.Trim(name[..slash]), sub = Grammar.Trim(name[(slash + 1)..]);
        ReadOnlySpan<byte> parameters = end < 0 ? default : value[end..];
        if (!Grammar.IsToken(main) || !Grammar.IsToken(sub)) return false;
        if (!Headers.Parameters.AreQuotedWell(parameters)) return false;
        type = new MediaType { Type = main, Subtype = sub, Parameters = parameters };
        return true;
    }
}
