using System.Text;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>The address behind an IP literal or the name of an interface.</summary>
public static class InterfaceAddress
{
    /// <param name="host">IP literal (IPv6 with or without brackets) or interface name.</param>
    /// <param name="named">True when it was an interface.</param>
    /// <remarks>An interface stands for its one IPv4 address, or without any for its one IPv6 address that is not
    /// link-local. With several nobody can say which was meant, so that is an error.</remarks>
    public static bool TryResolve(
        string host, ISystemFacts facts, out TransportAddress address, out bool named, out string error)
    {
        named = false;
        error = "";
        if (TransportAddress.TryParseHost(Encoding.UTF8.GetBytes(host), 0, out address)) return true;
        if (host is "*")
        {
            error = "a wildcard address is refused; write the address or the interface to listen on";
            return false;
        }
        named = true;
        if (!facts.InterfaceNames.Contains(host))
        {
            error = $"\"{host}\" is neither an IP address nor an interface of this machine"
                + NearestName.Hint(host, facts.InterfaceNames);
            return false;
        }
        IReadOnlyList<TransportAddress> all = facts.AddressesOf(host);
        List<TransportAddress> usable = [.. all.Where(a => a.IsIPv4)];
        if (usable.Count == 0) usable = [.. all.Where(a => !a.IsIPv4 && !IsLinkLocal(a))];
        if (usable.Count == 1)
        {
            address = usable[0];
            return true;
        }
        error = usable.Count == 0
            ? $"interface \"{host}\" has no address; give it one, or write an address"
            : $"interface \"{host}\" has several addresses; write the one meant: "
                + string.Join(", ", usable.Select(a => SipHost.Of(a).Text));
        return false;
    }

    /// <summary>fe80::/10 (RFC 4291 2.5.6).</summary>
    private static bool IsLinkLocal(TransportAddress address) => address.High >> 54 == 0xFE80 >> 6;
}
