using Sbc.Sip.Writing;

namespace Sbc.Sip.Authentication;

/// <summary>What a client answers a challenge with (RFC 7616 3.4).</summary>
public readonly ref struct DigestAnswer
{
    private const int LineBytesMax = 4096;

    /// <summary>Answers a 407: Proxy-Authorization.</summary>
    public required bool IsProxy { get; init; }

    /// <summary>Without quotes or backslashes.</summary>
    public required ReadOnlySpan<byte> User { get; init; }

    public required ReadOnlySpan<byte> Password { get; init; }

    /// <summary>Realm, nonce and opaque as they were in the challenge.</summary>
    public required ReadOnlySpan<byte> Realm { get; init; }

    public required ReadOnlySpan<byte> Nonce { get; init; }

    public ReadOnlySpan<byte> Opaque { get; init; }

    public required DigestAlgorithm Algorithm { get; init; }

    public required DigestQop Qop { get; init; }

    /// <summary>How often the nonce has been used, this time included.</summary>
    public uint NonceCount { get; init; }

    public ReadOnlySpan<byte> ClientNonce { get; init; }

    /// <summary>Writes the whole header line for a request.</summary>
    /// <returns>False where it is too long.</returns>
    public static bool TryWrite(
        ref SipWriter writer, scoped DigestAnswer answer, scoped ReadOnlySpan<byte> method,
        scoped ReadOnlySpan<byte> requestUri, scoped ReadOnlySpan<byte> body)
    {
        Span<byte> hashedUser = stackalloc byte[Digest.HashBytesMax];
        if (!Digest.TryHashUser(answer.Algorithm, answer.User, answer.Realm, answer.Password, hashedUser))
            return false;
        Span<byte> line = stackalloc byte[LineBytesMax];
        var text = new SipWriter(line);
        text.Raw(answer.IsProxy ? "Proxy-Authorization: "u8 : "Authorization: "u8);
        int start = text.Length;
        int response = WriteFields(ref text, answer, requestUri);
        // The hash is of what the line says, read as a server reads it.
        if (text.Overflowed || !DigestCredentials.TryParse(text.Written[start..], out DigestCredentials said) ||
            !Digest.TryRespond(said, hashedUser, method, body, line[response..], out _)) return false;
        writer.Header(text.Written, default(ReadOnlySpan<byte>));
        return !writer.Overflowed;
    }

    /// <returns>Where the response's digits are to stand.</returns>
    private static int WriteFields(
        ref SipWriter text, scoped DigestAnswer answer, scoped ReadOnlySpan<byte> requestUri)
    {
        Quoted(ref text, "Digest username=\""u8, answer.User);
        Quoted(ref text, ", realm=\""u8, answer.Realm);
        Quoted(ref text, ", nonce=\""u8, answer.Nonce);
        Quoted(ref text, ", uri=\""u8, requestUri);
        text.Raw(", response=\""u8);
        int response = text.Length;
        for (int i = 0; i < answer.Algorithm.Bytes() * 2; i++) text.Byte((byte)'0');
        text.Raw("\", algorithm="u8);
        text.Raw(answer.Algorithm.Name());
        if (answer.Opaque.Length > 0) Quoted(ref text, ", opaque=\""u8, answer.Opaque);
        if (answer.Qop == DigestQop.None) return response;
        text.Raw(answer.Qop == DigestQop.Auth ? ", qop=auth, nc="u8 : ", qop=auth-int, nc="u8);
        for (int shift = 28; shift >= 0; shift -= 4)
            text.Byte("0123456789abcdef"u8[(int)(answer.NonceCount >> shift) & 15]);
        Quoted(ref text, ", cnonce=\""u8, answer.ClientNonce);
        return response;
    }

    private static void Quoted(
        ref SipWriter text, scoped ReadOnlySpan<byte> before, scoped ReadOnlySpan<byte> value)
    {
        text.Raw(before);
        text.Raw(value);
        text.Byte((byte)'"');
    }
}
