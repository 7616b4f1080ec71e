using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>What the configuration needs to know of the machine; Engine may not ask the system itself.</summary>
public interface ISystemFacts
{
    int ProcessorCount { get; }

    /// <summary>Ports the system gives to sockets that ask for none (net.ipv4.ip_local_port_range).</summary>
    PortRange EphemeralPorts { get; }

    /// <summary>Ports it leaves out of them (net.ipv4.ip_local_reserved_ports).</summary>
    IReadOnlyList<PortRange> ReservedPorts { get; }

    IReadOnlyList<string> InterfaceNames { get; }

    /// <summary>Addresses of an interface, port 0; empty for a name that is none.</summary>
    IReadOnlyList<TransportAddress> AddressesOf(string interfaceName);
}
