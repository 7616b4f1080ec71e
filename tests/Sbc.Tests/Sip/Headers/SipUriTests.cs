using Sbc.Runtime;
using Sbc.Sip.Headers;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Headers;

public class SipUriTests
{
    // URI | user info | host | port | parameters | headers
    [Theory]
    [InlineData("sip:example.com", "", "example.com", 0, "", "")]
    [InlineData("SIP:bob@example.com", "bob", "example.com", 0, "", "")]
    [InlineData("sips:bob@example.com:5061", "bob", "example.com", 5061, "", "")]
    [InlineData("sip:bob:secret@example.com", "bob:secret", "example.com", 0, "", "")]
    [InlineData("sip:user;par=u@example.net", "user;par=u", "example.net", 0, "", "")]
    [InlineData("sip:user;par=u%40example.net@example.com", "user;par=u%40example.net", "example.com", 0, "", "")]
    [InlineData("sip:a?b@example.com", "a?b", "example.com", 0, "", "")]
    [InlineData("sip:odd~(user)&o'+$/?,/;;*:&p=1,!.(')@h", "odd~(user)&o'+$/?,/;;*:&p=1,!.(')", "h", 0, "", "")]
    [InlineData("sip:a@b;c=d@e?f=g@h", "a", "b", 0, ";c=d@e", "?f=g@h")]
    [InlineData("sip:b;c=d@e", "b;c=d", "e", 0, "", "")]
    [InlineData("sip:b@h;lr", "b", "h", 0, ";lr", "")]
    [InlineData("sip:b@h:1;a=b;c?d=e&f=g", "b", "h", 1, ";a=b;c", "?d=e&f=g")]
    [InlineData("sip:b@h?Route=%3Csip:x%3E", "b", "h", 0, "", "?Route=%3Csip:x%3E")]
    [InlineData("sip:b@h:65535", "b", "h", 65535, "", "")]
    [InlineData("sip:b@192.0.2.1:5060", "b", "192.0.2.1", 5060, "", "")]
    [InlineData("sip:b@[2001:db8::10]", "b", "[2001:db8::10]", 0, "", "")]
    [InlineData("sip:b@[2001:db8::10:5070]", "b", "[2001:db8::10:5070]", 0, "", "")]
    [InlineData("sip:b@[2001:db8::10]:5070;lr", "b", "[2001:db8::10]", 5070, ";lr", "")]
    [InlineData("sip:[::1]", "", "[::1]", 0, "", "")]
    [InlineData("sip:b@[2001:db8:::192.0.2.1]", "b", "[2001:db8:::192.0.2.1]", 0, "", "")]
    [InlineData("sip:under_score.example.com", "", "under_score.example.com", 0, "", "")]
    [InlineData("sip:b@h;x=\"y\"", "b", "h", 0, ";x=\"y\"", "")]
    [InlineData("sip:\u00fc@h", "\u00fc", "h", 0, "", "")]
    public void A_SIP_URI_comes_apart(
        string text, string userInfo, string host, int port, string parameters, string headers)
    {
        Assert.True(SipUri.TryParse(Utf8(text), out SipUri uri));
        Assert.Equal(text[3] is 's' or 'S' ? UriScheme.Sips : UriScheme.Sip, uri.Scheme);
        Assert.Equal(userInfo, Text(uri.UserInfo));
        Assert.Equal(userInfo.Split(':')[0], Text(uri.User));
        Assert.Equal(host, Text(uri.Host));
        Assert.Equal(port, uri.Port);
        Assert.Equal(parameters, Text(uri.Parameters));
        Assert.Equal(headers, Text(uri.HeaderPart));
        Assert.Equal(text, Text(uri.Text));
        Assert.StartsWith(host, Text(uri.Text[uri.HostStart..]));
        Assert.Equal(text, Text(uri.Text[..(uri.HostStart + uri.HostPortLength)]) + parameters + headers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip")]
    [InlineData(":")]
    [InlineData("sip:")]
    [InlineData("sip:@h")]
    [InlineData("sip:b@")]
    [InlineData("sip:b@:5060")]
    [InlineData("sip:b@h:")]
    [InlineData("sip:b@h:0")]
    [InlineData("sip:b@h:65536")]
    [InlineData("sip:b@h:+1")]
    [InlineData("sip:b@h:5060x")]
    [InlineData("sip:b@h@i")]
    [InlineData("sip:b@h,i")]
    [InlineData("sip:2001:db8::10")]
    [InlineData("sip:b@[2001:db8::10")]
    [InlineData("sip:b@[2001:db8::10]x")]
    [InlineData("sip:b@[192.0.2.1]x")]
    [InlineData("sip:b@[example.com]")]
    [InlineData("sip:b@[]")]
    [InlineData("sip:b@[192.0.2.1]")]
    [InlineData("sip:\"b@h")]
    [InlineData("sip:b:\"c\"@h")]
    [InlineData("sip:b@h i")]
    [InlineData("sip:b c@h")]
    [InlineData(" sip:b@h")]
    [InlineData("sip:b@h;a=b>c")]
    [InlineData("sip:<b@h")]
    [InlineData("sip:b\r\nVia: x@h")]
    [InlineData("sip:b\0@h")]
    [InlineData("sip:b@h\u007f")]
    [InlineData("1sip:b@h")]
    [InlineData("si p:b@h")]
    [InlineData("<sip:b@h>")]
    [InlineData("tel:")]
    [InlineData("tel:;phone-context=x")]
    [InlineData("http:")]
    public void What_is_no_URI_is_refused(string text) => Assert.False(SipUri.TryParse(Utf8(text), out _));

    [Fact]
    public void A_telephone_number_has_parameters_and_no_host()
    {
        Assert.True(SipUri.TryParse("TEL:+49-30-1234;phone-context=example.com;ext=5"u8, out SipUri uri));
        Assert.Equal(UriScheme.Tel, uri.Scheme);
        Assert.Equal("+49-30-1234", Text(uri.User));
        Assert.True(uri.Host.IsEmpty);
        Assert.True(uri.TryGetParameter("Ext"u8, out ReadOnlySpan<byte> ext));
        Assert.Equal("5", Text(ext));
        Assert.False(uri.IsSip);
    }

    [Theory]
    [InlineData("urn:service:sos")]
    [InlineData("nobodyKnowsThisScheme:totallyopaquecontent")]
    [InlineData("soap.beep://192.0.2.103:3002")]
    [InlineData("h323:x")]
    [InlineData("sipx:b@h")]
    public void An_unknown_scheme_keeps_its_text_and_nothing_else(string text)
    {
        Assert.True(SipUri.TryParse(Utf8(text), out SipUri uri));
        Assert.Equal(UriScheme.Other, uri.Scheme);
        Assert.Equal(text, Text(uri.Text));
        Assert.True(uri.Host.IsEmpty && uri.UserInfo.IsEmpty && uri.Parameters.IsEmpty);
    }

    [Theory]
    [InlineData("sip:b@192.0.2.1", 5061, "192.0.2.1:5061")]
    [InlineData("sip:b@192.0.2.1:99", 5061, "192.0.2.1:99")]
    [InlineData("sip:b@[2001:DB8::0:1]:99", 5061, "[2001:db8::1]:99")]
    [InlineData("sip:b@example.com", 5061, null)]
    [InlineData("sip:b@192.0.2.256", 5061, null)]
    public void A_literal_host_is_an_address(string text, int port, string? expected)
    {
        Assert.True(SipUri.TryParse(Utf8(text), out SipUri uri));
        Assert.Equal(expected != null, uri.TryGetAddress(port, out TransportAddress address));
        if (expected != null) Assert.Equal(expected, address.ToString());
    }
}
