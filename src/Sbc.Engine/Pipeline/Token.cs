using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Engine.Pipeline;

/// <summary>What a token of ours stands for.</summary>
public enum TokenKind : byte
{
    None,

    /// <summary>Branch of a client transaction.</summary>
    Branch,

    /// <summary>
    /// Branch of an ACK to a 2xx: a transaction of its own that gets no response (RFC 3261 17.1.1.3).
    /// </summary>
    AckBranch,

    /// <summary>Tag, Call-ID or Contact user of a call's ingress leg.</summary>
    Ingress,

    /// <summary>Tag, Call-ID or Contact user of a call's egress leg.</summary>
    Egress,

    /// <summary>Tag of a response given without state.</summary>
    Stateless,

    /// <summary>Branch, tag and Call-ID of a probe.</summary>
    Probe,

    /// <summary>Branch of a request that was forwarded without state: no worker's.</summary>
    ForwardBranch,

    /// <summary>User of a Record-Route of ours, for requests that are forwarded without state.</summary>
    ForwardRoute,

    /// <summary>Nonce of a challenge: index is the second it was made in.</summary>
    Nonce,

    /// <summary>Call-ID, tag and Contact of a registration of ours at a peer.</summary>
    Trunk,
}

/// <summary>
/// Tags, branches, Call-IDs and Contact users that this box mints: base32 of kind, worker, index, generation and a MAC.
/// </summary>
/// <remarks>
/// The MAC is 96 bits of SipHash under the process's random key, so a token can be neither guessed nor moved, its
/// worker is known from any packet that carries it, and no table is needed to find what it names. Kind and worker are
/// the first 16 bits: the first four characters never mean anything else, so a steering program can read them.
/// </remarks>
public sealed class Tokens(SipHash key)
{
    /// <summary>Characters of a token: 22 bytes in base32.</summary>
    public const int Length = 36;

    private const int Bytes = 22;
    private const int MacStart = 10;

    public void Write(TokenKind kind, int worker, Handle handle, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        bytes[0] = (byte)kind;
        bytes[1] = (byte)worker;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[2..], handle.Index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[6..], handle.Generation);
        (ulong low, ulong high) = key.Hash128(bytes[..MacStart]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MacStart..], low);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(MacStart + 8)..], (uint)high);
        Base32.Encode(bytes, destination);
    }

    /// <summary>
    /// Reads a token of exactly <see cref="Length"/> characters. False for anything that we did not mint.
    /// </summary>
    public bool TryRead(ReadOnlySpan<byte> text, out TokenKind kind, out int worker, out Handle handle)
    {
        kind = TokenKind.None;
        worker = 0;
        handle = Handle.None;
        if (text.Length != Length) return false;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (!Base32.TryDecode(text, bytes)) return false;
        (ulong low, ulong high) = key.Hash128(bytes[..MacStart]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[MacStart..]) != low) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[(MacStart + 8)..]) != (uint)high) return false;
        kind = (TokenKind)bytes[0];
        worker = bytes[1];
        handle = new Handle(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[6..]));
        return true;
    }
}
