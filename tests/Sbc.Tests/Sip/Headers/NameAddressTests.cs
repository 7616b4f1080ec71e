using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Headers;

public class NameAddressTests
{
    // value | display name | URI | header parameters | tag
    [Theory]
    [InlineData("<sip:a@b>", "", "sip:a@b", "", "")]
    [InlineData("<sip:a@b>;tag=1", "", "sip:a@b", ";tag=1", "1")]
    [InlineData("<sip:a@b;tag=no>;TAG = yes ", "", "sip:a@b;tag=no", ";TAG = yes", "yes")]
    [InlineData("sip:a@b;tag=1", "", "sip:a@b", ";tag=1", "1")]
    [InlineData("sip:a@b ;x;tag=1", "", "sip:a@b", ";x;tag=1", "1")]
    [InlineData("sip:a@b", "", "sip:a@b", "", "")]
    [InlineData("Alice <sip:a@b>", "Alice", "sip:a@b", "", "")]
    [InlineData("caller<sip:a@b>;tag=1", "caller", "sip:a@b", ";tag=1", "1")]
    [InlineData("Alice B. C.\r\n <sip:a@b>", "Alice B. C.", "sip:a@b", "", "")]
    [InlineData("\"A; <b>, \\\"c\\\\\" <sip:a@b> ; tag=1", "\"A; <b>, \\\"c\\\\\"", "sip:a@b", "; tag=1", "1")]
    [InlineData("\"\" < sip:a@b >", "\"\"", "sip:a@b", "", "")]
    [InlineData("<sip:a@b>;x=\"1;tag=no>\";tag=1", "", "sip:a@b", ";x=\"1;tag=no>\";tag=1", "1")]
    [InlineData("<sip:a@b>;tag=", "", "sip:a@b", ";tag=", "")]
    [InlineData("<tel:+1;ext=2>;tag=1", "", "tel:+1;ext=2", ";tag=1", "1")]
    [InlineData("isbn:2983792873", "", "isbn:2983792873", "", "")]
    [InlineData("M\u00fcller (B\u00fcro) 2. OG <sip:a@b>", "M\u00fcller (B\u00fcro) 2. OG", "sip:a@b", "", "")]
    [InlineData("bob@example.com <sip:a@b>", "bob@example.com", "sip:a@b", "", "")]
    [InlineData("\"A\" B <sip:a@b>;tag=1", "\"A\" B", "sip:a@b", ";tag=1", "1")]
    [InlineData("<sips:a@[2001:db8::1]:5061;lr> ; tag=1", "", "sips:a@[2001:db8::1]:5061;lr", "; tag=1", "1")]
    [InlineData("<sip:a@b;x=\"y\">;tag=1", "", "sip:a@b;x=\"y\"", ";tag=1", "1")]
    [InlineData("*", "", "*", "", "")]
    public void A_value_comes_apart(string text, string display, string uri, string parameters, string tag)
    {
        Assert.True(NameAddress.TryParse(Utf8(text), out NameAddress address));
        Assert.Equal(display, Text(address.DisplayName));
        Assert.Equal(uri, Text(address.Uri));
        Assert.Equal(parameters, Text(address.Parameters));
        Assert.Equal(tag.Length > 0, address.TryGetTag(out ReadOnlySpan<byte> found));
        Assert.Equal(tag, Text(found));
        Assert.Equal(text == "*", address.IsStar);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(";tag=1")]
    [InlineData("<>")]
    [InlineData("<sip:a@b")]
    [InlineData("sip:a@b>")]
    [InlineData("\"Alice <sip:a@b>")]
    [InlineData("\"Alice\\\" <sip:a@b>")]
    [InlineData("<sip:a@b> x")]
    [InlineData("<sip:a@b>tag=1")]
    [InlineData("Alice sip:a@b")]
    [InlineData("\"Alice\" sip:a@b")]
    [InlineData("sip:a@b?Route=x")]
    [InlineData("sip:a@b,sip:c@d")]
    [InlineData("Bell, A <sip:a@b>")]
    [InlineData("sip:x@y;tag=1 <sip:a@b>")]
    [InlineData("\"A\";tag=1 <sip:a@b>")]
    [InlineData("a>b <sip:a@b>")]
    [InlineData("<sip:open, <sip:a@b>")]
    [InlineData("<sip:a@b;x=\"c>d\">;tag=1")]
    [InlineData("<sip:a@b>;x=\"open;tag=1")]
    [InlineData("<sip:a@b>;x=\"a\"b;tag=1")]
    [InlineData("<sip:a@b>;x=a\"b;tag=1;y=c\"d")]
    [InlineData("<sip:a@b>;\"x\"=1")]
    [InlineData("<sip:a@b>;\"x;tag=1\"")]
    [InlineData("sip:a@b;x=\"open;tag=1")]
    [InlineData("sip:a@b\r\n c")]
    public void What_is_no_address_is_refused(string text) => Assert.False(NameAddress.TryParse(Utf8(text), out _));

