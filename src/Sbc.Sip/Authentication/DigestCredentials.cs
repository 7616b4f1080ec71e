using System.Text;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Sip.Authentication;

/// <summary>
/// One Authorization or Proxy-Authorization field of scheme Digest (RFC 7616 3.4, RFC 3261 25.1): views into it.
/// </summary>
public readonly ref struct DigestCredentials
{
    /// <summary>Bytes of what a client chooses and the hash has to cover: more than any client writes.</summary>
    private const int TextBytesMax = 512;

    private const int NonceCountDigits = 8;

    public ReadOnlySpan<byte> UserName { get; private init; }

    public ReadOnlySpan<byte> Realm { get; private init; }

    public ReadOnlySpan<byte> Nonce { get; private init; }

    public ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>In hexadecimal, as long as its algorithm makes it.</summary>
    public ReadOnlySpan<byte> Response { get; private init; }

    public ReadOnlySpan<byte> ClientNonce { get; private init; }

    /// <summary>The eight digits as written, which the hash covers; empty without qop.</summary>
    public ReadOnlySpan<byte> NonceCountText { get; private init; }

    public uint NonceCount { get; private init; }

    public DigestAlgorithm Algorithm { get; private init; }

    public DigestQop Qop { get; private init; }

    /// <summary>The qop as written, which the hash covers.</summary>
    public ReadOnlySpan<byte> QopText { get; private init; }

    /// <summary>
    /// False for another scheme, an algorithm that is not known, and whatever is broken or there twice.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DigestCredentials credentials)
    {
        credentials = default;
        value = Grammar.Trim(value);
        if (value.Length < 7 || !Ascii.EqualsIgnoreCase(value[..6], "Digest"u8) || !Grammar.IsSpace(value[6]))
            return false;
        var fields = default(Fields);
        for (value = value[7..]; value.Length > 0;)
        {
            int end = Quoting.IndexOfOutsideQuotes(value, (byte)',');
            if (!fields.TryAdd(Grammar.Trim(end < 0 ? value : value[..end]))) return false;
            value = end < 0 ? default : value[(end + 1)..];
        }
        return TryMake(fields, out credentials);
    }

    private static bool TryMake(scoped in Fields fields, out DigestCredentials credentials)
    {
        credentials = default;
        if (fields.UserName.Length is 0 or > TextBytesMax || fields.Realm.Length is 0 or > TextBytesMax) return false;
        if (fields.Nonce.Length is 0 or > TextBytesMax || fields.Uri.Length is 0 or > TextBytesMax) return false;
        if (fields.ClientNonce.Length > TextBytesMax) return false;
        if (!DigestAlgorithms.TryParse(fields.Algorithm, out DigestAlgorithm algorithm)) return false;
        if (fields.Response.Length != algorithm.Bytes() * 2) return false;
        DigestQop qop = DigestQop.None;
        uint count = 0;
        if (fields.Qop.Length > 0)
        {
            if (Ascii.EqualsIgnoreCase(fields.Qop, "auth"u8)) qop = DigestQop.Auth;
            else if (Ascii.EqualsIgnoreCase(fields.Qop, "auth-int"u8)) qop = DigestQop.AuthInt;
            else return false;
            if (fields.ClientNonce.Length == 0 || !TryParseCount(fields.NonceCount, out count)) return false;
        }
        credentials = new DigestCredentials
        {
            UserName = fields.UserName,
            Realm = fields.Realm,
            Nonce = fields.Nonce,
            Uri = fields.Uri,
            Response = fields.Response,
            ClientNonce = fields.ClientNonce,
            NonceCountText = qop == DigestQop.None ? default : fields.NonceCount,
            NonceCount = count,
            Algorithm = algorithm,
            Qop = qop,
            QopText = fields.Qop,
        };
        return true;
    }

    private static bool TryParseCount(ReadOnlySpan<byte> text, out uint count)
    {
        count = 0;
        if (text.Length != NonceCountDigits) return false;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            count = (count << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return count > 0;
    }

    /// <summary>The parameters as they come; each may stand once.</summary>
    private ref struct Fields
    {
        public ReadOnlySpan<byte> UserName, Realm, Nonce, Uri, Response, ClientNonce, NonceCount, Algorithm, Qop;

        public bool TryAdd(ReadOnlySpan<byte> parameter)
        {
            if (parameter.Length == 0) return true;
            int equals = parameter.IndexOf((byte)'=');
            if (equals <= 0) return false;
            ReadOnlySpan<byte> name = Grammar.Trim(parameter[..equals]);
            ReadOnlySpan<byte> value = Grammar.Trim(parameter[(equals + 1)..]);
            if (value.Length > 0 && value[0] == '"')
            {
                if (!Quoting.IsQuotedString(value)) return false;
                value = value[1..^1];
            }
            if (Ascii.EqualsIgnoreCase(name, "username"u8)) return TrySet(ref UserName, value);
            if (Ascii.EqualsIgnoreCase(name, "realm"u8)) return TrySet(ref Realm, value);
            if (Ascii.EqualsIgnoreCase(name, "nonce"u8)) return TrySet(ref Nonce, value);
            if (Ascii.EqualsIgnoreCase(name, "uri"u8)) return TrySet(ref Uri, value);
            if (Ascii.EqualsIgnoreCase(name, "response"u8)) return TrySet(ref Response, value);
            if (Ascii.EqualsIgnoreCase(name, "cnonce"u8)) return TrySet(ref ClientNonce, value);
            if (Ascii.EqualsIgnoreCase(name, "nc"u8)) return TrySet(ref NonceCount, value);
            if (Ascii.EqualsIgnoreCase(name, "algorithm"u8)) return TrySet(ref Algorithm, value);
            return !Ascii.EqualsIgnoreCase(name, "qop"u8) || TrySet(ref Qop, value);
        }

        private static bool TrySet(ref ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
        {
            if (field.Length > 0) return false;
            field = value;
            return true;
        }
    }
}
