using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Sip.Framing;

/// <summary>The STUN that SIP uses to keep flows alive (RFC 5626 8): a binding request and its success.</summary>
public static class StunBinding
{
    private const int HeaderBytes = 20;
    private const uint MagicCookie = 0x2112A442;
    private const ushort BindingRequest = 0x0001;
    private const ushort BindingSuccess = 0x0101;
    private const ushort XorMappedAddress = 0x0020;

    /// <summary>Whether a datagram is a binding request (RFC 5389 6): no SIP message begins with such a byte.</summary>
    public static bool IsRequest(ReadOnlySpan<byte> packet) =>
        packet.Length >= HeaderBytes && BinaryPrimitives.ReadUInt16BigEndian(packet) == BindingRequest &&
        BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) == packet.Length - HeaderBytes && packet.Length % 4 == 0 &&
        BinaryPrimitives.ReadUInt32BigEndian(packet[4..]) == MagicCookie;

    /// <summary>Writes the success response with XOR-MAPPED-ADDRESS (RFC 5389 15.2).</summary>
    /// <param name="destination">44 bytes at least.</param>
    public static int Write(ReadOnlySpan<byte> request, in TransportAddress source, Span<byte> destination)
    {
        request[..HeaderBytes].CopyTo(destination);
        Span<byte> value = destination[(HeaderBytes + 4)..];
        Span<byte> address = value[4..20];
        int bytes = source.WriteAddressBytes(address);
        // Cookie and transaction: those bytes of the header that the address is XORed with.
        for (int i = 0; i < bytes; i++) address[i] ^= request[4 + i];
        value[0] = 0;
        value[1] = (byte)(bytes == 4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(source.Port ^ (MagicCookie >> 16)));
        BinaryPrimitives.WriteUInt16BigEndian(destination, BindingSuccess);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(8 + bytes));
        BinaryPrimitives.WriteUInt16BigEndian(destination[HeaderBytes..], XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(HeaderBytes + 2)..], (ushort)(4 + bytes));
        return HeaderBytes + 8 + bytes;
    }
}
