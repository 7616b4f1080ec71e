using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Sip;
using Sbc.Sip.Authentication;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Trunks;

/// <summary>
/// What peers have challenged this worker with, and its requests with the answer to that: the last nonce of a peer
/// serves all that follow, with a count (RFC 7616 3.4, RFC 3261 22.3).
/// </summary>
public sealed class Credentials(Workspace work)
{
    /// <summary>401 and 407 are answered apart: a proxy of the peer and who is behind it.</summary>
    private readonly Known?[] _known = new Known?[Limits.PeersMax * 2];

    private readonly byte[] _copy = new byte[SipLimits.MessageBytesMax];
    private readonly SipMessage _request = new();

    /// <summary>How the box proves itself there; null: it does not.</summary>
    public PeerAuth? AuthOf(int peer) => peer < 0 ? null : work.Snapshot.PeerById(peer)?.Auth;

    /// <summary>Remembers the challenge that is to be answered.</summary>
    /// <returns>False where there is none: another scheme, another realm, nobody who asks.</returns>
    public bool TryLearn(int peer, SipMessage response, out bool isStale)
    {
        isStale = false;
        if (response.StatusCode is not (401 or 407) || AuthOf(peer) is not { } auth) return false;
        ref Known? known = ref _known[(peer * 2) + (response.StatusCode == 407 ? 1 : 0)];
        // Who is behind the peer could have its password tried on a nonce of his own: one realm only.
        ReadOnlySpan<byte> realm = auth.Realm.Length > 0 ? auth.Realm : RealmOf(peer);
        if (!DigestChallenge.TryChoose(response, realm, out DigestChallenge challenge)) return false;
        if (challenge.Realm.Length > Known.TextMax || challenge.Nonce.Length > Known.TextMax ||
            challenge.Opaque.Length > Known.TextMax) return false;
        isStale = challenge.IsStale;
        known ??= new Known();
        known.Set(challenge);
        return true;
    }

    private ReadOnlySpan<byte> RealmOf(int peer) =>
        _known[peer * 2] is { } one ? one.Realm : _known[(peer * 2) + 1] is { } other ? other.Realm : default;

    /// <summary>Adds what the peer asked for before to a request that was just written.</summary>
    /// <param name="peer">Row of whom it goes to; -1: no peer.</param>
    /// <param name="slot">The request, with room behind it.</param>
    /// <returns>Its length; unchanged where nothing is known or nothing fits.</returns>
    public int Add(int peer, Span<byte> slot, int length)
    {
        if (AuthOf(peer) is null || RealmOf(peer).Length == 0) return length;
        slot[..length].CopyTo(_copy);
        int written = Rewrite(peer, length, default, 0, slot);
        if (written > 0) return written;
        _copy.AsSpan(0, length).CopyTo(slot);
        return length;
    }

    /// <summary>Keeps a request, whose transaction forgets it with its response.</summary>
    /// <returns>Its CSeq number.</returns>
    public uint Keep(ReadOnlySpan<byte> request)
    {
        request.CopyTo(_copy);
        _request.Parse(_copy, 0, request.Length);
        CSeqValue.TryParse(_request.Value(HeaderName.CSeq), out CSeqValue cseq);
        return cseq.Number;
    }

    /// <summary>Writes the request that was kept anew: another branch, another number, credentials.</summary>
    /// <returns>Its length; 0: it does not fit.</returns>
    public int Repeat(int peer, ReadOnlySpan<byte> branch, uint cseq, Span<byte> slot) =>
        Rewrite(peer, _request.Bytes.Length, branch, cseq, slot);

    /// <summary>Our credentials in a request, as lines for its ACK (RFC 3261 13.2.2.4).</summary>
    public int CopyLines(int peer, SipMessage request, Span<byte> lines)
    {
        if (AuthOf(peer) is not { } auth) return 0;
        var writer = new SipWriter(lines);
        for (int i = 0; i < request.HeaderCount; i++)
        {
            if (IsOurs(request, i, auth)) writer.Copy(request, i);
        }
        return writer.Overflowed ? 0 : writer.Length;
    }

