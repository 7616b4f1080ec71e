using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>An interface's name and one of its addresses; port 0.</summary>
public readonly record struct InterfaceAddress(string Interface, TransportAddress Address);

/// <summary>The host's addresses, so that a listener may be written as an interface's name.</summary>
public static class InterfaceAddresses
{
    /// <summary>Of every interface that is up, IPv4 before IPv6 within each.</summary>
    /// <exception cref="NetworkInformationException">The kernel does not tell.</exception>
    public static IReadOnlyList<InterfaceAddress> All()
    {
        var found = new List<InterfaceAddress>();
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (card.OperationalStatus == OperationalStatus.Down) continue;
            AddAddresses(card, AddressFamily.InterNetwork, found);
            AddAddresses(card, AddressFamily.InterNetworkV6, found);
        }
        return found;
    }

    /// <summary>Of one interface; empty when there is none of this name, or it is down.</summary>
    public static IReadOnlyList<TransportAddress> Of(string name)
    {
        var addresses = new List<TransportAddress>();
        foreach (InterfaceAddress entry in All())
        {
            if (entry.Interface == name) addresses.Add(entry.Address);
        }
        return addresses;
    }

    private static void AddAddresses(NetworkInterface card, AddressFamily family, List<InterfaceAddress> found)
    {
        foreach (UnicastIPAddressInformation information in card.GetIPProperties().UnicastAddresses)
        {
            IPAddress address = information.Address;
            if (address.AddressFamily != family) continue;
            uint scope = family == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
            found.Add(new InterfaceAddress(
                card.Name, TransportAddress.FromBytes(address.GetAddressBytes(), 0, scope)));
        }
    }
}
