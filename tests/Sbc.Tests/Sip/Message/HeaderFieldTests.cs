using System.Text;
using Sbc.Sip;
using Sbc.Sip.Message;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Message;

public class HeaderFieldTests
{
    private const string Start = "OPTIONS sip:a@b SIP/2.0\r\n";

    [Theory]
    [InlineData("Subject: lunch", "Subject", "lunch")]
    [InlineData("Subject:lunch", "Subject", "lunch")]
    [InlineData("Subject \t : lunch \t ", "Subject", "lunch")]
    [InlineData("Subject:", "Subject", "")]
    [InlineData("Subject:  ", "Subject", "")]
    [InlineData("Subject: a:b", "Subject", "a:b")]
    [InlineData("Subject:\r\n lunch", "Subject", "lunch")]
    [InlineData("Subject: I know\r\n\tyou're there", "Subject", "I know\r\n\tyou're there")]
    [InlineData("Subject: lunch\r\n \r\n  ", "Subject", "lunch")]
    [InlineData("Subject\r\n : lunch", null, null)]
    [InlineData("Subject: \u00fc\u0000", null, null)]
    [InlineData("Subject: \"\\\u0000\"", "Subject", "\"\\\u0000\"")]
    [InlineData("Subject: a\rb", null, null)]
    [InlineData("Subject: a\r\r", null, null)]
    [InlineData("Subject", null, null)]
    [InlineData(": lunch", null, null)]
    [InlineData(" : lunch", null, null)]
    [InlineData("Sub ject: lunch", null, null)]
    [InlineData("Sub\u0001ject: lunch", null, null)]
    [InlineData("Sub\u00fcject: lunch", null, null)]
    [InlineData("Sub(ject: lunch", null, null)]
    [InlineData("X-'`*!%~: \u0001\u007f", "X-'`*!%~", "\u0001\u007f")]
    public void A_header_line_gives_name_and_value_or_is_refused(string line, string? name, string? value)
    {
        SipMessage message = Parse($"{Start}{line}\r\n\r\n", out ParseError error);
        Assert.Equal(name is null ? ParseError.BadHeader : ParseError.None, error);
        Assert.Equal(name is null ? 0 : 1, message.HeaderCount);
        if (name is null) return;
        Assert.Equal(name, Text(message.NameText(0)));
        Assert.Equal(value, Text(message.Value(0)));
        Assert.Equal(line + "\r\n", Text(message.Line(0)));
    }

