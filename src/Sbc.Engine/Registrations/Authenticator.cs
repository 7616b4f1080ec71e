using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Authentication;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>What the credentials of a request are worth.</summary>
public enum Authentication : byte
{
    /// <summary>None for this realm.</summary>
    Missing,

    /// <summary>Made with a nonce that is too old, of another process, or used up: the same user may try again.
    /// </summary>
    Stale,

    /// <summary>Wrong password or unknown user, which nobody can tell apart.</summary>
    Wrong,

    /// <summary>From a source that only fails: not looked at.</summary>
    Unheard,

    Valid,
}

/// <summary>
/// Digest authentication of users (RFC 3261 22, RFC 7616, RFC 8760). Nonces need no memory: they are tokens of ours
/// with their time in them.
/// </summary>
/// <remarks>
/// SHA-256 is asked for first, then MD5. Without qop (RFC 2069) credentials pass for MD5 only, and a nonce then once.
/// The digest's URI is not compared with the Request-URI: user agents and proxies write many things there, and the
/// count makes each response good for one request.
/// </remarks>
public sealed class Authenticator(Workspace work, NonceCounts counts, FailedLogins failures)
{
    /// <summary>Bytes of the lines of a challenge.</summary>
    public const int ChallengeBytesMax = 1024;

    private uint _made;

    /// <summary>Responses that were computed: as many for a user that there is as for one that there is not.</summary>
    public long Computed { get; private set; }

    /// <summary>Looks at the credentials for a domain, and remembers whose are wrong.</summary>
    /// <param name="request">Any request.</param>
    /// <param name="field">Authorization or Proxy-Authorization.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="registrar">Whose users they may be.</param>
    /// <param name="domain">The realm of the challenge.</param>
    /// <param name="user">On Valid: the user, a part of the request.</param>
    public Authentication Check(
        SipMessage request, HeaderName field, in Origin origin, Registrar registrar, ReadOnlySpan<byte> domain,
        out ReadOnlySpan<byte> user)
    {
        Authentication answer = Check(request, field, registrar, domain, origin, out user);
        if (answer == Authentication.Valid)
        {
            failures.TakeBack(origin.Source);
        }
        else if (answer is Authentication.Wrong or Authentication.Unheard)
        {
            work.Counters.CountAuthFailure(origin.Realm.Id);
            if (answer == Authentication.Wrong) failures.Add(origin.Source, work.Now);
            else work.Counters.CountAuthUnheard(origin.Realm.Id);
        }
        return answer;
    }

    private Authentication Check(
        SipMessage request, HeaderName field, Registrar registrar, ReadOnlySpan<byte> domain, in Origin origin,
        out ReadOnlySpan<byte> user)
    {
        user = default;
        if (!TryFind(request, field, registrar, domain, out DigestCredentials credentials))
            return Authentication.Missing;
        bool isKnown = origin.Realm.Trusted || origin.Peer is not null;
        if (!IsFresh(credentials.Nonce, origin.Source, isKnown)) return Authentication.Stale;
        if (!isKnown && !failures.Admits(origin.Source, work.Now)) return Authentication.Unheard;
        int row = registrar.Users.Find(credentials.UserName, domain);
        ReadOnlySpan<byte> secret = registrar.Users.SecretOf(row, credentials.Algorithm);
        Computed++;
        // An unknown user's response is tried too, and is as wrong even where it fits the hash of nobody.
        bool matches = Digest.Matches(credentials, secret, request.MethodToken, request.Body) & row >= 0;
        if (!matches) return Authentication.Wrong;
        uint count = credentials.Qop == DigestQop.None ? 1 : credentials.NonceCount;
        if (!counts.TryUse(credentials.Nonce, count, work.Now)) return Authentication.Stale;
        user = credentials.UserName;
        return Authentication.Valid;
    }

