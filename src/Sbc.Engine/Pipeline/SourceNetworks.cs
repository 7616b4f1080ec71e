using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Engine.Pipeline;

/// <summary>What counts as one source of a stranger's packets.</summary>
public static class SourceNetworks
{
    /// <summary>Stands for an IPv4 address, or for the /64 of an IPv6 address: nobody has less than that.</summary>
    public static ulong KeyOf(in TransportAddress source, in SipHash hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, source.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], source.IsIPv4 ? source.Low : 0);
        return hash.Hash(bytes);
    }
}