    [Fact]
    public void A_line_of_white_space_right_after_the_start_line_has_nothing_to_continue()
    {
        Parse($"{Start} Subject: x\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.BadHeader, error);
    }

    [Fact]
    public void Line_feeds_alone_end_lines_too()
    {
        SipMessage message = Parse("OPTIONS sip:a@b SIP/2.0\nSubject: a\nTo: c\r\n\nbody", out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.True(message.HasBareLineFeed);
        Assert.Equal("a", Text(message.Value(HeaderName.Subject)));
        Assert.Equal("c", Text(message.Value(HeaderName.To)));
        Assert.Equal("body", Text(message.Body));
    }

    [Theory]
    [InlineData("Subject: a\n b\r\n")]
    [InlineData("Subject: a\r\n b\n c\r\n")]
    public void A_fold_after_a_line_feed_alone_is_refused_as_it_would_leave_so(string lines)
    {
        Parse($"{Start}{lines}\r\n", out ParseError error);
        Assert.Equal(ParseError.BadHeader, error);
    }

    [Theory]
    [InlineData("OPTIONS sip:a@b SIP/2.0\nTo: c\r\n\r\n", true)]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nTo: c\n\r\n", true)]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nTo: c\r\n d\n\r\n", true)]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nTo: c\r\n\n", true)]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nTo: c\r\n\r\n\n", false)]
    public void A_line_feed_alone_before_the_body_is_noticed(string wire, bool expected)
    {
        Assert.Equal(expected, Parse(wire, out ParseError error).HasBareLineFeed);
        Assert.Equal(ParseError.None, error);
    }

    [Theory]
    [InlineData("\"\\\0\"", true)]
    [InlineData("\"a\\\\\\\0\"", true)]
    [InlineData("\"\\\\\0\"", false)]
    [InlineData("a\\\0", false)]
    [InlineData("\"a\" \\\0", false)]
    [InlineData("\"a\r\n \\\0\"", true)]
    public void NUL_stands_in_a_quoted_pair_of_a_quoted_string_or_nowhere(string value, bool passes)
    {
        Parse($"{Start}Subject: {value}\r\n\r\n", out ParseError error);
        Assert.Equal(passes ? ParseError.None : ParseError.BadHeader, error);
    }

    [Fact]
    public void Fields_of_one_name_are_found_in_their_order_whatever_form_and_case_they_have()
    {
        SipMessage message = WithHeaders("Via: 1", "v: 2", "To: t", "VIA : 3", "V:4", "Viaa: no", "f: from");
        Assert.Equal(4, message.CountOf(HeaderName.Via));
        Assert.True(message.TryFind(HeaderName.Via, out int index));
        var values = new StringBuilder();
        do values.Append(Text(message.Value(index)));
        while (message.TryNext(ref index));
        Assert.Equal("1234", values.ToString());
        Assert.True(message.IsRepeated(HeaderName.Via));
        Assert.False(message.IsRepeated(HeaderName.From) || message.IsRepeated(HeaderName.Contact));
        Assert.Equal("from", Text(message.Value(HeaderName.From)));
        Assert.Equal(1, message.CountOf(HeaderName.Other));
        Assert.Equal(0, message.CountOf(HeaderName.Contact));
        Assert.True(message.Value(HeaderName.Contact).IsEmpty);
        Assert.False(message.TryFind(HeaderName.Contact, out _));
    }

    [Fact]
    public void As_many_fields_as_the_limit_are_indexed_and_one_more_is_refused()
    {
        string[] lines = [.. Enumerable.Range(0, SipLimits.HeadersMax).Select(i => $"X-{i}: {i}")];
        SipMessage message = WithHeaders(lines);
        Assert.Equal(SipLimits.HeadersMax, message.HeaderCount);
        Assert.Equal("159", Text(message.Value(159)));
        Assert.Equal(SipLimits.HeadersMax, message.CountOf(HeaderName.Other));
        message = Parse($"{Start}{string.Join("\r\n", lines)}\r\nVia: x\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.TooManyHeaders, error);
        Assert.Equal(SipLimits.HeadersMax, message.HeaderCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void Positions_hold_at_the_end_of_the_longest_message(int bodyBytes)
    {
        const string Last = "\r\nTo: last\r\n\r\n";
        int filler = SipLimits.MessageBytesMax - Start.Length - 3 - Last.Length - bodyBytes;
        string wire = $"{Start}X: {new string('x', filler)}{Last}{new string('b', bodyBytes)}";
        Assert.Equal(SipLimits.MessageBytesMax, wire.Length);
        SipMessage message = Parse(wire, out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.Equal(filler, message.Value(0).Length);
        Assert.Equal("last", Text(message.Value(HeaderName.To)));
        Assert.Equal("To: last\r\n", Text(message.Line(1)));
        Assert.Equal(bodyBytes, message.Body.Length);
    }

    [Fact]
    public void A_name_at_the_very_end_of_the_longest_message_has_an_empty_value_there()
    {
        const string Last = "\r\nTo:\r\n\r\n";
        string wire = $"{Start}X: {new string('x', SipLimits.MessageBytesMax - Start.Length - 3 - Last.Length)}{Last}";
        SipMessage message = Parse(wire, out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.True(message.Has(HeaderName.To));
        Assert.Equal("", Text(message.Value(HeaderName.To)));
    }

    [Fact]
    public void More_bytes_than_positions_can_name_are_the_callers_mistake() =>
        Assert.Throws<InvalidOperationException>(() => Parse(new byte[SipLimits.MessageBytesMax + 1], out _));

    [Theory]
    [InlineData("", "abcdef", "abcdef", ParseError.None)]
    [InlineData("Content-Length: 6\r\n", "abcdef", "abcdef", ParseError.None)]
    [InlineData("l:6\r\n", "abcdef", "abcdef", ParseError.None)]
    [InlineData("Content-Length: 0006\r\n", "abcdef", "abcdef", ParseError.None)]
    [InlineData("Content-Length: 2\r\n", "abcdef", "ab", ParseError.None)]
    [InlineData("Content-Length: 0\r\n", "abcdef", "", ParseError.None)]
    [InlineData("Content-Length: 7\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    [InlineData("Content-Length: -1\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    [InlineData("Content-Length: five\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    [InlineData("Content-Length:\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    [InlineData("Content-Length: 4294967296\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    [InlineData("Content-Length: 18446744073709551622\r\n", "abcdef", "abcdef", ParseError.BadContentLength)]
    public void The_body_is_as_long_as_Content_Length_says_or_all_there_is(
        string header, string rest, string body, ParseError expected)
    {
        SipMessage message = Parse($"{Start}{header}\r\n{rest}", out ParseError error);
        Assert.Equal(expected, error);
        Assert.Equal(body, Text(message.Body));
    }

    [Fact]
    public void What_came_before_an_error_stays_readable()
    {
        SipMessage message = Parse($"{Start}Via: x\r\nTo: y\r\nbroken\r\nFrom: z\r\n\r\n", out ParseError error);
        Assert.Equal(ParseError.BadHeader, error);
        Assert.Equal("y", Text(message.Value(HeaderName.To)));
        Assert.False(message.Has(HeaderName.From));
        Assert.Equal(0, message.BodyLength);
    }
}
