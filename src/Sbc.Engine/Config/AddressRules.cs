using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>Addresses that nothing can be bound to or written as ours.</summary>
internal static class AddressRules
{
    /// <summary>Null when the address may be one of this box.</summary>
    public static string? WhyNotLocal(TransportAddress address)
    {
        // Bound to a wildcard, nobody knows which address an answer leaves from, nor what to write into Via and SDP.
        if (address.IsUnspecified)
            return "a wildcard address is refused; write the address or the name of the interface";
        return WhyNotUnicast(address);
    }

    /// <summary>Null when the address can be sent to.</summary>
    public static string? WhyNotUnicast(TransportAddress address)
    {
        if (address.IsUnspecified) return "a wildcard address is no destination; write the peer's address";
        bool multicast = address.IsIPv4 ? address.IPv4 >> 28 == 0xE : address.High >> 56 == 0xFF;
        if (multicast || (address.IsIPv4 && address.IPv4 == uint.MaxValue))
            return $"{SipHost.Of(address).Text} is a multicast or broadcast address; write the address of one host";
        return null;
    }
}
