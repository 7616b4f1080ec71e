using System.Text;
using Sbc.Engine.Config;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Config;

/// <summary>A machine for tests: two processors, the usual ephemeral ports, a few interfaces.</summary>
public sealed class FixedFacts : ISystemFacts
{
    private readonly Dictionary<string, string[]> _interfaces = new()
    {
        ["eth0"] = ["192.0.2.10", "fe80::1", "2001:db8::10"],
        ["eth1"] = ["10.0.0.10", "10.0.0.11"],
        ["six0"] = ["fe80::2", "2001:db8::20"],
        ["down0"] = [],
    };

    public int ProcessorCount { get; init; } = 2;

    public PortRange EphemeralPorts { get; init; } = new(32768, 60999);

    public IReadOnlyList<PortRange> ReservedPorts { get; init; } = [];

    public IReadOnlyList<string> InterfaceNames => [.. _interfaces.Keys];

    public IReadOnlyList<TransportAddress> AddressesOf(string interfaceName) =>
        [.. _interfaces.GetValueOrDefault(interfaceName, []).Select(text => Address(text))];

    public static TransportAddress Address(string text, int port = 0)
    {
        Assert.True(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(text), port, out TransportAddress address));
        return address;
    }
}
