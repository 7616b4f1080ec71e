using Sbc.Sip.Message;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Message;

public class StartLineTests
{
    [Theory]
    [InlineData("INVITE sip:bob@example.com SIP/2.0", SipMethod.Invite, "INVITE", "sip:bob@example.com")]
    [InlineData("ACK sip:b SIP/2.0", SipMethod.Ack, "ACK", "sip:b")]
    [InlineData("SUBSCRIBE tel:+4930123 SIP/2.0", SipMethod.Subscribe, "SUBSCRIBE", "tel:+4930123")]
    [InlineData("invite sip:b SIP/2.0", SipMethod.Other, "invite", "sip:b")]
    [InlineData("INVITES sip:b SIP/2.0", SipMethod.Other, "INVITES", "sip:b")]
    [InlineData("!.%*_+`'~- sip:b SIP/2.0", SipMethod.Other, "!.%*_+`'~-", "sip:b")]
    [InlineData("BYE sip:b sip/2.0", SipMethod.Bye, "BYE", "sip:b")]
    [InlineData("BYE sip:SIP/2.0 Sip/2.0", SipMethod.Bye, "BYE", "sip:SIP/2.0")]
    [InlineData("OPTIONS * SIP/2.0", SipMethod.Options, "OPTIONS", "*")]
    [InlineData("MESSAGE sip:\u00fc@b SIP/2.0", SipMethod.Message, "MESSAGE", "sip:\u00fc@b")]
    public void A_request_line_gives_its_method_as_written_and_its_URI(
        string line, SipMethod method, string token, string uri)
    {
        SipMessage message = Parse(line + "\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.True(message.IsRequest);
        Assert.Equal(method, message.Method);
        Assert.Equal(token, Text(message.MethodToken));
        Assert.Equal(uri, Text(message.RequestUri));
        Assert.Equal(0, message.StatusCode);
    }

    [Theory]
    [InlineData("INVITE  sip:b SIP/2.0")]
    [InlineData("INVITE sip:b  SIP/2.0")]
    [InlineData("INVITE sip:b SIP/2.0 ")]
    [InlineData("INVITE sip:b SIP/2.0\t")]
    [InlineData("INVITE sip:b; lr SIP/2.0")]
    [InlineData("INVITE sip:b\tc SIP/2.0")]
    [InlineData("INVITE sip:b\0c SIP/2.0")]
    [InlineData("INVITE sip:b\u007f SIP/2.0")]
    [InlineData("INVITE sip:b\rVia: SIP/2.0")]
    [InlineData("INVITE   SIP/2.0")]
    [InlineData("INVITE  SIP/2.0")]
    public void White_space_and_controls_in_a_request_line_are_refused_with_its_headers_at_hand(string line)
    {
        SipMessage message = Parse(line + "\r\nCall-ID: x\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.BadStartLine, error);
        Assert.Equal(SipMethod.Invite, message.Method);
        Assert.Equal("x", Text(message.Value(HeaderName.CallId)));
        Assert.Equal("", Text(message.RequestUri));
    }

    [Theory]
    [InlineData("INVITE sip:b SIP/7.0")]
    [InlineData("INVITE sip:b SIP/2.00")]
    [InlineData("INVITE sip:b SIP/")]
    [InlineData("INVITE sip:b SIP/2.0x")]
    public void Another_version_is_told_from_what_is_no_SIP(string line)
    {
        SipMessage message = Parse(line + "\r\nCall-ID: x\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.BadVersion, error);
        Assert.Equal("x", Text(message.Value(HeaderName.CallId)));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("INVITE")]
    [InlineData("INVITE ")]
    [InlineData("INVITE SIP/2.0")]
    [InlineData(" INVITE sip:b SIP/2.0")]
    [InlineData("INV{TE sip:b SIP/2.0")]
    [InlineData("INVITE\tsip:b SIP/2.0")]
    [InlineData("INVITE sip:b SI")]
    [InlineData("\0\0\0\0")]
    [InlineData("SIP/2.0")]
    [InlineData("SIP/2.0 20 OK")]
    [InlineData("SIP/2.0 2000 OK")]
    [InlineData("SIP/2.0 4294967301 better not break the receiver")]
    [InlineData("SIP/2.0 099 OK")]
    [InlineData("SIP/2.0 700 OK")]
    [InlineData("SIP/2.0 2a0 OK")]
    [InlineData("SIP/2.0  200 OK")]
    [InlineData("SIP/3.0 200 OK")]
    [InlineData("SIP/2.0 200 OK\rVia: x")]
    [InlineData("SIP/2.0 200 O\0K")]
    [InlineData("SIP/2.0 200 O\fK")]
    [InlineData("SIP/2.0 200 O\u007fK")]
    public void Anything_else_is_not_SIP_and_leaves_nothing_of_the_message_before(string line)
    {
        var message = new SipMessage();
        Assert.Equal(ParseError.None, message.Parse(Invite, 0, Invite.Length));
        byte[] wire = Utf8(line + "\r\nCall-ID: x\r\n\r\n");
        Assert.Equal(ParseError.NotSip, message.Parse(wire, 0, wire.Length));
        Assert.False(message.IsRequest);
        Assert.Equal(SipMethod.Other, message.Method);
        Assert.Equal(0, message.HeaderCount);
        Assert.Equal(0, message.StatusCode);
        Assert.True(message.MethodToken.IsEmpty && message.RequestUri.IsEmpty && message.ReasonPhrase.IsEmpty);
        Assert.False(message.Has(HeaderName.Via));
    }

    [Theory]
    [InlineData("SIP/2.0 200 OK", 200, "OK")]
    [InlineData("SIP/2.0 100 ", 100, "")]
    [InlineData("SIP/2.0 180 still\tringing", 180, "still\tringing")]
    [InlineData("SIP/2.0 100", 100, "")]
    [InlineData("sip/2.0 486 Busy Here", 486, "Busy Here")]
    [InlineData("SIP/2.0 699  two  spaces ", 699, " two  spaces ")]
    [InlineData("SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e", 200, "= 2**3 * 5**2 \u043d\u043e")]
    public void A_status_line_gives_its_code_and_phrase(string line, int code, string phrase)
    {
        SipMessage message = Parse(line + "\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.False(message.IsRequest);
        Assert.Equal(code, message.StatusCode);
        Assert.Equal(phrase, Text(message.ReasonPhrase));
        Assert.True(message.MethodToken.IsEmpty);
    }

    [Theory]
    [InlineData("", ParseError.KeepAlive)]
    [InlineData("\r\n\r\n", ParseError.KeepAlive)]
    [InlineData("\n", ParseError.KeepAlive)]
    [InlineData("INVITE sip:b SIP/2.0", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\n", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\nVia: x", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\nVia: x\r", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\nVia: x\r\n", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\nVia: x\r\n\r", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\nVia: x\r\n ", ParseError.HeaderUnending)]
    [InlineData("INVITE sip:b SIP/2.0\r\n\r\n", ParseError.None)]
    [InlineData("\r\n\r\n\n\r\nINVITE sip:b SIP/2.0\r\n\r\n", ParseError.None)]
    [InlineData("INVITE sip:b SIP/2.0\n\n", ParseError.None)]
    public void A_message_that_ends_too_early_says_so(string wire, ParseError expected)
    {
        Parse(wire, out ParseError error);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Leading_line_ends_are_left_out_of_the_message()
    {
        SipMessage message = Parse("\r\n\r\nBYE sip:b SIP/2.0\r\nVia: x\r\n\r\nbody", out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.StartsWith("BYE", Text(message.Bytes));
        Assert.Equal("Via: x\r\n", Text(message.Line(0)));
        Assert.Equal("body", Text(message.Body));
    }
}