    private int Rewrite(int peer, int length, ReadOnlySpan<byte> branch, uint cseq, Span<byte> slot)
    {
        PeerAuth auth = AuthOf(peer)!;
        if (_request.Parse(_copy, 0, length) != ParseError.None) return 0;
        var writer = new SipWriter(slot);
        writer.RequestLine(_request.MethodToken, _request.RequestUri);
        bool isTop = true;
        for (int i = 0; i < _request.HeaderCount; i++)
        {
            HeaderName name = _request.NameAt(i);
            if (name == HeaderName.ContentLength || IsOurs(_request, i, auth)) continue;
            if (name == HeaderName.Via && isTop)
            {
                isTop = false;
                if (branch.Length > 0)
                {
                    WriteVia(ref writer, _request.Value(i), branch);
                    continue;
                }
            }
            if (name == HeaderName.CSeq && cseq > 0)
            {
                writer.Raw("CSeq: "u8);
                writer.Number(cseq);
                writer.Byte((byte)' ');
                writer.Header(_request.MethodToken, default(ReadOnlySpan<byte>));
                continue;
            }
            writer.Copy(_request, i);
        }
        if (!TryWriteLines(ref writer, peer, auth)) return 0;
        writer.Header("Content-Length: "u8, _request.BodyLength);
        writer.EndLine();
        writer.Raw(_request.Body);
        return writer.Overflowed ? 0 : writer.Length;
    }

    private bool TryWriteLines(ref SipWriter writer, int peer, PeerAuth auth)
    {
        Span<byte> clientNonce = stackalloc byte[16];
        for (int kind = 0; kind < 2; kind++)
        {
            if (_known[(peer * 2) + kind] is not { } known) continue;
            work.NextRandom().TryFormat(clientNonce, out int digits, "x16");
            var answer = new DigestAnswer
            {
                IsProxy = kind == 1,
                User = auth.User,
                Password = auth.Password,
                Realm = known.Realm,
                Nonce = known.Nonce,
                Opaque = known.Opaque,
                Algorithm = known.Algorithm,
                Qop = known.Qop,
                NonceCount = ++known.Count,
                ClientNonce = clientNonce[..digits],
            };
            if (!DigestAnswer.TryWrite(
                ref writer, answer, _request.MethodToken, _request.RequestUri, _request.Body)) return false;
        }
        return true;
    }

    private static void WriteVia(ref SipWriter writer, ReadOnlySpan<byte> value, ReadOnlySpan<byte> branch)
    {
        writer.Raw("Via: "u8);
        if (!ViaValue.TryParse(value, out ViaValue via) || !value.Overlaps(via.Branch, out int at)) return;
        writer.Raw(value[..at]);
        writer.Raw("z9hG4bK"u8);
        writer.Raw(branch);
        writer.Raw(value[(at + via.Branch.Length)..]);
        writer.EndLine();
    }

    /// <summary>Not those that the caller's phone has given for somebody else.</summary>
    private static bool IsOurs(SipMessage request, int field, PeerAuth auth) =>
        request.NameAt(field) is HeaderName.Authorization or HeaderName.ProxyAuthorization &&
        DigestCredentials.TryParse(request.Value(field), out DigestCredentials credentials) &&
        credentials.UserName.SequenceEqual(auth.User);

    /// <summary>The last challenge of one kind; made once for a peer that challenges.</summary>
    private sealed class Known
    {
        /// <summary>Longer than any that was seen; a longer one is not answered.</summary>
        public const int TextMax = 512;

        private readonly byte[] _text = new byte[3 * TextMax];
        private int _realm;
        private int _nonce;
        private int _opaque;

        public ReadOnlySpan<byte> Realm => _text.AsSpan(0, _realm);

        public ReadOnlySpan<byte> Nonce => _text.AsSpan(TextMax, _nonce);

        public ReadOnlySpan<byte> Opaque => _text.AsSpan(2 * TextMax, _opaque);

        public DigestAlgorithm Algorithm { get; private set; }

        public DigestQop Qop { get; private set; }

        public uint Count { get; set; }

        public void Set(in DigestChallenge challenge)
        {
            bool isSame = challenge.Nonce.SequenceEqual(Nonce);
            (_realm, _nonce, _opaque) = (challenge.Realm.Length, challenge.Nonce.Length, challenge.Opaque.Length);
            challenge.Realm.CopyTo(_text);
            challenge.Nonce.CopyTo(_text.AsSpan(TextMax));
            challenge.Opaque.CopyTo(_text.AsSpan(2 * TextMax));
            Algorithm = challenge.Algorithm;
            Qop = challenge.Qop;
            if (!isSame) Count = 0;
        }
    }
}
