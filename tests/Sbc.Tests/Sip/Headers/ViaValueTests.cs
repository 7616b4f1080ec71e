using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Headers;

public class ViaValueTests
{
    [Theory]
    [InlineData("SIP/2.0/UDP host:5060;branch=z9hG4bKx", "UDP", "host", 5060, "z9hG4bKx", false)]
    [InlineData("SIP/2.0/UDP host", "UDP", "host", 0, "", false)]
    [InlineData("SIP / 2.0 / UDP  host : 5060 ; branch = z9hG4bKx ; rport", "UDP", "host", 5060, "z9hG4bKx", true)]
    [InlineData("SIP  /\r\n 2.0\r\n / UDP\r\n\thost", "UDP", "host", 0, "", false)]
    [InlineData("sip/2.0/udp h;BRANCH=Z9HG4BKx;RPORT=1234", "udp", "h", 0, "Z9HG4BKx", true)]
    [InlineData("SIP/2.0/TLS [2001:db8::9]:5061;rport=", "TLS", "[2001:db8::9]", 5061, "", true)]
    [InlineData("SIP/2.0/TCP [2001:db8::9:255];received=[2001:db8::9:255]", "TCP", "[2001:db8::9:255]", 0, "", false)]
    [InlineData("SIP/2.0/UDP h;received=2001:db8::9:255;branch=b", "UDP", "h", 0, "b", false)]
    [InlineData("SIP/2.0/UNKNOWN h;branch=b;x=\"a;branch=c,d\"", "UNKNOWN", "h", 0, "b", false)]
    [InlineData("SIP/2.0/UDP h;;branch=b;", "UDP", "h", 0, "b", false)]
    [InlineData("SIP/7.0/UDP h;branch=b", "UDP", "h", 0, "b", false)]
    [InlineData("SIP/2.0/UDP h;branch=b,SIP/2.0/TCP i;branch=c", "UDP", "h", 0, "b", false)]
    [InlineData("SIP/2.0/UDP h;branch=b , ", "UDP", "h", 0, "b", false)]
    public void The_first_value_comes_apart(
        string text, string transport, string host, int port, string branch, bool rport)
    {
        Assert.True(ViaValue.TryParse(Utf8(text), out ViaValue via));
        Assert.Equal(transport, Text(via.Transport));
        Assert.Equal(host, Text(via.Host));
        Assert.Equal(port, via.Port);
        Assert.Equal(branch, Text(via.Branch));
        Assert.Equal(rport, via.HasRport);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",SIP/2.0/UDP h")]
    [InlineData(";;,;,,")]
    [InlineData("SIP/2.0/UDP")]
    [InlineData("SIP/2.0/UDP ")]
    [InlineData("SIP/2.0/UDP ;branch=b")]
    [InlineData("SIP/2.0/UDP/h;branch=b")]
    [InlineData("SIP/2.0/ h;branch=b")]
    [InlineData("SIP/2.0 UDP h")]
    [InlineData("SIP//UDP h")]
    [InlineData("SIP/2.0/U(P h")]
    [InlineData("HTTP/2.0/UDP h")]
    [InlineData("SIP/2.0/UDP h:0")]
    [InlineData("SIP/2.0/UDP h:65536")]
    [InlineData("SIP/2.0/UDP h:")]
    [InlineData("SIP/2.0/UDP h:-1")]
    [InlineData("SIP/2.0/UDP h i")]
    [InlineData("SIP/2.0/UDP [::1")]
    [InlineData("SIP/2.0/UDP [::1]5060")]
    [InlineData("SIP/2.0/UDP 2001:db8::9")]
    [InlineData("SIP/2.0/UDP [192.0.2.1]")]
    [InlineData("SIP/2.0/UDP [2001:db8::9::1]")]
    [InlineData("SIP/2.0/UDP h\"ost\"")]
    [InlineData("SIP/2.0/UDP <h>")]
    [InlineData("SIP/2.0/UDP h;branch=z9hG4bKa;branch=z9hG4bKb")]
    [InlineData("SIP/2.0/UDP h;x=\"a;branch=z9hG4bKa")]
    [InlineData("SIP/2.0/UDP h;x=a\"b;branch=z9hG4bKa;y=c\"d")]
    public void What_is_no_Via_is_refused(string text) => Assert.False(ViaValue.TryParse(Utf8(text), out _));

    [Theory]
    [InlineData("z9hG4bKx", true)]
    [InlineData("Z9HG4BKx", true)]
    [InlineData("z9hG4bK", false)]
    [InlineData("z9hG4bx", false)]
    [InlineData("1234", false)]
    public void A_branch_identifies_a_transaction_with_the_cookie_and_something_behind_it(string branch, bool expected)
    {
        Assert.True(ViaValue.TryParse(Utf8("SIP/2.0/UDP h;branch=" + branch), out ViaValue via));
        Assert.Equal(expected, via.IsRfc3261);
    }

    [Fact]
    public void Values_are_walked_over_fields_and_commas()
    {
        SipMessage message = WithHeaders(
            "Contact: \"a, b\" <sip:c,d@e>;q=1 , <sip:f>", "Via: x", "m: ,, <sip:g>,", "Contact:",
            "Contact: \"\\\",\" <sip:h>", "Contact: <sip:i\">;x=1, <sip:j\">");
        var values = new HeaderValues(message, HeaderName.Contact);
        var seen = new List<string>();
        while (values.MoveNext()) seen.Add(Text(values.Current));
        string[] expected =
        [
            "\"a, b\" <sip:c,d@e>;q=1", "<sip:f>", "<sip:g>", "\"\\\",\" <sip:h>", "<sip:i\">;x=1", "<sip:j\">",
        ];
        Assert.Equal(expected, seen);
        Assert.False(values.MoveNext());
        Assert.False(new HeaderValues(message, HeaderName.Route).MoveNext());
    }
}
