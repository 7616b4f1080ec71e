using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Program.Configuration;

/// <summary>This machine, asked once.</summary>
public sealed class SystemFacts : ISystemFacts
{
    private const string PortRangeFile = "/proc/sys/net/ipv4/ip_local_port_range";
    private const string ReservedPortsFile = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    private readonly Dictionary<string, IReadOnlyList<TransportAddress>> _interfaces = [];

    public SystemFacts()
    {
        EphemeralPorts = ReadPorts(PortRangeFile).FirstOrDefault(new PortRange(32768, 60999));
        ReservedPorts = ReadPorts(ReservedPortsFile);
        foreach (NetworkInterface one in NetworkInterface.GetAllNetworkInterfaces())
            _interfaces[one.Name] = [.. one.GetIPProperties().UnicastAddresses.Select(Convert)];
    }

    public int ProcessorCount { get; } = Environment.ProcessorCount;

    public PortRange EphemeralPorts { get; }

    public IReadOnlyList<PortRange> ReservedPorts { get; }

    public IReadOnlyList<string> InterfaceNames => [.. _interfaces.Keys];

    public IReadOnlyList<TransportAddress> AddressesOf(string interfaceName) =>
        _interfaces.GetValueOrDefault(interfaceName, []);

    private static TransportAddress Convert(UnicastIPAddressInformation information)
    {
        bool scoped = information.Address.AddressFamily == AddressFamily.InterNetworkV6;
        uint scope = scoped ? (uint)information.Address.ScopeId : 0;
        return TransportAddress.FromBytes(information.Address.GetAddressBytes(), 0, scope);
    }

    /// <summary><c>32768 60999</c> in the one file, <c>5000,20000-21999</c> in the other; none where there is no
    /// such file, as in some containers.</summary>
    private static List<PortRange> ReadPorts(string file)
    {
        var ranges = new List<PortRange>();
        try
        {
            string[] words = File.ReadAllText(file).Split(null as char[], StringSplitOptions.RemoveEmptyEntries);
            string text = string.Join('-', words);
            foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
                if (PortRange.TryParse(part, out PortRange range, out _)) ranges.Add(range);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        return ranges;
    }
}
