using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Sdp;
using Xunit;
using static Sbc.Tests.Sip.Sdp.SdpSamples;

namespace Sbc.Tests.Sip.Sdp;

public sealed class SdpDescriptionTests
{
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void An_ordinary_offer_is_indexed_whatever_ends_its_lines(string lineEnd)
    {
        byte[] body = Bytes(Audio, lineEnd);
        SdpDescription sdp = Parsed(body);
        Assert.Equal("alice", Text(sdp.Origin.UserName, body));
        Assert.Equal("2890844527", Text(sdp.Origin.SessionVersion, body));
        Assert.Equal("10.1.2.3", Text(sdp.Origin.Address, body));
        SdpMedia media = Assert.Single(sdp.Media.ToArray());
        Assert.Equal(SdpMediaKind.Audio, media.Kind);
        Assert.Equal(SdpProfile.RtpAvp, media.Profile);
        Assert.True(media.IsRtp);
        Assert.Equal("0 8 101", Text(media.Formats, body));
        Assert.Equal(3, media.FormatCount);
        Assert.Equal(Address("10.1.2.3", 49170), media.Address);
        Assert.Equal(Address("10.1.2.3", 49999), media.RtcpAddress);
        Assert.False(media.IsHeld);
        Assert.Equal("m=audio 49170 RTP/AVP 0 8 101", Text(media.Line, body));
    }

    [Fact]
    public void Lines_of_the_session_apply_where_the_media_has_none()
    {
        byte[] body = Bytes(AudioAndVideo);
        SdpMedia[] media = Parsed(body).Media.ToArray();
        Assert.Equal(3, media.Length);
        Assert.Equal(SdpDirection.SendOnly, media[0].Direction);
        Assert.True(media[0].IsHeld);
        Assert.True(media[0].HasRtcpMux);
        Assert.Equal(Address("2001:db8:1::5", 5004), media[0].Address);
        Assert.Equal(5004, media[0].RtcpAddress.Port);
        Assert.Equal(SdpDirection.ReceiveOnly, media[1].Direction);
        Assert.Equal(2, media[1].PortCount);
        Assert.Equal(Address("192.168.7.7", 5006), media[1].Address);
        Assert.Equal(Address("192.168.7.7", 5007), media[1].RtcpAddress);
        Assert.True(media[2].IsRejected);
        Assert.True(media[2].Address.IsNone);
        Assert.False(media[2].IsRtp);
    }

    [Theory]
    [InlineData("IN IP4 0.0.0.0", true, true)]
    [InlineData("IN IP6 ::", true, true)]
    [InlineData("IN IP4 host.example.net", false, true)]
    [InlineData("IN IP4 2001:db8::1", false, true)]
    [InlineData("IN IP6 10.0.0.1", false, true)]
    [InlineData("IN IP6 fe80::1%eth0", false, true)]
    [InlineData("TN RFC2543 +15550000014", false, true)]
    [InlineData("IN IP4", false, true)]
    [InlineData("", false, true)]
    [InlineData("IN IP4 10.1.2.999", false, true)]
    [InlineData("IN  IP4\t10.1.2.4", false, false)]
    [InlineData("in ip4 224.2.1.1/127/3", false, false)]
    public void A_connection_is_an_address_only_as_a_literal_of_its_family(string value, bool isHeld, bool isNone)
    {
        SdpMedia media = Parsed(Bytes($"v=0\no=- 1 1 IN IP4 x\nc={value}\nm=audio 4000 RTP/AVP 0")).Media[0];
        Assert.Equal(isNone, media.Address.IsNone);
        Assert.Equal(isNone, media.RtcpAddress.IsNone);
        Assert.Equal(isHeld, media.HasUnspecifiedConnection);
        Assert.Equal(isHeld, media.IsHeld);
    }

    [Theory]
    [InlineData("a=inactive", SdpDirection.Inactive, true)]
    [InlineData("a=sendonly", SdpDirection.SendOnly, true)]
    [InlineData("a=recvonly", SdpDirection.ReceiveOnly, false)]
    [InlineData("a=sendrecv", SdpDirection.SendReceive, false)]
    [InlineData("a=ptime:20", SdpDirection.SendReceive, false)]
    public void Direction_and_hold_go_together(string line, SdpDirection direction, bool isHeld)
    {
        SdpMedia media = Parsed(Bytes($"{Audio}\n{line}")).Media[0];
        Assert.Equal(direction, media.Direction);
        Assert.Equal(isHeld, media.IsHeld);
    }

