using System.Text;
using Sbc.Sip;
using Sbc.Sip.Bodies;
using Sbc.Sip.Headers;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Bodies;

public sealed class MultipartTests
{
    // body | header lines = part body, for each part, and what ended the walk
    [Theory]
    [InlineData("--b\r\nA: 1\r\n\r\nx\r\n--b--", "A: 1=x")]
    [InlineData("--b\r\nA: 1\r\n\r\nx\r\n--b--\r\n", "A: 1=x")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\nA: 1\r\nB:\r\n 2\r\n\r\ny\r\nz\r\n\r\n--b--", "=x|A: 1,B:, 2=y,z,")]
    [InlineData("preamble\r\n--b \t\r\n\r\nx\r\n--b-- \t\r\nepilogue\r\n--b\r\n\r\nno\r\n--b--", "=x")]
    [InlineData("\r\n--b\r\n\r\nx\r\n--b--", "=x")]
    [InlineData("--b\r\n\r\n--b\r\n\r\n\r\n--b--", "=|=")]
    [InlineData("--b\r\nA: 1\r\n\r\n--b--", "A: 1=")]
    [InlineData("--b\r\nA: 1\r\n\r\n\r\n--b--", "A: 1=")]
    [InlineData("--b\r\n\r\n--bc\r\nx--b\r\n -\r\n--b--x\r\n--b--", "=--bc,x--b, -,--b--x")]
    [InlineData("--b\r\n\r\nx\r\n\0\r\n--b--", "=x,\0")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n\r\ny\r\nz", "=x|=y,z Unending")]
    [InlineData("--b\r\n\r\nx\r\n", "=x, Unending")]
    [InlineData("--b\r\nA: 1\r\n\r\n", "A: 1= Unending")]
    [InlineData("--b\r\nA: 1\r\n", " BadPartHeader")]
    [InlineData("--b\r\nA: 1\r\n--b--", " BadPartHeader")]
    [InlineData("--b\r\nA 1\r\n\r\nx\r\n--b--", " BadPartHeader")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n: 1\r\n\r\nx\r\n--b--", "=x BadPartHeader")]
    [InlineData("--b\r\n A: 1\r\n\r\nx\r\n--b--", "A: 1=x")]
    [InlineData("--b\r\nA: 1\n\r\nx\r\n--b--", " BadPartHeader")]
    [InlineData("--b\r\n\r\nx\n--b\r\n\r\ny\r\n--b--", " BadDelimiter")]
    [InlineData("--b\r\n\r\nx\r\n--b\n\r\ny\r\n--b--", " BadDelimiter")]
    [InlineData("--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b", "=x BadDelimiter")]
    public void A_body_comes_apart(string body, string expected)
    {
        Assert.True(Multipart.TryOpen("multipart/mixed;boundary=b"u8, Utf8(body), out Multipart parts, out _));
        var seen = new List<string>();
        while (parts.MoveNext())
        {
            BodyPart part = parts.Current;
            Assert.Equal(Text(part.Body), Text(Utf8(body).AsSpan(part.Start, part.Length)));
            string headers = Text(part.Headers).Trim(' ', '\r', '\n').Replace("\r\n", ",");
            seen.Add($"{headers}={Text(part.Body).Replace("\r\n", ",")}");
        }
        string error = parts.Error == MultipartError.None ? "" : $" {parts.Error}";
        Assert.Equal(expected, string.Join('|', seen) + error);
        Assert.False(parts.MoveNext());
    }

    [Theory]
    [InlineData("multipart/mixed;boundary=b", "b", MultipartError.None)]
    [InlineData("Multipart / Alternative ; x=y ; BOUNDARY = \"b\"", "b", MultipartError.None)]
    [InlineData("multipart/x;boundary=\"a;b\"", "a;b", MultipartError.BadBoundary)]
    [InlineData("multipart/x;boundary=\"a:b c'()+_,-./=?\";type=x", "a:b c'()+_,-./=?", MultipartError.None)]
    [InlineData("multipart/mixed;boundary=7a9cbec02ceef655", "b", MultipartError.NoParts)]
    [InlineData("multipart/mixed", "b", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary", "b", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary=\"\"", "", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary=\"b \"", "b ", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary=\"b\\\"\"", "b", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary=a;boundary=b", "b", MultipartError.BadBoundary)]
    [InlineData("multipart/mixed;boundary=\"b", "b", MultipartError.NotMultipart)]
    [InlineData("application/sdp;boundary=b", "b", MultipartError.NotMultipart)]
    [InlineData("multipart;boundary=b", "b", MultipartError.NotMultipart)]
    [InlineData("", "b", MultipartError.NotMultipart)]
    public void The_boundary_is_quoted_or_not(string type, string boundary, MultipartError expected)
    {
        byte[] body = Utf8($"--{boundary}\r\n\r\nx\r\n--{boundary}--");
        bool opened = Multipart.TryOpen(Utf8(type), body, out Multipart parts, out MultipartError error);
        Assert.Equal(expected, error);
        Assert.Equal(expected == MultipartError.None, opened);
        if (!opened) return;
        Assert.True(parts.MoveNext());
        Assert.Equal("x", Text(parts.Current.Body));
    }

    [Theory]
    [InlineData(70, MultipartError.None)]
    [InlineData(71, MultipartError.BadBoundary)]
    public void A_boundary_has_70_characters_at_most(int length, MultipartError expected)
    {
        string boundary = new('b', length);
        byte[] body = Utf8($"--{boundary}\r\n\r\nx\r\n--{boundary}--");
        Multipart.TryOpen(Utf8($"multipart/mixed;boundary={boundary}"), body, out _, out MultipartError error);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no boundary")]
    [InlineData("--b--")]
    [InlineData("--b--\r\n--b\r\n\r\nx\r\n--b--")]
    public void A_body_without_a_part_is_none(string body)
    {
        Assert.False(Multipart.TryOpen("multipart/mixed;boundary=b"u8, Utf8(body), out _, out MultipartError error));
        Assert.Equal(MultipartError.NoParts, error);
    }

    [Fact]
    public void The_SDP_is_found_beside_other_parts_and_one_level_down()
    {
        const string Inner =
            "--\"in\r\nContent-Type: text/plain\r\n\r\nhello\r\n--in\r\nc: no\r\ncontent-type :\r\n " +
            "Application/SDP;x=y\r\nContent-Disposition: session\r\n\r\nv=0\r\n\r\n--in--\r\n";
        string inner = Inner.Replace("--\"in", "--in");
        byte[] body = Utf8(
            "--out\r\n\r\nplain\r\n--out\r\nContent-Type: multipart/alternative; boundary=\"in\"\r\n\r\n" +
            inner + "\r\n--out--\r\n");
        Assert.True(Multipart.TryOpen("multipart/mixed;boundary=out"u8, body, out Multipart outer, out _));
        Assert.True(outer.MoveNext());
        Assert.True(outer.Current.TryGetType(out MediaType type));
        Assert.True(type.Is("text"u8, "plain"u8));
        Assert.True(outer.MoveNext());
        Assert.True(outer.Current.TryGetHeader("content-TYPE"u8, out ReadOnlySpan<byte> contentType));
        Assert.True(Multipart.TryOpen(contentType, outer.Current.Body, out Multipart parts, out _));
        Assert.True(parts.MoveNext() && parts.MoveNext());
        Assert.True(parts.Current.TryGetType(out type) && type.IsSdp);
        Assert.True(parts.Current.TryGetHeader("Content-Disposition"u8, out ReadOnlySpan<byte> disposition));
        Assert.Equal("session", Text(disposition));
        Assert.False(parts.Current.TryGetHeader("Content-ID"u8, out _));
        Assert.Equal("v=0\r\n", Text(body.AsSpan(outer.Current.Start + parts.Current.Start, parts.Current.Length)));
        Assert.False(parts.MoveNext() || outer.MoveNext());
        Assert.Equal((MultipartError.None, MultipartError.None), (parts.Error, outer.Error));
    }

    [Fact]
    public void As_many_parts_as_the_limit_are_read_and_one_more_ends_the_walk()
    {
        var body = new StringBuilder();
        for (int i = 0; i <= SipLimits.BodyPartsMax; i++) body.Append($"--b\r\n\r\n{i}\r\n");
        byte[] wire = Utf8(body.Append("--b--").ToString());
        Assert.True(Multipart.TryOpen("multipart/mixed;boundary=b"u8, wire, out Multipart parts, out _));
        int count = 0;
        while (parts.MoveNext()) count++;
        Assert.Equal((SipLimits.BodyPartsMax, MultipartError.TooManyParts), (count, parts.Error));
    }

    [Theory]
    [InlineData("application/sdp", true)]
    [InlineData("APPLICATION / Sdp ; charset=\"a;b\"", true)]
    [InlineData("application/sdpx", false)]
    public void The_type_of_a_session_description_is_known(string text, bool isSdp)
    {
        Assert.True(MediaType.TryParse(Utf8(text), out MediaType type));
        Assert.Equal(isSdp, type.IsSdp);
        Assert.False(type.IsMultipart);
    }

    [Theory]
    [InlineData("")]
    [InlineData("application")]
    [InlineData("/sdp")]
    [InlineData("application/")]
    [InlineData("application/sdp/x")]
    [InlineData("application/s dp")]
    [InlineData("application/sdp;x=\"y")]
    [InlineData("a/b, application/sdp")]
    public void What_is_no_media_type_is_refused(string text) => Assert.False(MediaType.TryParse(Utf8(text), out _));
}
