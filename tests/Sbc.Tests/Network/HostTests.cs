using Sbc.Network;
using Xunit;

namespace Sbc.Tests.Network;

public class HostTests
{
    [Fact]
    public void Finds_the_loopback_addresses_by_the_name_of_the_interface()
    {
        Assert.Contains(Peer.At("127.0.0.1"), InterfaceAddresses.Of("lo"));
        if (Peer.HasIPv6) Assert.Contains(Peer.At("::1"), InterfaceAddresses.Of("lo"));
        Assert.Empty(InterfaceAddresses.Of("no-such-interface"));
    }

    [Fact]
    public void Reads_the_ephemeral_ports_and_the_buffer_limits()
    {
        Assert.True(KernelSettings.TryReadEphemeralPorts(out int first, out int last));
        Assert.InRange(first, 1, last);
        Assert.InRange(last, first, 65_535);
        Assert.True(KernelSettings.TryReadNumber(KernelSettings.ReceiveBufferBytesMax, out long bytes));
        Assert.True(bytes > 0);
        Assert.False(KernelSettings.TryReadNumber("net.core.no_such_setting", out _));
    }
}
