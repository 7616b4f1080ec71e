using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Addresses that mean nothing, or something else, outside of the network they are written in.</summary>
public static class PrivateAddresses
{
    private static readonly (TransportAddress Address, int Length)[] Prefixes =
    [
        (V4(0, 0, 0, 0), 8), (V4(10, 0, 0, 0), 8), (V4(100, 64, 0, 0), 10), (V4(127, 0, 0, 0), 8),
        (V4(169, 254, 0, 0), 16), (V4(172, 16, 0, 0), 12), (V4(192, 168, 0, 0), 16), (V4(224, 0, 0, 0), 3),
        (V6(0x00), 96), (V6(0xFC), 7), (V6(0xFE, 0x80), 10), (V6(0xFF), 8),
    ];

    /// <summary>Private (RFC 1918, 4193), shared (6598), loopback, link-local, multicast, unspecified.</summary>
    public static bool Contains(in TransportAddress address)
    {
        foreach (ref readonly (TransportAddress Address, int Length) prefix in Prefixes.AsSpan())
        {
            if (address.InPrefix(prefix.Address, prefix.Length)) return true;
        }
        return false;
    }

    private static TransportAddress V4(int a, int b, int c, int d) =>
        TransportAddress.FromIPv4((uint)((a << 24) | (b << 16) | (c << 8) | d), 0);

    private static TransportAddress V6(byte first, byte second = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        bytes[0] = first;
        bytes[1] = second;
        return TransportAddress.FromBytes(bytes, 0);
    }
}
