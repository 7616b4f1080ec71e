using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>sockaddr_in and sockaddr_in6 in native memory, to and from <see cref="TransportAddress"/>.</summary>
internal static unsafe class RawAddress
{
    /// <summary>A sockaddr_in6 of 28 bytes, rounded up so that every element of an array is aligned.</summary>
    internal const int Stride = 32;

    private const uint LengthIPv4 = 16;
    private const uint LengthIPv6 = 28;

    internal static int FamilyOf(in TransportAddress address) =>
        address.IsIPv4 ? SocketNumbers.FamilyIPv4 : SocketNumbers.FamilyIPv6;

    /// <summary>Writes the address in its own family. Returns the length of the sockaddr.</summary>
    internal static uint Write(in TransportAddress address, byte* name)
    {
        ushort port = BinaryPrimitives.ReverseEndianness(address.Port);
        if (address.IsIPv4)
        {
            Unsafe.WriteUnaligned(name, (ushort)SocketNumbers.FamilyIPv4);
            Unsafe.WriteUnaligned(name + 2, port);
            Unsafe.WriteUnaligned(name + 4, BinaryPrimitives.ReverseEndianness(address.IPv4));
            Unsafe.WriteUnaligned(name + 8, 0L);
            return LengthIPv4;
        }
        Unsafe.WriteUnaligned(name, (ushort)SocketNumbers.FamilyIPv6);
        Unsafe.WriteUnaligned(name + 2, port);
        Unsafe.WriteUnaligned(name + 4, 0);
        Unsafe.WriteUnaligned(name + 8, BinaryPrimitives.ReverseEndianness(address.High));
        Unsafe.WriteUnaligned(name + 16, BinaryPrimitives.ReverseEndianness(address.Low));
        Unsafe.WriteUnaligned(name + 24, address.Scope);
        return LengthIPv6;
    }

    /// <summary>Reads what the kernel wrote; default for a family that is not IP.</summary>
    internal static TransportAddress Read(byte* name)
    {
        int family = Unsafe.ReadUnaligned<ushort>(name);
        ushort port = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(name + 2));
        if (family == SocketNumbers.FamilyIPv4)
        {
            uint address = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(name + 4));
            return TransportAddress.FromIPv4(address, port);
        }
        if (family != SocketNumbers.FamilyIPv6) return default;
        uint scope = Unsafe.ReadUnaligned<uint>(name + 24);
        return TransportAddress.FromBytes(new ReadOnlySpan<byte>(name + 8, 16), port, scope);
    }
}
