using System.Text;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Sip.Authentication;

/// <summary>
/// One WWW-Authenticate or Proxy-Authenticate field of scheme Digest (RFC 7616 3.3, RFC 8760): views into it.
/// </summary>
public readonly ref struct DigestChallenge
{
    /// <summary>As written between the quotes, and so in the answer.</summary>
    public ReadOnlySpan<byte> Realm { get; private init; }

    public ReadOnlySpan<byte> Nonce { get; private init; }

    public ReadOnlySpan<byte> Opaque { get; private init; }

    public DigestAlgorithm Algorithm { get; private init; }

    /// <summary>What the answer uses of what is offered: auth, and auth-int where there is no other.</summary>
    public DigestQop Qop { get; private init; }

    /// <summary>The credentials were right and their nonce too old.</summary>
    public bool IsStale { get; private init; }

    /// <summary>
    /// The challenge of a 401 or 407 that is to be answered: SHA-256 before MD5, else the topmost (RFC 8760 2.4).
    /// </summary>
    /// <param name="response">With any number of challenges.</param>
    /// <param name="realm">The only one that is answered; empty: any.</param>
    /// <param name="best">Views into the response.</param>
    public static bool TryChoose(SipMessage response, ReadOnlySpan<byte> realm, out DigestChallenge best)
    {
        best = default;
        HeaderName name = response.StatusCode == 407 ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate;
        if (!response.TryFind(name, out int field)) return false;
        bool found = false;
        do
        {
            if (!TryParse(response.Value(field), out DigestChallenge challenge)) continue;
            if (realm.Length > 0 && !challenge.Realm.SequenceEqual(realm)) continue;
            if (found && challenge.Algorithm <= best.Algorithm) continue;
            best = challenge;
            found = true;
        }
        while (response.TryNext(ref field));
        return found;
    }

    /// <summary>False for another scheme, and for an algorithm or quality that is not known.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DigestChallenge challenge)
    {
        challenge = default;
        value = Grammar.Trim(value);
        if (value.Length < 7 || !Ascii.EqualsIgnoreCase(value[..6], "Digest"u8) || !Grammar.IsSpace(value[6]))
            return false;
        ReadOnlySpan<byte> realm = default, nonce = default, opaque = default, algorithm = default, qop = default;
        bool stale = false;
        for (value = value[7..]; value.Length > 0;)
        {
            int end = Quoting.IndexOfOutsideQuotes(value, (byte)',');
            ReadOnlySpan<byte> parameter = Grammar.Trim(end < 0 ? value : value[..end]);
            value = end < 0 ? default : value[(end + 1)..];
            int equals = parameter.IndexOf((byte)'=');
            if (equals <= 0) continue;
            ReadOnlySpan<byte> name = Grammar.Trim(parameter[..equals]);
            ReadOnlySpan<byte> text = Grammar.Trim(parameter[(equals + 1)..]);
            if (text.Length > 0 && text[0] == '"')
            {
                if (!Quoting.IsQuotedString(text)) return false;
                text = text[1..^1];
            }
            if (Ascii.EqualsIgnoreCase(name, "realm"u8)) realm = text;
            else if (Ascii.EqualsIgnoreCase(name, "nonce"u8)) nonce = text;
            else if (Ascii.EqualsIgnoreCase(name, "opaque"u8)) opaque = text;
            else if (Ascii.EqualsIgnoreCase(name, "algorithm"u8)) algorithm = text;
            else if (Ascii.EqualsIgnoreCase(name, "qop"u8)) qop = text;
            else if (Ascii.EqualsIgnoreCase(name, "stale"u8)) stale = Ascii.EqualsIgnoreCase(text, "true"u8);
        }
        if (realm.Length == 0 || nonce.Length == 0 || !DigestAlgorithms.TryParse(algorithm, out DigestAlgorithm known))
            return false;
        if (!TryChooseQop(qop, out DigestQop chosen)) return false;
        challenge = new DigestChallenge
        {
            Realm = realm,
            Nonce = nonce,
            Opaque = opaque,
            Algorithm = known,
            Qop = chosen,
            IsStale = stale,
        };
        return true;
    }

    private static bool TryChooseQop(ReadOnlySpan<byte> offered, out DigestQop qop)
    {
        qop = DigestQop.None;
        bool any = offered.Length > 0;
        while (offered.Length > 0)
        {
            int comma = offered.IndexOf((byte)',');
            ReadOnlySpan<byte> token = Grammar.Trim(comma < 0 ? offered : offered[..comma]);
            offered = comma < 0 ? default : offered[(comma + 1)..];
            if (Ascii.EqualsIgnoreCase(token, "auth"u8)) qop = DigestQop.Auth;
            else if (qop == DigestQop.None && Ascii.EqualsIgnoreCase(token, "auth-int"u8)) qop = DigestQop.AuthInt;
        }
        return !any || qop != DigestQop.None;
    }
}
