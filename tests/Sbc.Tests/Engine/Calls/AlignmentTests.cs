using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Answers whose lines are not those of their offer (RFC 3264 6): the offerer reads a legal one.</summary>
public class AlignmentTests : MediaLadder
{
    private const string Offer = "m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVPF 96 97\nm=message 9004 TCP/MSRP *";
    private const string Refused = "m=audio {a} RTP/AVP 0\nm=video 0 RTP/AVPF 96 97\nm=message 0 TCP/MSRP *";

    [Theory]
    [InlineData("m=audio 8000 RTP/AVP 0")]
    [InlineData("m=audio 8000 RTP/AVP 0\nm=message 8004 TCP/MSRP *")]
    [InlineData("m=audio 8000 RTP/AVP 0\nm=audio 8002 RTP/AVP 0\nm=message 0 TCP/MSRP *\nm=video 8006 RTP/AVPF 96")]
    public void An_answer_gets_the_lines_of_its_offer(string answer)
    {
        Call(Alice(Offer), "m=audio {b} RTP/AVP 0\nm=video 300* RTP/AVPF 96 97", Bob(answer), Refused);
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp();
    }

    [Fact]
    public void A_refused_line_has_an_address_where_the_session_has_none()
    {
        const string answer = "Content-Type: application/sdp\n\nv=0\no=- 1 1 IN IP4 10.0.0.21\ns=-\n" +
            "m=audio 8000 RTP/AVP 0\nc=IN IP4 10.0.0.21";
        Call(Alice(Offer), "m=audio {b} RTP/AVP 0", answer, Refused + "\nc=IN IP4 192.0.2.10\n!*127.0.0.1");
        HangUp();
    }

    [Fact]
    public void An_answer_without_lines_refuses_all()
    {
        Call(Alice(Offer), "m=audio {b} RTP/AVP 0", Bob("a=nothing"), "m=audio 0 RTP/AVP 0\nm=video 0 RTP/AVPF 96 97");
        HangUp();
    }

    [Fact]
    public void An_answer_within_a_session_gets_them_too()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0"), "m=audio {b} *", Bob("m=audio 8000 RTP/AVP 0"), "m=audio {a} *");
        Reinvite(2, Alice(Offer, 2), "m=video 300* RTP/AVPF 96 97", "200 OK", Bob("m=audio 8000 RTP/AVP 0"), Refused);
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        HangUp(3);
    }

    [Fact]
    public void Its_repetition_is_the_same()
    {
        Ladder.Run(Invite("Supported: 100rel\n" + Alice(Offer)));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "183 Progress", "F3", "b",
            "Contact: <sip:bob@{proxy}>\nRequire: 100rel\nRSeq: 1\n" + Bob("m=audio 8000 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 183 *", "\no=- {es} 1 IN *\n" + Refused));
        for (int i = 0; i < 2; i++)
        {
            Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b",
                "Contact: <sip:bob@{proxy}>\n" + Bob("m=audio 8000 RTP/AVP 0")));
            Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\no=- {es} 1 IN *\n" + Refused));
        }
    }
}
