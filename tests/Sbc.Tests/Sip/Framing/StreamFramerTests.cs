using System.Text;
using Sbc.Sip;
using Sbc.Sip.Framing;
using Sbc.Sip.Message;
using Sbc.Tests.Sip.Corpus;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Framing;

public sealed class StreamFramerTests
{
    private const string Start = "BYE sip:b SIP/2.0\r\n";

    // what arrives | the frames: a message's length, "," before the next, "..." where more is needed
    [Theory]
    [InlineData(Start + "l: 0\r\n\r\n", "27")]
    [InlineData(Start + "l: 4\r\n\r\nbody", "31")]
    [InlineData(Start + "l: 4\r\n\r\nbodyBYE", "31,...")]
    [InlineData(Start + "l: 4\r\n\r\nbod", "...")]
    [InlineData(Start + "l: 4\r\n\r", "...")]
    [InlineData(Start + "l: 0\r\n\r\n" + Start + "l: 1\r\n\r\nx\r\n", "27,28,Pong")]
    [InlineData("\r\n\r\n", "Pong,Ping")]
    [InlineData("\r\n\r\n\r\n\r\n", "Pong,Ping,Pong,Ping")]
    [InlineData("\r\n" + Start + "l: 0\r\n\r\n\r\n\r\n", "Pong,27,Pong,Ping")]
    [InlineData("\r\n\r\n" + Start + "l: 0\r\n\r\n", "Pong,Ping,27")]
    [InlineData("\r", "...")]
    [InlineData("", "...")]
    [InlineData("SIP/2.0 200 OK\r\nContent-Length : \r\n\t 0002 \r\nVia: x\r\n\r\nab", "56")]
    [InlineData("SIP/2.0 200 OK\r\nX: Content-Length: 9\r\n Content-Length: 8\r\nCONTENT-LENGTH:1\r\n\r\na", "79")]
    [InlineData("\n", "NotSip")]
    [InlineData("\rx", "NotSip")]
    [InlineData("\r\n\n", "Pong,NotSip")]
    [InlineData("\u0016\u0003\u0001", "NotSip")]
    [InlineData(" BYE", "NotSip")]
    [InlineData(Start + "\r\n", "NoContentLength 21")]
    [InlineData(Start + "Via: x\r\n l: 1\r\n\r\n", "NoContentLength 36")]
    [InlineData(Start + "l: 1\r\nContent-Length: 1\r\n\r\nx", "BadContentLength 46")]
    [InlineData(Start + "l: \r\n\r\n", "BadContentLength 26")]
    [InlineData(Start + "l: -1\r\n\r\n", "BadContentLength 28")]
    [InlineData(Start + "l: 1,1\r\n\r\n", "BadContentLength 29")]
    [InlineData(Start + "l: 4294967296\r\n\r\n", "BadContentLength 36")]
    [InlineData(Start + "l: 65505\r\n\r\n", "...")]
    [InlineData(Start + "l: 65506\r\n\r\n", "BodyTooLong 31")]
    [InlineData("BYE sip:b SIP/2.0\nl: 0\n\n", "BadLineEnd")]
    [InlineData(Start + "l: 0\n\r\n", "BadLineEnd")]
    [InlineData(Start + "l: 0\r\n\n", "BadLineEnd")]
    [InlineData(Start + "l: 0\rx", "BadLineEnd")]
    public void A_stream_comes_apart(string stream, string expected)
    {
        Assert.Equal(expected, Frames(Encoding.Latin1.GetBytes(stream), int.MaxValue));
        Assert.Equal(expected, Frames(Encoding.Latin1.GetBytes(stream), 1));
    }

    [Fact]
    public void A_header_section_that_does_not_end_within_its_limit_is_an_error()
    {
        string head = $"{Start}l: 0\r\nX: ";
        string filler = new('x', SipLimits.StreamHeaderBytesMax - head.Length - 4);
        Assert.Equal($"{SipLimits.StreamHeaderBytesMax}", Frames(Utf8($"{head}{filler}\r\n\r\n"), int.MaxValue));
        Assert.Equal("HeaderTooLong", Frames(Utf8($"{head}{filler}x\r\n\r\n"), int.MaxValue));
        Assert.Equal("HeaderTooLong", Frames(Utf8($"{head}{filler}{filler}"), 1000));
    }

    [Fact]
    public void Nothing_is_a_message_after_an_error()
    {
        var framer = new StreamFramer();
        byte[] first = Utf8(Start + "\r\n");
        Assert.Equal(FramingError.NoContentLength, framer.Next(first).Error);
        Assert.Equal(FramingError.NoContentLength, framer.Next(Utf8(Start + "l: 0\r\n\r\n")).Error);
    }

    /// <summary>What the datagram parser reads is cut off the stream at the same place, however it arrives.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(int.MaxValue)]
    public void Real_messages_one_after_the_other_are_told_apart(int chunk)
    {
        List<byte[]> messages = [Invite];
        if (CorpusFolder.Find("messages") is { } folder)
            messages.AddRange(CorpusFolder.Messages(folder).Select(message => message.Bytes).Where(IsForStreams));
        string expected = string.Join(',', messages.Select(message => message.Length));
        Assert.Equal(expected, Frames([.. messages.SelectMany(message => message)], chunk));
    }

    private static bool IsForStreams(byte[] bytes)
    {
        SipMessage message = Parse(bytes, out ParseError error);
        return error == ParseError.None && message.CountOf(HeaderName.ContentLength) == 1 &&
            !message.HasBareLineFeed && message.BodyStart + message.BodyLength == bytes.Length;
    }

    /// <summary>The stream arrives in chunks, and is looked at after each of them.</summary>
    private static string Frames(byte[] stream, int chunk)
    {
        var seen = new List<string>();
        var framer = new StreamFramer();
        int taken = 0;
        long arrived = 0;
        while (true)
        {
            arrived = Math.Min(arrived + chunk, stream.Length);
            while (true)
            {
                StreamFrame frame = framer.Next(stream.AsSpan(taken, (int)arrived - taken));
                if (frame.Kind == FrameKind.Incomplete) break;
                taken += frame.Length;
                seen.Add(frame.Kind switch
                {
                    FrameKind.Message => $"{frame.Length}",
                    FrameKind.Error => $"{frame.Error} {frame.HeaderLength}".Replace(" 0", ""),
                    _ => $"{frame.Kind}",
                });
                if (frame.Kind == FrameKind.Error || taken == stream.Length) return string.Join(',', seen);
            }
            if (arrived == stream.Length) return string.Join(',', seen.Append("..."));
        }
    }
}
