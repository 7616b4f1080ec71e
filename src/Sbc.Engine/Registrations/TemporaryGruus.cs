using System.Buffers.Binary;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Users of temporary GRUUs (RFC 5627 3.2): the address-of-record and the registration, sealed. No table keeps them:
/// each is good until its registration ends or gets another Call-ID (5.4), and whoever sees one learns nothing of the
/// user but about how long his address is.
/// </summary>
/// <remarks>
/// A synthetic IV (as RFC 5297 has it) under SipHash: the IV is the keyed hash of what is sealed, and the key stream
/// that of the IV and a count. A changed byte opens to something that its IV is not the hash of.
/// </remarks>
public sealed class TemporaryGruus(SipHash key)
{
    /// <summary>What a user part may have, so that the URI still fits where URIs are written.</summary>
    public const int UserBytesMax = 232;

    private const int Block = 16;
    private const int SealedBytesMax = Block * 9;
    private const int RegistrationAt = 8;
    private const int LengthAt = 16;
    private const int AorAt = 17;

    // What is hashed begins with what it is hashed for.
    private const byte ForIv = 1;
    private const byte ForStream = 2;
    private const byte ForRegistration = 3;

    /// <summary>Names the registration of a binding: its device and its Call-ID.</summary>
    public ulong RegistrationOf(scoped BindingText binding)
    {
        Span<byte> text = stackalloc byte[Limits.BindingBytesMax + 2];
        text[0] = ForRegistration;
        binding.Instance.CopyTo(text[1..]);
        int length = 1 + binding.Instance.Length;
        text[length++] = 0;
        binding.CallId.CopyTo(text[length..]);
        return key.Hash(text[..(length + binding.CallId.Length)]);
    }

    /// <summary>False: the address is too long.</summary>
    /// <param name="user"><see cref="UserBytesMax"/> bytes.</param>
    public bool TryWrite(ReadOnlySpan<byte> aor, ulong registration, ulong random, Span<byte> user, out int length)
    {
        Span<byte> bytes = stackalloc byte[SealedBytesMax];
        int total = Block + ((AorAt + aor.Length + Block - 1) / Block * Block);
        length = Base32.LengthOf(total);
        if (total > bytes.Length) return false;
        bytes.Clear();
        Span<byte> open = bytes[Block..total];
        BinaryPrimitives.WriteUInt64LittleEndian(open, random);
        BinaryPrimitives.WriteUInt64LittleEndian(open[RegistrationAt..], registration);
        open[LengthAt] = (byte)aor.Length;
        aor.CopyTo(open[AorAt..]);
        WriteIv(open, bytes[..Block]);
        Cipher(bytes[..Block], open);
        Base32.Encode(bytes[..total], user);
        return true;
    }

    /// <summary>False for what was not sealed here.</summary>
    /// <param name="user">Of a URI.</param>
    /// <param name="aor">As many bytes as an address may have.</param>
    /// <param name="length">Of the address.</param>
    /// <param name="registration">As <see cref="RegistrationOf"/> has it.</param>
    public bool TryRead(ReadOnlySpan<byte> user, Span<byte> aor, out int length, out ulong registration)
    {
        (length, registration) = (0, 0);
        int total = user.Length * 5 / 8;
        if (total > SealedBytesMax || total % Block != 0 || total < 3 * Block) return false;
        Span<byte> bytes = stackalloc byte[total];
        if (!Base32.TryDecode(user, bytes)) return false;
        Span<byte> open = bytes[Block..];
        Cipher(bytes[..Block], open);
        Span<byte> iv = stackalloc byte[Block];
        WriteIv(open, iv);
        if (!iv.SequenceEqual(bytes[..Block])) return false;
        length = open[LengthAt];
        registration = BinaryPrimitives.ReadUInt64LittleEndian(open[RegistrationAt..]);
        open.Slice(AorAt, length).CopyTo(aor);
        return true;
    }

    private void WriteIv(ReadOnlySpan<byte> open, Span<byte> iv)
    {
        Span<byte> text = stackalloc byte[SealedBytesMax + 1];
        text[0] = ForIv;
        open.CopyTo(text[1..]);
        Write(key.Hash128(text[..(open.Length + 1)]), iv);
    }

    private void Cipher(ReadOnlySpan<byte> iv, Span<byte> bytes)
    {
        Span<byte> text = stackalloc byte[Block + 2];
        Span<byte> stream = stackalloc byte[Block];
        text[0] = ForStream;
        iv.CopyTo(text[2..]);
        for (int at = 0; at < bytes.Length; at += Block)
        {
            text[1] = (byte)(at / Block);
            Write(key.Hash128(text), stream);
            for (int i = 0; i < Block; i++) bytes[at + i] ^= stream[i];
        }
    }

    private static void Write((ulong Low, ulong High) hash, Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], hash.High);
    }
}
