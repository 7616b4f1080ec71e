using System.Text;
using Sbc.Sip.Sdp;
using Xunit;
using static Sbc.Tests.Sip.Sdp.SdpSamples;

namespace Sbc.Tests.Sip.Sdp;

/// <summary>Answers that have other lines than their offer (RFC 3264 6).</summary>
public sealed class SdpAlignmentTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 1.2.3.4\r\n";

    [Theory]
    [InlineData("audio 1 RTP/AVP 0|video 2 RTP/AVP 31", "audio 5 RTP/AVP 0|a=x",
        "m=audio 5 RTP/AVP 0|a=x|m=video 0 RTP/AVP 31|")]
    [InlineData("audio 1 RTP/AVP 0", "audio 5 RTP/AVP 0|a=x|m=video 6 RTP/AVP 31|a=y", "m=audio 5 RTP/AVP 0|a=x|")]
    [InlineData("audio 1 RTP/AVP 0|video 2/3 RTP/AVP  31 32", "video 6 RTP/AVP 31|m=audio 5 RTP/AVP 0",
        "m=audio 0 RTP/AVP 0|m=video 0 RTP/AVP  31 32|")]
    [InlineData("audio 1 RTP/AVP 0|image 2 udptl t38", "audio 0 RTP/AVP 0|m=image 6 UDPTL t38",
        "m=audio 0 RTP/AVP 0|m=image 6 UDPTL t38|")]
    [InlineData("audio 1 RTP/AVP", "", "m=audio 0 RTP/AVP|")]
    public void It_has_the_offer_s_in_the_offer_s_order(string offered, string answered, string expected)
    {
        byte[] offer = Bytes(Head + "m=" + offered.Replace("|", "\r\nm="));
        string lines = answered.Length > 0 ? "m=" + answered.Replace("|", "\r\n") : "";
        byte[] answer = Encoding.ASCII.GetBytes(Head + lines);
        SdpDescription offerSdp = Parsed(offer), answerSdp = Parsed(answer);
        byte[] output = new byte[1000];
        Assert.True(SdpAlignment.TryApply(offerSdp, offer, answerSdp, answer, output, out int written));
        Assert.Equal(Head + expected.Replace("|", "\r\n"), Encoding.ASCII.GetString(output, 0, written));
        Assert.Equal(SdpAlignment.LinesOf(offerSdp), SdpAlignment.LinesOf(Parsed(output[..written])));
        for (int length = 0; length < written; length++)
        {
            Assert.False(SdpAlignment.TryApply(
                offerSdp, offer, answerSdp, answer, output.AsSpan(0, length), out int none));
            Assert.Equal(0, none);
        }
    }

    [Theory]
    [InlineData("audio 1 RTP/AVP 0", "audio 7 RTP/SAVP 8", true)]
    [InlineData("audio 1 RTP/AVP 0", "audio 1 RTP/AVP 0|video 1 RTP/AVP 31", false)]
    [InlineData("video 1 RTP/AVP 0|audio 1 RTP/AVP 0", "audio 1 RTP/AVP 0|video 1 RTP/AVP 31", false)]
    public void Lines_are_compared_by_number_kind_and_order(string one, string other, bool expected)
    {
        ulong Lines(string text) =>
            SdpAlignment.LinesOf(Parsed(Bytes(Head + "m=" + text.Replace("|", "\r\nm="))));
        Assert.Equal(expected, Lines(one) == Lines(other));
    }
}
