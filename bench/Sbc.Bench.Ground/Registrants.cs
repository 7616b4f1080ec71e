using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Authentication;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Bench.Ground;

/// <summary>Phones that register at a box, one after the other, and look at the answer.</summary>
public sealed class Registrants
{
    public const string Domain = "example.net";
    public const string Password = "bench";

    private const int HashBytes = 16;

    private readonly Box _box;
    private readonly TransportAddress _address;
    private readonly int _microsecondsBetween;
    private readonly byte[] _user = Encoding.ASCII.GetBytes(UserOf(0));
    private readonly byte[] _hashedUser;
    private readonly SipMessage _answer = new();
    private uint _cseq;

    /// <param name="microsecondsBetween">From one REGISTER to the next: transactions are kept for 32 s.</param>
    public Registrants(Box box, int microsecondsBetween)
    {
        _box = box;
        _address = box.Plan.Caller;
        _microsecondsBetween = microsecondsBetween;
        _hashedUser = MD5.HashData(Encoding.ASCII.GetBytes($"{UserOf(0)}:{Domain}:{Password}"));
    }

    /// <summary>All names have as many characters.</summary>
    public static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"u{user:D7}");

    /// <summary>REGISTER and its 200.</summary>
    public void Register(int user)
    {
        Send(user, default, default);
        Check.That(Turn() == 200);
    }

    /// <summary>The same where the registrar asks for credentials, of user 0.</summary>
    public void RegisterChallenged(int user)
    {
        Send(user, default, default);
        Check.That(Turn() == 401);
        Check.That(TryFindNonce(out ReadOnlySpan<byte> found));
        Span<byte> nonce = stackalloc byte[64];
        found.CopyTo(nonce);
        nonce = nonce[..found.Length];
        Span<byte> response = stackalloc byte[HashBytes * 2];
        Respond(nonce, response);
        Send(user, nonce, response);
        Check.That(Turn() == 200);
    }

    private int Turn()
    {
        _box.Advance(_microsecondsBetween);
        _box.Turn();
        Mail sent = _box.Edge.Sent;
        Check.That(sent.Count == 1);
        Check.That(_answer.Parse(sent.Memory, sent.Offset(0), sent.Length(0)) == ParseError.None);
        return _answer.StatusCode;
    }

    private bool TryFindNonce(out ReadOnlySpan<byte> nonce)
    {
        nonce = default;
        Check.That(_answer.TryFind(HeaderName.WwwAuthenticate, out int index));
        do
        {
            if (!DigestChallenge.TryParse(_answer.Value(index), out DigestChallenge challenge)) continue;
            nonce = challenge.Nonce;
            if (challenge.Algorithm == DigestAlgorithm.Md5) return true;
        }
        while (_answer.TryNext(ref index));
        return false;
    }

    /// <summary>RFC 7616 3.4.1 with qop auth and the first count.</summary>
    private void Respond(ReadOnlySpan<byte> nonce, Span<byte> response)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        Span<byte> text = stackalloc byte[256];
        var writer = new SipWriter(text);
        writer.Raw("REGISTER:sip:example.net"u8);
        MD5.HashData(writer.Written, hash);
        Span<byte> hex = stackalloc byte[HashBytes * 2];
        Check.That(Convert.TryToHexStringLower(hash, hex, out _));
        Check.That(Convert.TryToHexStringLower(_hashedUser, response, out _));
        writer = new SipWriter(text);
        writer.Raw(response);
        writer.Raw(":"u8);
        writer.Raw(nonce);
        writer.Raw(":00000001:abcdef:auth:"u8);
        writer.Raw(hex);
        MD5.HashData(writer.Written, hash);
        Check.That(Convert.TryToHexStringLower(hash, response, out _));
    }

    private void Send(int user, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> response)
    {
        user.TryFormat(_user.AsSpan(1), out _, "D7", CultureInfo.InvariantCulture);
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        writer.Raw("REGISTER sip:example.net SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.7:5060;rport;branch=z9hG4bK"u8);
        writer.Number(++_cseq);
        writer.Raw("\r\nMax-Forwards: 70\r\nFrom: <sip:"u8);
        writer.Raw(_user);
        writer.Raw("@example.net>;tag=r1\r\nTo: <sip:"u8);
        writer.Raw(_user);
        writer.Raw("@example.net>\r\nCall-ID: 7f0000-"u8);
        writer.Raw(_user);
        writer.Raw("@phone.invalid\r\nCSeq: "u8);
        writer.Number(_cseq);
        writer.Raw(" REGISTER\r\nContact: <sip:"u8);
        writer.Raw(_user);
        writer.Raw("@203.0.113.7:5060>\r\nExpires: 3600\r\nUser-Agent: Phone/1.0\r\n"u8);
        if (!nonce.IsEmpty) WriteCredentials(ref writer, nonce, response);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
        Check.That(!writer.Overflowed);
        _box.Edge.Inbound.Commit(writer.Length, _address);
    }

    private void WriteCredentials(ref SipWriter writer, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> response)
    {
        writer.Raw("Authorization: Digest username=\""u8);
        writer.Raw(_user);
        writer.Raw("\", realm=\"example.net\", nonce=\""u8);
        writer.Raw(nonce);
        writer.Raw("\", uri=\"sip:example.net\", response=\""u8);
        writer.Raw(response);
        writer.Raw("\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"abcdef\"\r\n"u8);
    }
}