    [Theory]
    [InlineData(";a;b=1; c = 2 ;d=\"x;y=\\\"z\" ;;e=;", "a b=1 c=2 d=\"x;y=\\\"z\" e=")]
    [InlineData("", "")]
    [InlineData(";", "")]
    [InlineData("a=1", "")]
    [InlineData(" ; a", "a")]
    [InlineData(";a==b", "a==b")]
    [InlineData(";=x;b", "=x b")]
    [InlineData(";a=\"open;b=1", "a=\"open;b=1")]
    public void Parameters_are_walked_in_their_order(string text, string expected)
    {
        var walk = new Parameters(Utf8(text));
        var seen = new List<string>();
        while (walk.MoveNext()) seen.Add(Text(walk.Name) + (walk.HasValue ? "=" + Text(walk.Value) : ""));
        Assert.Equal(expected, string.Join(' ', seen));
    }

    [Theory]
    [InlineData(";tag=1;TAG=2;tagg=3;tag", 3)]
    [InlineData(";x=\";tag=1\"", 0)]
    public void Parameters_of_one_name_are_counted(string text, int count) =>
        Assert.Equal(count, Parameters.CountOf(Utf8(text), "tag"u8));

    [Theory]
    [InlineData("\"\"", true)]
    [InlineData("\"a\\\"b\\\\\"", true)]
    [InlineData("\"a\\\"", false)]
    [InlineData("\"a\"b", false)]
    [InlineData("\"a\"\"b\"", false)]
    [InlineData("\"", false)]
    [InlineData("a", false)]
    [InlineData("", false)]
    public void A_quoted_string_ends_at_its_first_quote_that_is_not_escaped(string text, bool expected) =>
        Assert.Equal(expected, Quoting.IsQuotedString(Utf8(text)));

    [Fact]
    public void The_first_parameter_of_a_name_counts_whatever_its_case()
    {
        Assert.True(Parameters.TryGet(";X=1;x=2"u8, "x"u8, out ReadOnlySpan<byte> value));
        Assert.Equal("1", Text(value));
        Assert.True(Parameters.TryGet(";lr"u8, "LR"u8, out value));
        Assert.True(value.IsEmpty);
        Assert.False(Parameters.TryGet(";lrx"u8, "lr"u8, out _));
    }

    [Theory]
    [InlineData("1 INVITE", true, 1u, SipMethod.Invite)]
    [InlineData("0009\r\n  INVITE", true, 9u, SipMethod.Invite)]
    [InlineData("2147483647 NEWMETHOD", true, 2147483647u, SipMethod.Other)]
    [InlineData("0 invite", true, 0u, SipMethod.Other)]
    [InlineData("2147483648 INVITE", false, 0u, SipMethod.Other)]
    [InlineData("36893488147419103232 REGISTER", false, 0u, SipMethod.Other)]
    [InlineData("INVITE", false, 0u, SipMethod.Other)]
    [InlineData("1", false, 0u, SipMethod.Other)]
    [InlineData("1 ", false, 0u, SipMethod.Other)]
    [InlineData("-1 INVITE", false, 0u, SipMethod.Other)]
    [InlineData("1 INVITE x", false, 0u, SipMethod.Other)]
    [InlineData("1INVITE", false, 0u, SipMethod.Other)]
    [InlineData("", false, 0u, SipMethod.Other)]
    public void CSeq_is_a_number_below_2_to_the_31_and_a_method(string text, bool parses, uint number, SipMethod method)
    {
        Assert.Equal(parses, CSeqValue.TryParse(Utf8(text), out CSeqValue cseq));
        Assert.Equal(number, cseq.Number);
        Assert.Equal(method, cseq.Method);
    }
}
