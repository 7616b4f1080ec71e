using System.Buffers.Binary;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// The user of the Contact that stands for a phone's at a core registrar: 96 bits that name the binding, kept with it,
/// so that it means the same after a restart and with any number of workers.
/// </summary>
/// <remarks>
/// It is made of what it names, under the process's key. A phone whose answer was lost and that asks again has the
/// same Contact as before, where a random one would be a second one at the registrar that leads nowhere.
/// </remarks>
public readonly record struct ContactId(ulong High, uint Low)
{
    /// <summary>Characters of its text: 12 bytes in base32.</summary>
    public const int Length = 20;

    private const int Bytes = 12;

    public bool IsNone => High == 0 && Low == 0;

    /// <summary>The name of a binding that has none yet.</summary>
    /// <param name="hash">Keyed: strangers cannot guess it.</param>
    /// <param name="aor">The address-of-record, in its canonical form.</param>
    /// <param name="contact">Its texts: the instance names the device where there is one, else the URI.</param>
    /// <param name="regId">RFC 5626 4.2; 0: none.</param>
    public static ContactId Of(SipHash hash, ReadOnlySpan<byte> aor, in BindingText contact, uint regId)
    {
        ReadOnlySpan<byte> device = contact.Instance.Length > 0 ? contact.Instance : contact.Contact;
        Span<byte> text = stackalloc byte[AddressOfRecord.BytesMax + Limits.BindingBytesMax + 5];
        aor.CopyTo(text);
        // No address has a byte of 0: two different pairs are never one text.
        text[aor.Length] = 0;
        device.CopyTo(text[(aor.Length + 1)..]);
        int length = aor.Length + 1 + device.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(text[length..], regId);
        (ulong low, ulong high) = hash.Hash128(text[..(length + 4)]);
        return new ContactId(low, (uint)high | 1);
    }

    public void Write(Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Low);
        Base32.Encode(bytes, text);
    }

    /// <summary>False for what has not the form of one; whether there is such a binding, the table says.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ContactId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text.Length != Length || !Base32.TryDecode(text, bytes)) return false;
        id = new ContactId(
            BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));
        return !id.IsNone;
    }
}
