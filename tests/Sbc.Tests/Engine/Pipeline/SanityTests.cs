using Sbc.Engine.Pipeline;
using Sbc.Sip.Message;
using Sbc.Tests.Sip.Message;
using Xunit;

namespace Sbc.Tests.Engine.Pipeline;

/// <summary>A good request with one thing changed: what each strictness says to it.</summary>
public sealed class SanityTests
{
    private const string Good = """
        MESSAGE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.33:5060;branch=z9hG4bK74;rport
        Max-Forwards: 70
        From: "Alice" <sip:alice@example.com>;tag=9f
        To: <sip:bob@example.com>
        Call-ID: 3848@192.0.2.33
        CSeq: 1 MESSAGE
        Contact: <sip:alice@192.0.2.33:5060>
        Content-Type: text/plain
        Content-Length: 2

        hi
        """;

    [Fact]
    public void A_good_request_passes() => Assert.Equal((0, 0), Check(Good));

    /// <summary>What has one meaning and is not in the grammar: a tolerant realm accepts it.</summary>
    [Theory]
    [InlineData("Max-Forwards: 70\n", "")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 300")]
    [InlineData(";tag=9f", "")]
    [InlineData(";branch=z9hG4bK74", ";branch=z9hG4bK")]
    [InlineData(";branch=z9hG4bK74", ";branch=")]
    [InlineData(";branch=z9hG4bK74", ";;branch=z9hG4bK74")]
    [InlineData("z9hG4bK74", "z9hG4bK/74==")]
    [InlineData(";tag=9f", ";tag=a/b=")]
    [InlineData("\"Alice\"", "M\u00fcller (B\u00fcro)")]
    [InlineData("\"Alice\"", "alice@home")]
    [InlineData("\"Alice\"", "\"A\" \"B\"")]
    [InlineData("<sip:bob@example.com>", "< sip:bob@example.com >")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@ex_ample.com>")]
    [InlineData("<sip:bob@example.com>", "<sip:b%4@example.com>")]
    [InlineData("<sip:bob@example.com>", "<sip:b\u00fcb@example.com>")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com;x=y@z>")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com>;x=\u00fc")]
    [InlineData("sip:bob@example.com SIP", "sip:b|b@example.com SIP")]
    [InlineData("sip:bob@example.com SIP", "sip::secret@example.com SIP")]
    [InlineData("3848@192.0.2.33", "3848 @192.0.2.33")]
    [InlineData("3848@192.0.2.33", "3848@192@0.2.33")]
    [InlineData("3848@192.0.2.33", "3848;x=y")]
    [InlineData("Content-Type: text/plain\n", "")]
    [InlineData("To: ", "Subject: \u0007\nTo: ")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "<sip:a^b@192.0.2.33>")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "<sip:alice@192.0.2.33>;;q=1")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "<sip:alice@192.0.2.33>, http://x?y=z")]
    public void Only_a_strict_realm_refuses_what_is_untidy(string old, string changed) =>
        Assert.Equal((0, 400), Check(Good.Replace(old, changed)));

    [Fact]
    public void Only_a_strict_realm_refuses_lone_line_feeds_and_text_that_is_no_UTF_8()
    {
        byte[] wire = SipSamples.Wire(Good);
        Assert.Equal((0, 400), Check(SipSamples.Utf8(SipSamples.Text(wire).Replace("70\r\n", "70\n"))));
        byte[] latin = System.Text.Encoding.Latin1.GetBytes(SipSamples.Text(wire).Replace("Alice", "Al\u00efce"));
        Assert.Equal((0, 400), Check(latin));
    }

    /// <summary>What is unusual and in the grammar: nobody refuses it.</summary>
    [Theory]
    [InlineData("Via: ", "v : ")]
    [InlineData(";branch=z9hG4bK74;rport", ";rport ; ttl=1;maddr=192.0.2.1;received=2001:db8::1;branch=before3261")]
    [InlineData(";branch=z9hG4bK74;rport", "")]
    [InlineData("192.0.2.33:5060;", "[2001:db8::33] : 5060 ;")]
    [InlineData(";rport", ";rport, SIP / 2.0 / TCP\n  h ;branch=z9hG4bK1\nVia: SIP/2.0/SCTP i")]
    [InlineData("\"Alice\"", "\"A, \\\"<sip:x>;tag=1\\\\\"")]
    [InlineData("\"Alice\"", "Al ice'.`")]
    [InlineData("\"Alice\" <", "<")]
    [InlineData("\"Alice\" <", "Alice<")]
    [InlineData(";tag=9f", ";x=\"a;tag=1,\\\"\";tag=9f;y")]
    [InlineData("To: <sip:bob@example.com>", "t:sip:bob@example.com;tag=1")]
    [InlineData("To: <sip:bob@example.com>", "To:\n <sips:bob;x=y:pw@[2001:db8::1]:5061;transport=tls?Subject=a%20b>")]
    [InlineData("To: <sip:bob@example.com>", "To: <tel:+49-30-1;phone-context=x;isub=1>")]
    [InlineData("To: <sip:bob@example.com>", "To: isbn:2983792873")]
    [InlineData("CSeq: 1 MESSAGE", "cseq:\n 0001\n\tMESSAGE")]
    [InlineData("Max-Forwards: 70", "MAX-FORWARDS : 0255")]
    [InlineData("Contact: <sip:alice@192.0.2.33:5060>", "Contact: <sip:a@b>;q=0.5, \"x, y\" <sip:c@d>\nm: <sip:e>")]
    [InlineData("Contact: <sip:alice@192.0.2.33:5060>", "Subject:\nWarning: 399 h \"a\\\"b, c\"\nX-Y: ;;,,;")]
    [InlineData("Contact: <sip:alice@192.0.2.33:5060>", "Authorization: Digest username=\"a\\\",b\", nonce=\"<\"")]
    [InlineData("sip:bob@example.com SIP", "tel:+4930;phone-context=x SIP")]
    [InlineData("sip:bob@example.com SIP", "sips:b%00b;p=1@[2001:db8::1]:5061;lr SIP")]
    [InlineData("MESSAGE", "NEW-method'1")]
    [InlineData("3848@192.0.2.33", "a(b)<c>:\\\"/[]?{d}")]
    [InlineData("Content-Length: 2\n", "")]
    [InlineData("Content-Length: 2", "l:  002")]
    [InlineData("\n\nhi", "\n\nhi, and more that nobody asked for")]
    public void Nobody_refuses_what_the_grammar_has(string old, string changed) =>
        Assert.Equal((0, 0), Check(Good.Replace(old, changed)));

    /// <summary>What two readers could take for two messages, or what names no dialog.</summary>
    [Theory]
    [InlineData("From: ", "From: <sip:x>;tag=1\nFrom: ")]
    [InlineData("To: ", "t: <sip:x>\nTo: ")]
    [InlineData("Call-ID: ", "i: x\nCall-ID: ")]
    [InlineData("CSeq: ", "CSeq: 2 MESSAGE\nCSeq: ")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 70\nMax-Forwards: 70")]
    [InlineData("Content-Length: 2", "Content-Length: 2\nl: 2")]
    [InlineData("Content-Type: text/plain", "Content-Type: text/plain\nc: application/sdp")]
    [InlineData("Contact: ", "Refer-To: <sip:a>\nr: <sip:b>\nContact: ")]
    [InlineData("Contact: ", "Replaces: a;to-tag=1;from-tag=2\nReplaces: b;to-tag=1;from-tag=2\nContact: ")]
    [InlineData("Contact: ", "Session-Expires: 90\nx: 1800\nContact: ")]
    [InlineData("From: \"Alice\" <sip:alice@example.com>;tag=9f\n", "")]
    [InlineData("CSeq: 1 MESSAGE\n", "")]
    [InlineData("Call-ID: 3848@192.0.2.33", "Call-ID:")]
    [InlineData("CSeq: 1 MESSAGE", "CSeq: 1 INVITE")]
    [InlineData("CSeq: 1 MESSAGE", "CSeq: 1 message")]
    [InlineData("CSeq: 1 MESSAGE", "CSeq: 4294967297 MESSAGE")]
    [InlineData("Max-Forwards: 70", "Max-Forwards:")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 4294967296")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: -1")]
    [InlineData(";tag=9f", ";tag=9f;tag=8")]
    [InlineData(";tag=9f", ";tag=9f;TAG=9f")]
    [InlineData(";tag=9f", ";tag=")]
    [InlineData(";tag=9f", ";tag=a b")]
    [InlineData(";tag=9f", ";tag=\"a\"")]
    [InlineData(";tag=9f", ";x=\"open;tag=9f")]
    [InlineData(";tag=9f", ";x=a\"b;tag=9f;y=\"c")]
    [InlineData("\"Alice\" <", "Bell, Alice <")]
    [InlineData("\"Alice\" <", "sip:eve@x;tag=1 <")]
    [InlineData("\"Alice\" <", "\"Alice <")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com>, <sip:eve@x>")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com> x")]
    [InlineData("<sip:bob@example.com>", "<sip:bob @example.com>")]
    [InlineData("<sip:bob@example.com>", "<sip:b\"b@example.com>")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com:70000>")]
    [InlineData("<sip:bob@example.com>", "<sip:bob@2001:db8::1>")]
    [InlineData("<sip:bob@example.com>", "<bob>")]
    [InlineData("<sip:bob@example.com>", "")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "<sip:open, <sip:alice@192.0.2.33>")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "")]
    [InlineData("<sip:alice@192.0.2.33:5060>", "sip:alice@192.0.2.33?Route=x")]
    [InlineData("sip:bob@example.com SIP", "sip:bob@example.com?Route=x SIP")]
    [InlineData("sip:bob@example.com SIP", "<sip:bob@example.com> SIP")]
    [InlineData("sip:bob@example.com SIP", "sip:b\"b@example.com SIP")]
    [InlineData("sip:bob@example.com SIP", "* SIP")]
    [InlineData(";rport", ";rport, x")]
    [InlineData(";rport", ";rport,")]
    public void Everybody_refuses_what_is_ambiguous_or_has_no_dialog(string old, string changed) =>
        Assert.Equal((400, 400), Check(Good.Replace(old, changed)));

    [Theory]
    [InlineData("sip:bob@example.com SIP", "http://bob SIP", 416)]
    [InlineData("MESSAGE sip", "NEWMETHOD sip", 501)]
    public void Some_refusals_have_their_own_code(string old, string changed, int code) =>
        Assert.Equal((code, code), Check(Good.Replace(old, changed)));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("Via", "X", true)]
    [InlineData("Max-Forwards: 70", "Max-Forwards: x\nExpires: 1\nExpires: 2", true)]
    [InlineData("To: ", "To: <sip:x>\nTo: ", false)]
    [InlineData("Content-Length: 2", "Content-Length: 2\nContent-Length: 1", false)]
    [InlineData("Content-Type: text/plain", "Content-Type: text/plain\nc: application/sdp", false)]
    [InlineData("Call-ID: ", "X: ", false)]
    [InlineData("<sip:bob@example.com>", "<sip:bob@example.com>;tag=1;tag=2", false)]
    public void A_response_is_taken_when_it_has_one_dialog_and_one_body(string old, string changed, bool taken)
    {
        string text = Good.Replace("MESSAGE sip:bob@example.com SIP/2.0", "SIP/2.0 200 OK");
        SipMessage response = SipSamples.Parse(
            SipSamples.Wire(old.Length == 0 ? text : text.Replace(old, changed)), out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.Equal(taken, Sanity.CheckResponse(response));
    }

    [Theory]
    [InlineData("Require: timer", "")]
    [InlineData("Require: a", "Unsupported: a\r\n")]
    [InlineData("Require: a, timer ,b\nProxy-Require: c\nRequire: d,,e", "Unsupported: a, b, d, e, c\r\n")]
    [InlineData("Proxy-Require: a", "Unsupported: a\r\n")]
    [InlineData("Require: a\n b", "")]
    public void A_420_names_every_option_that_is_required_and_not_supported(string lines, string expected)
    {
        SipMessage request = SipSamples.Parse(SipSamples.Wire(Good.Replace("To: ", lines + "\nTo: ")), out _);
        Assert.Equal(lines != "Require: timer", UnsupportedOptions.Any(request));
        byte[] line = new byte[UnsupportedOptions.LineBytesMax];
        Assert.Equal(expected, SipSamples.Text(UnsupportedOptions.Write(request, line)));
    }

    [Fact]
    public void However_many_options_are_required_the_line_that_names_them_ends()
    {
        string options = string.Join(',', Enumerable.Range(0, 3000).Select(i => $"option-{i}"));
        byte[] wire = SipSamples.Wire(Good.Replace("To: ", $"Require: {options}\nTo: "));
        SipMessage request = SipSamples.Parse(wire, out _);
        byte[] line = new byte[UnsupportedOptions.LineBytesMax];
        string text = SipSamples.Text(UnsupportedOptions.Write(request, line));
        Assert.StartsWith("Unsupported: option-0, option-1, ", text);
        Assert.EndsWith("\r\n", text);
    }

    private static (int Tolerant, int Strict) Check(string text) => Check(SipSamples.Wire(text));

    private static (int Tolerant, int Strict) Check(byte[] wire)
    {
        SipMessage request = SipSamples.Parse(wire, out ParseError error);
        int refusal = Sanity.OfStartLine(error);
        if (refusal == 0) Assert.Equal(ParseError.None, error);
        return refusal != 0
            ? (refusal, refusal)
            : (Sanity.Check(request, isStrict: false), Sanity.Check(request, isStrict: true));
    }
}
