using System.Buffers.Binary;
using System.Buffers.Text;
using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// Names for sources in place of their own: 96 bits in base64 (RFC 7022 4.2), from a keyed hash over call and CNAME.
/// </summary>
/// <remarks>
/// Nothing is remembered: audio and video of one source have one name, as players need to keep them together
/// (RFC 3550 6.5.1), two sources have two, and the same source has another one in its next call.
/// </remarks>
public readonly struct CanonicalNames(SipHash hash)
{
    public const int NameBytes = 16;

    private const int OriginalBytesMax = 255;

    private readonly SipHash _hash = hash;

    /// <param name="call">What a call's streams have in common and other calls do not.</param>
    /// <param name="destination"><see cref="NameBytes"/> long.</param>
    public void Write(long call, ReadOnlySpan<byte> original, Span<byte> destination)
    {
        Check.That(original.Length <= OriginalBytesMax && destination.Length == NameBytes);
        Span<byte> input = stackalloc byte[9 + OriginalBytesMax];
        // The key serves other tables too: the first byte keeps this use apart.
        input[0] = (byte)'C';
        BinaryPrimitives.WriteInt64BigEndian(input[1..], call);
        original.CopyTo(input[9..]);
        (ulong low, ulong high) = _hash.Hash128(input[..(9 + original.Length)]);
        Span<byte> bits = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bits, low);
        BinaryPrimitives.WriteUInt64BigEndian(bits[8..], high);
        Base64.EncodeToUtf8(bits[..12], destination, out _, out int written);
        Check.That(written == NameBytes);
    }
}
