using Sbc.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Config;

public class PeerUriTests
{
    [Theory]
    [InlineData("sip:10.0.0.21:5060", "sip:10.0.0.21:5060;transport=udp", true)]
    [InlineData("sip:10.0.0.21", "sip:10.0.0.21:5060;transport=udp", true)]
    [InlineData("SIP:10.0.0.21;transport=TCP", "sip:10.0.0.21:5060;transport=tcp", true)]
    [InlineData("sips:10.0.0.21", "sip:10.0.0.21:5061;transport=tls", true)]
    [InlineData("sip:[2001:DB8::21]:5070", "sip:[2001:db8::21]:5070;transport=udp", true)]
    [InlineData("sip:proxy.example.net", "sip:proxy.example.net:5060;transport=udp", false)]
    public void A_peer_uri_is_host_port_and_transport(string text, string expected, bool literal)
    {
        Assert.True(PeerUri.TryParse(text, out PeerUri? uri, out string error), error);
        Assert.Equal(expected, uri.ToString());
        Assert.Equal(literal, uri.Address is not null);
        if (literal) Assert.Equal(uri.Port, uri.Address!.Value.Port);
    }

    [Theory]
    [InlineData("10.0.0.21:5060", "is no SIP URI")]
    [InlineData("tel:+49301", "is no SIP URI")]
    [InlineData("", "is no SIP URI")]
    [InlineData("sip:", "names no address")]
    [InlineData("sip:alice@10.0.0.21", "no user")]
    [InlineData("sip:10.0.0.21?x=y", "no user, headers or brackets")]
    [InlineData("sip:10.0.0.21;lr", "only the parameter transport")]
    [InlineData("sip:10.0.0.21;transport=tpc", "did you mean \"tcp\"?")]
    [InlineData("sip:10.0.0.21:0", "port 0 cannot be sent to")]
    [InlineData("sip:2001:db8::21", "stands in brackets")]
    [InlineData("sip:10.0.0.300", "neither an IP address nor a host name")]
    [InlineData("sip:proxy_a", "neither an IP address nor a host name")]
    public void A_peer_uri_that_is_none_says_what_would_be_right(string text, string expected)
    {
        Assert.False(PeerUri.TryParse(text, out _, out string error));
        Assert.Contains(expected, error);
    }
}
