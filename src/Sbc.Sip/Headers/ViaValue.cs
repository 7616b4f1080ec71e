using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>One Via value (RFC 3261 20.42, 18.2.1; rport: RFC 3581).</summary>
public readonly ref struct ViaValue
{
    private static ReadOnlySpan<byte> MagicCookie => "z9hG4bK"u8;

    /// <summary>The value as written, without the comma after it.</summary>
    public ReadOnlySpan<byte> Text { get; private init; }

    public ReadOnlySpan<byte> Transport { get; private init; }

    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>0 when absent.</summary>
    public int Port { get; private init; }

    /// <summary>From the first semicolon on.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    public ReadOnlySpan<byte> Branch { get; private init; }

    public bool HasRport { get; private init; }

    /// <summary>Whether the branch starts with the magic cookie, so that it identifies the transaction alone.</summary>
    public bool IsRfc3261 => Branch.Length > MagicCookie.Length && Ascii.EqualsIgnoreCase(Branch[..7], MagicCookie);

    /// <summary>Parses the first of the values in <paramref name="field"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out ViaValue via)
    {
        via = default;
        int comma = Quoting.IndexOfValueEnd(field);
        ReadOnlySpan<byte> text = Grammar.Trim(comma < 0 ? field : field[..comma]);
        ReadOnlySpan<byte> rest = text;
        if (!TryTakeToken(ref rest, "SIP"u8) || !TryTakeSlash(ref rest)) return false;
        // Any version: a request of another one is answered 505, by way of this header (RFC 4475 3.1.2.16).
        int end = TokenEnd(rest);
        if (!Grammar.IsToken(rest[..end])) return false;
        rest = rest[end..];
        if (!TryTakeSlash(ref rest)) return false;
        end = TokenEnd(rest);
        ReadOnlySpan<byte> transport = rest[..end];
        if (!Grammar.IsToken(transport) || end == rest.Length || !Grammar.IsSpace(rest[end])) return false;
        rest = Grammar.TrimStart(rest[end..]);
        int semicolon = rest.IndexOf((byte)';');
        ReadOnlySpan<byte> sentBy = Grammar.Trim(semicolon < 0 ? rest : rest[..semicolon]);
        ReadOnlySpan<byte> parameters = semicolon < 0 ? default : rest[semicolon..];
        if (!TryParseSentBy(sentBy, out ReadOnlySpan<byte> host, out int port)) return false;
        if (!Headers.Parameters.AreQuotedWell(parameters)) return false;
        ReadOnlySpan<byte> branch = default;
        bool hasRport = false, hasBranch = false;
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (walk.Name.Length == 6 && Ascii.EqualsIgnoreCase(walk.Name, "branch"u8))
            {
                // Of two, one reader takes the first and another the last: transactions of one would be the other's.
                if (hasBranch) return false;
                hasBranch = true;
                branch = walk.Value;
            }
            else if (walk.Name.Length == 5 && Ascii.EqualsIgnoreCase(walk.Name, "rport"u8)) hasRport = true;
        }
        via = new ViaValue
        {
            Text = text,
            Transport = transport,
            Host = host,
            Port = port,
            Parameters = parameters,
            Branch = branch,
            HasRport = hasRport,
        };
        return true;
    }

    private static bool TryParseSentBy(ReadOnlySpan<byte> sentBy, out ReadOnlySpan<byte> host, out int port)
    {
        port = 0;
        int hostEnd = sentBy.Length > 0 && sentBy[0] == '[' ? sentBy.IndexOf((byte)']') + 1 : sentBy.IndexOf((byte)':');
        if (hostEnd < 0) hostEnd = sentBy.Length;
        host = Grammar.Trim(sentBy[..hostEnd]);
        ReadOnlySpan<byte> rest = Grammar.TrimStart(sentBy[hostEnd..]);
        if (!SipUri.IsHost(host)) return false;
        return rest.Length == 0 || (rest[0] == ':' && Numbers.TryParsePort(Grammar.Trim(rest[1..]), out port));
    }

    private static int TokenEnd(ReadOnlySpan<byte> text)
    {
        int end = 0;
        while (end < text.Length && !Grammar.IsSpace(text[end]) && text[end] != '/') end++;
        return end;
    }

    private static bool TryTakeToken(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> token)
    {
        if (rest.Length < token.Length || !Ascii.EqualsIgnoreCase(rest[..token.Length], token)) return false;
        rest = rest[token.Length..];
        return true;
    }

    private static bool TryTakeSlash(ref ReadOnlySpan<byte> rest)
    {
        rest = Grammar.TrimStart(rest);
        if (rest.Length == 0 || rest[0] != '/') return false;
        rest = Grammar.TrimStart(rest[1..]);
        return true;
    }
}
