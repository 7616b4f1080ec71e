using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>What hash policies go by: keyed hashes of a call's identity and of where it came from.</summary>
public readonly record struct TargetKeys(ulong CallId, ulong Source)
{
    /// <summary>Of an address, its port left out: a phone behind NAT gets another one now and then.</summary>
    public static ulong HashOf(in TransportAddress source, SipHash hash)
    {
        Span<byte> address = stackalloc byte[16];
        return hash.Hash(address[..source.WriteAddressBytes(address)]);
    }
}