    /// <summary>The challenges (RFC 8760 2.3), strongest first.</summary>
    /// <param name="writer">Of the response.</param>
    /// <param name="name">WWW-Authenticate or Proxy-Authenticate, with colon and space.</param>
    /// <param name="source">Who is challenged.</param>
    /// <param name="registrar">Whose user he shall be.</param>
    /// <param name="domain">The realm.</param>
    /// <param name="isStale">His nonce was too old.</param>
    public void WriteChallenge(
        ref SipWriter writer, scoped ReadOnlySpan<byte> name, in TransportAddress source, Registrar registrar,
        scoped ReadOnlySpan<byte> domain, bool isStale)
    {
        Span<byte> nonce = stackalloc byte[Tokens.Length];
        // Of one second each is another one: whoever got the same would find its count used. Nobody can make one.
        uint mark = (_made++ << 16) | MarkOf(source);
        var made = new Handle((int)(work.Now.Microseconds / 1_000_000), mark);
        work.Tokens.Write(TokenKind.Nonce, work.Index, made, nonce);
        if (registrar.AsksSha256) WriteChallenge(ref writer, name, DigestAlgorithm.Sha256, domain, nonce, isStale);
        if (registrar.AsksMd5) WriteChallenge(ref writer, name, DigestAlgorithm.Md5, domain, nonce, isStale);
    }

    private static void WriteChallenge(
        ref SipWriter writer, scoped ReadOnlySpan<byte> name, DigestAlgorithm algorithm,
        scoped ReadOnlySpan<byte> domain, scoped ReadOnlySpan<byte> nonce, bool isStale)
    {
        writer.Raw(name);
        writer.Raw("Digest realm=\""u8);
        writer.Raw(domain);
        writer.Raw("\", nonce=\""u8);
        writer.Raw(nonce);
        writer.Raw("\", algorithm="u8);
        writer.Raw(algorithm.Name());
        // Old phones take a list for one unknown word.
        writer.Raw(algorithm == DigestAlgorithm.Md5 ? ", qop=\"auth\""u8 : ", qop=\"auth,auth-int\""u8);
        if (isStale) writer.Raw(", stale=true"u8);
        writer.EndLine();
    }

    private static bool TryFind(
        SipMessage request, HeaderName field, Registrar registrar, ReadOnlySpan<byte> domain,
        out DigestCredentials credentials)
    {
        credentials = default;
        if (!request.TryFind(field, out int index)) return false;
        do
        {
            if (!DigestCredentials.TryParse(request.Value(index), out credentials)) continue;
            if (!credentials.Realm.SequenceEqual(domain)) continue;
            bool isAsked = credentials.Algorithm == DigestAlgorithm.Sha256 ? registrar.AsksSha256 : registrar.AsksMd5;
            bool isCounted = credentials.Qop != DigestQop.None || credentials.Algorithm == DigestAlgorithm.Md5;
            if (isAsked && isCounted) return true;
        }
        while (request.TryNext(ref index));
        return false;
    }

    /// <param name="nonce">Of the credentials.</param>
    /// <param name="source">Who shows them.</param>
    /// <param name="isKnown">A neighbour, which may have several addresses.</param>
    private bool IsFresh(ReadOnlySpan<byte> nonce, in TransportAddress source, bool isKnown)
    {
        if (!work.Tokens.TryRead(nonce, out TokenKind kind, out _, out Handle made) || kind != TokenKind.Nonce)
            return false;
        if (!isKnown && (ushort)made.Generation != MarkOf(source)) return false;
        // A nonce of another worker is younger than this turn where the turn lost its processor for long.
        return (work.Now.Microseconds / 1_000_000) - made.Index <= Limits.NonceSeconds;
    }

    /// <summary>
    /// Stands for a source (an IPv4 address, an IPv6 /64) in a nonce: credentials come from where the challenge went
    /// (RFC 7616 5.4). With a forged address nobody registers there, and nobody's guesses are another one's.
    /// </summary>
    private ushort MarkOf(in TransportAddress source) => (ushort)SourceNetworks.KeyOf(source, work.Hash);
}
