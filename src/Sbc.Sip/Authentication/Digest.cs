using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sbc.Sip.Authentication;

/// <summary>The arithmetic of digest authentication (RFC 7616 3.4.1): pure functions of bytes.</summary>
public static class Digest
{
    /// <summary>The longest hash.</summary>
    public const int HashBytesMax = 32;

    private const int TextBytesMax = 4096;

    /// <summary>HA1: the hash of user, realm and password, which is all that a server has to keep of them.</summary>
    /// <param name="destination">As long as the algorithm's hash.</param>
    public static bool TryHashUser(
        DigestAlgorithm algorithm, ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password,
        Span<byte> destination)
    {
        var text = new Text(stackalloc byte[TextBytesMax]);
        text.Add(user);
        text.AddAfterColon(realm);
        text.AddAfterColon(password);
        if (text.Overflowed) return false;
        Hash(algorithm, text.Written, destination);
        return true;
    }

    /// <summary>Whether the response is the one that the holder of the secret gives; in constant time.</summary>
    /// <param name="credentials">As they came.</param>
    /// <param name="hashedUser">HA1 by the credential's algorithm.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="body">Of the request, which auth-int covers.</param>
    public static bool Matches(
        in DigestCredentials credentials, ReadOnlySpan<byte> hashedUser, ReadOnlySpan<byte> method,
        ReadOnlySpan<byte> body)
    {
        Span<byte> expected = stackalloc byte[HashBytesMax * 2];
        if (!TryRespond(credentials, hashedUser, method, body, expected, out int length)) return false;
        // Phones write the digits in either case.
        Span<byte> given = stackalloc byte[HashBytesMax * 2];
        for (int i = 0; i < credentials.Response.Length; i++) given[i] = Lower(credentials.Response[i]);
        return CryptographicOperations.FixedTimeEquals(expected[..length], given[..credentials.Response.Length]);
    }

    /// <summary>The response in hexadecimal.</summary>
    public static bool TryRespond(
        in DigestCredentials credentials, ReadOnlySpan<byte> hashedUser, ReadOnlySpan<byte> method,
        ReadOnlySpan<byte> body, Span<byte> destination, out int length)
    {
        DigestAlgorithm algorithm = credentials.Algorithm;
        int bytes = algorithm.Bytes();
        length = bytes * 2;
        Span<byte> hash = stackalloc byte[HashBytesMax];
        Span<byte> hex = stackalloc byte[HashBytesMax * 2];
        var text = new Text(stackalloc byte[TextBytesMax]);
        text.Add(method);
        text.AddAfterColon(credentials.Uri);
        if (credentials.Qop == DigestQop.AuthInt)
        {
            Hash(algorithm, body, hash);
            WriteHex(hash[..bytes], hex);
            text.AddAfterColon(hex[..length]);
        }
        if (text.Overflowed) return false;
        Hash(algorithm, text.Written, hash);
        WriteHex(hash[..bytes], hex);
        text.Clear();
        Span<byte> first = stackalloc byte[HashBytesMax * 2];
        WriteHex(hashedUser[..bytes], first);
        text.Add(first[..length]);
        text.AddAfterColon(credentials.Nonce);
        if (credentials.Qop != DigestQop.None)
        {
            text.AddAfterColon(credentials.NonceCountText);
            text.AddAfterColon(credentials.ClientNonce);
            text.AddAfterColon(credentials.QopText);
        }
        text.AddAfterColon(hex[..length]);
        if (text.Overflowed) return false;
        Hash(algorithm, text.Written, hash);
        WriteHex(hash[..bytes], destination);
        return true;
    }

    [SuppressMessage("Security", "CA5351", Justification = "MD5 is what old phones have (RFC 8760 2.4).")]
    private static void Hash(DigestAlgorithm algorithm, ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (algorithm == DigestAlgorithm.Sha256) SHA256.HashData(text, destination);
        else MD5.HashData(text, destination);
    }

    private static void WriteHex(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            destination[2 * i] = "0123456789abcdef"u8[bytes[i] >> 4];
            destination[(2 * i) + 1] = "0123456789abcdef"u8[bytes[i] & 15];
        }
    }

    private static byte Lower(byte value) => value is >= (byte)'A' and <= (byte)'F' ? (byte)(value | 0x20) : value;

    /// <summary>What a hash is taken of.</summary>
    private ref struct Text(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;
        private int _length;

        public bool Overflowed { get; private set; }

        public readonly ReadOnlySpan<byte> Written => _destination[.._length];

        public void Clear() => _length = 0;

        public void AddAfterColon(ReadOnlySpan<byte> part)
        {
            Add(":"u8);
            Add(part);
        }

        public void Add(ReadOnlySpan<byte> part)
        {
            if (part.Length > _destination.Length - _length)
            {
                Overflowed = true;
                return;
            }
            part.CopyTo(_destination[_length..]);
            _length += part.Length;
        }
    }
}