    [Theory]
    [InlineData("audio 1 RTP/AVP 0", SdpMediaKind.Audio, SdpProfile.RtpAvp, true, true)]
    [InlineData("audio 1 rtp/savp 0", SdpMediaKind.Audio, SdpProfile.RtpSavp, true, true)]
    [InlineData("video 1 RTP/SAVPF 0", SdpMediaKind.Video, SdpProfile.RtpSavpf, true, true)]
    [InlineData("text 1 RTP/AVPF 0", SdpMediaKind.Text, SdpProfile.RtpAvpf, true, true)]
    [InlineData("audio 9 UDP/TLS/RTP/SAVPF 0", SdpMediaKind.Audio, SdpProfile.UdpTlsRtpSavpf, true, true)]
    [InlineData("image 1 UDPTL t38", SdpMediaKind.Image, SdpProfile.Udptl, false, true)]
    [InlineData("application 1 UDP/DTLS/SCTP x", SdpMediaKind.Application, SdpProfile.UdpDtlsSctp, false, true)]
    [InlineData("message 1 TCP/MSRP *", SdpMediaKind.Message, SdpProfile.Other, false, false)]
    [InlineData("hologram 1 RTP/NEW 1", SdpMediaKind.Other, SdpProfile.Other, false, false)]
    [InlineData("audio 1 RTP/AVP", SdpMediaKind.Audio, SdpProfile.RtpAvp, true, true)]
    public void Profiles_tell_what_a_relay_may_do(
        string line, SdpMediaKind kind, SdpProfile profile, bool isRtp, bool isDatagram)
    {
        SdpMedia media = Parsed(Bytes($"v=0\no=- 1 1 IN IP4 x\nc=IN IP4 1.2.3.4\nm={line}")).Media[0];
        Assert.Equal((kind, profile, isRtp, isDatagram),
            (media.Kind, media.Profile, media.IsRtp, media.Profile.IsDatagram()));
    }

    [Theory]
    [InlineData("", SdpError.MalformedLine)]
    [InlineData("o=- 1 1 IN IP4 x", SdpError.NotVersionZero)]
    [InlineData("v=1\no=- 1 1 IN IP4 x", SdpError.NotVersionZero)]
    [InlineData("v=0\ns=x", SdpError.NoOrigin)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\no=- 1 1 IN IP4 y", SdpError.SecondSession)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nv=0", SdpError.SecondSession)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio 4000 RTP/AVP 0", SdpError.NoConnection)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio 65536 RTP/AVP 0", SdpError.MalformedMedia)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio -1 RTP/AVP 0", SdpError.MalformedMedia)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio 99999999999 RTP/AVP 0", SdpError.MalformedMedia)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio", SdpError.MalformedMedia)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nm=audio 4000", SdpError.MalformedMedia)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\nnothing", SdpError.MalformedLine)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\n c=IN IP4 1.2.3.4", SdpError.MalformedLine)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\na=x\rc=IN IP4 1.2.3.4", SdpError.IllegalByte)]
    [InlineData("v=0\no=- 1 1 IN IP4 x\na=x\0", SdpError.IllegalByte)]
    public void What_two_parsers_could_read_differently_is_refused(string text, SdpError expected)
    {
        byte[] body = Encoding.UTF8.GetBytes(text.Length == 0 ? "=" : text.Replace("\n", "\r\n"));
        Assert.False(new SdpDescription().TryParse(body, out SdpError error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Limits_are_errors_and_not_crashes()
    {
        string head = "v=0\no=- 1 1 IN IP4 x\nc=IN IP4 1.2.3.4\n";
        Assert.Equal(SdpLimits.MediaMax,
            Parsed(Bytes(head + string.Join('\n', Enumerable.Repeat("m=audio 0 RTP/AVP 0", 32)))).Media.Length);
        Assert.Equal(SdpError.TooManyMedia,
            Error(head + string.Join('\n', Enumerable.Repeat("m=audio 0 RTP/AVP 0", 33))));
        Assert.Equal(SdpError.TooManyEdits,
            Error(head + string.Join('\n', Enumerable.Repeat("a=candidate:1", SdpLimits.EditsMax))));
        Assert.False(new SdpDescription().TryParse(new byte[SdpLimits.BodyBytesMax + 1], out SdpError tooLong));
        Assert.Equal(SdpError.TooLong, tooLong);
        Assert.False(new SdpDescription().TryParse([], out SdpError empty));
        Assert.Equal(SdpError.Empty, empty);
    }

    [Fact]
    public void The_highest_port_has_no_next_one_for_rtcp()
    {
        SdpMedia media = Parsed(Bytes("v=0\no=- 1 1 IN IP4 x\nc=IN IP4 1.2.3.4\nm=audio 65535 RTP/AVP 0")).Media[0];
        Assert.Equal(65535, media.Address.Port);
        Assert.True(media.RtcpAddress.IsNone);
    }

    [Fact]
    public void A_description_cut_at_any_byte_is_parsed_or_refused_and_never_throws()
    {
        var sdp = new SdpDescription();
        foreach (string text in new[] { Audio, AudioAndVideo })
        {
            byte[] body = Bytes(text);
            byte[] output = new byte[body.Length * 2];
            for (int length = 0; length <= body.Length; length++)
            {
                ReadOnlySpan<byte> cut = body.AsSpan(0, length);
                if (!sdp.TryParse(cut, out _)) continue;
                Assert.True(SdpEditor.TryRewrite(sdp, cut, new SdpRewrite(Ours, 1, 1), [], output, out _));
            }
        }
    }

    [Fact]
    public void Parsing_and_rewriting_allocate_nothing()
    {
        byte[] body = Bytes(Audio);
        byte[] output = new byte[2048];
        var sdp = new SdpDescription();
        SdpMediaPorts[] ports = [new(20000, 20001)];
        // The runtime may allocate on this thread when it compiles the code anew: what is ours is in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 10; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                if (!sdp.TryParse(body, out _)) throw new InvalidOperationException();
                if (!SdpEditor.TryRewrite(sdp, body, new SdpRewrite(Ours, 1, 1), ports, output, out _)) break;
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    private static string Text(SdpRange range, byte[] body) => Encoding.UTF8.GetString(range.Of(body));
}
