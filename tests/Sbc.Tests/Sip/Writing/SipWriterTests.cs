using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Writing;

public class SipWriterTests
{
    [Fact]
    public void A_message_is_written_front_to_back()
    {
        var writer = new SipWriter(new byte[500]);
        writer.RequestLine("BYE"u8, "sip:b"u8);
        writer.Header("To: "u8, "<sip:b>"u8);
        writer.Header("Expires: "u8, 3600);
        writer.Raw("Contact: <sip:"u8);
        writer.HostPort(TransportAddress.FromIPv4(0xC0000201, 5060));
        writer.Raw(">\r\n"u8);
        int at = writer.ContentLengthPlaceholder();
        writer.EndLine();
        writer.Raw("body"u8);
        writer.FillContentLength(at, 4);
        Assert.False(writer.Overflowed);
        Assert.Equal(
            "BYE sip:b SIP/2.0\r\nTo: <sip:b>\r\nExpires: 3600\r\nContact: <sip:192.0.2.1:5060>\r\n" +
            "Content-Length:     4\r\n\r\nbody",
            writer.ToString());
        SipMessage message = Parse(writer.Written.ToArray(), out ParseError error);
        Assert.Equal(ParseError.None, error);
        Assert.Equal("body", Text(message.Body));
    }

    [Fact]
    public void However_short_the_slot_nothing_is_written_past_its_end_and_overflow_is_remembered()
    {
        for (int length = 0; ; length++)
        {
            byte[] memory = new byte[length + 64];
            memory.AsSpan(length).Fill(0xEE);
            var writer = new SipWriter(memory.AsSpan(0, length));
            WriteSomething(ref writer);
            Assert.True(memory.AsSpan(length).IndexOfAnyExcept((byte)0xEE) < 0, $"{length} bytes were overrun");
            Assert.True(writer.Length <= length);
            if (!writer.Overflowed) break;
            Assert.True(length < 400, "never fits");
        }
    }

    [Fact]
    public void A_field_is_copied_as_it_came_and_ends_in_CRLF()
    {
        const string Wire = "BYE sip:b SIP/2.0\r\nTo: a\nFrom : b\r\n  c\nVia: d \r\n\r\n";
        SipMessage message = Parse(Wire, out ParseError error);
        Assert.Equal(ParseError.None, error);
        var writer = new SipWriter(new byte[100]);
        for (int i = 0; i < message.HeaderCount; i++) writer.Copy(message, i);
        Assert.Equal("To: a\r\nFrom : b\r\n  c\r\nVia: d \r\n", writer.ToString());
    }

    private static void WriteSomething(ref SipWriter writer)
    {
        writer.StatusLine(200, "OK"u8);
        writer.Header("Expires: "u8, long.MinValue);
        writer.Host(TransportAddress.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 1));
        writer.HostPort(TransportAddress.FromIPv4(uint.MaxValue, 65535));
        int at = writer.ContentLengthPlaceholder();
        writer.Byte((byte)'x');
        writer.FillContentLength(at, 65535);
    }

    [Fact]
    public void The_ACK_to_a_failure_and_the_CANCEL_take_from_the_INVITE_what_the_RFC_says()
    {
        SipMessage invite = Parse(
            "INVITE sip:b@h;x=y SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nRoute: <sip:p;lr>\r\n" +
            "Route: <sip:q;lr>\r\nContact: <sip:c>\r\nFrom: <sip:f>;tag=1\r\nt: <sip:b@h>\r\ni: id\r\n" +
            "CSeq: 0007  INVITE\r\nl: 1\r\n\r\nx",
            out _);
        SipMessage response = Parse("SIP/2.0 486 Busy\r\nTo: <sip:b@h>;tag=2\r\n\r\n", out _);
        const string Rest =
            " sip:b@h;x=y SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nRoute: <sip:p;lr>\r\n" +
            "Route: <sip:q;lr>\r\nFrom: <sip:f>;tag=1\r\nTo: <sip:b@h>{0}\r\nCall-ID: id\r\nCSeq: 7 {1}\r\n" +
            "Content-Length: 0\r\n\r\n";
        var writer = new SipWriter(new byte[1000]);
        DerivedRequest.WriteAck(ref writer, invite, response);
        Assert.Equal("ACK" + string.Format(null, Rest, ";tag=2", "ACK"), writer.ToString());
        writer = new SipWriter(new byte[1000]);
        DerivedRequest.WriteCancel(ref writer, invite, default);
        Assert.Equal("CANCEL" + string.Format(null, Rest, "", "CANCEL"), writer.ToString());
    }
}
