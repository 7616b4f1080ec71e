using Sbc.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Config;

public class ListenConfigTests
{
    [Theory]
    [InlineData("udp://192.0.2.10:5060", "udp://192.0.2.10:5060")]
    [InlineData("udp://192.0.2.10", "udp://192.0.2.10:5060")]
    [InlineData("tls://192.0.2.10", "tls://192.0.2.10:5061")]
    [InlineData("wss://192.0.2.10", "wss://192.0.2.10:443")]
    [InlineData("udp://192.0.2.10:0", "udp://192.0.2.10:0")]
    [InlineData("udp://[2001:db8::10]:5070", "udp://[2001:db8::10]:5070")]
    [InlineData("udp://[2001:db8::10]", "udp://[2001:db8::10]:5060")]
    [InlineData("udp://eth0:5060", "udp://192.0.2.10:5060")]
    [InlineData("udp://six0", "udp://[2001:db8::20]:5060")]
    public void A_listener_is_transport_address_and_port(string text, string expected)
    {
        Assert.True(ListenConfig.TryParse(text, new FixedFacts(), out ListenConfig? listen, out string error), error);
        Assert.Equal(expected, listen.ToString());
    }

    [Theory]
    [InlineData("192.0.2.10:5060", "write transport://address:port")]
    [InlineData("upd://192.0.2.10", "did you mean \"udp\"?")]
    [InlineData("sctp://192.0.2.10", "valid: udp, tcp, tls, ws, wss")]
    [InlineData("udp://", "names no address")]
    [InlineData("udp://:5060", "names no address")]
    [InlineData("udp://192.0.2.10:", "is no port")]
    [InlineData("udp://192.0.2.10:65536", "is no port")]
    [InlineData("udp://192.0.2.10:-1", "is no port")]
    [InlineData("udp://2001:db8::10:5060", "stands in brackets")]
    [InlineData("udp://[2001:db8::10]x:5060", "only a port may follow")]
    [InlineData("udp://[2001:db8::10", "stands in brackets")]
    [InlineData("udp://*:5060", "wildcard")]
    [InlineData("udp://eth00:5060", "did you mean \"eth0\"?")]
    [InlineData("udp://eth1:5060", "has several addresses; write the one meant: 10.0.0.10, 10.0.0.11")]
    [InlineData("udp://down0:5060", "has no address")]
    [InlineData("udp://192.0.2.256", "neither an IP address nor an interface")]
    public void A_listener_that_is_none_says_what_would_be_right(string text, string expected)
    {
        Assert.False(ListenConfig.TryParse(text, new FixedFacts(), out _, out string error));
        Assert.Contains(expected, error);
    }
}
