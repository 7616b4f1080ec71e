using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Offers that meet (RFC 3264 4, RFC 3311 5.2, RFC 6337 4.1): none is lost or taken for another.</summary>
public class GlareTests : MediaLadder
{
    private const string Audio = "m=audio 9000 RTP/AVP 0";
    private const string Heading = "Contact: <sip:bob@{proxy}>\n";
    private const string AliceHeading = "Contact: <sip:alice@{alice}>\n";

    [Fact]
    public void The_ack_of_an_answered_offer_does_not_end_the_next_one()
    {
        Ladder.Run(Invite(Alice(Audio)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "\nm=audio {b} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", Heading + Bob("m=audio 8000 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(FromProxy("UPDATE", "U1", 1, Heading + Bob("m=audio 8500 RTP/AVP 0", 2)));
        Ladder.Run(Expect("alice", "box", "U2", "UPDATE *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Ladder.Run(Response("alice", "box", "U2", "200 OK", "U3", "", AliceHeading + Alice(Audio)));
        Ladder.Run(Expect("proxy", "core", "U4", "SIP/2.0 200 *", "\nm=audio {b} RTP/AVP 0"));
        Assert.Equal(3, Heard("10.0.0.21:8500", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp();
    }

    [Fact]
    public void An_invite_without_an_offer_waits_for_the_answer_of_another_one()
    {
        Plain();
        Ladder.Run(FromAlice("UPDATE", "U1", 2, AliceHeading + Alice(Audio + "\na=sendonly", 2)));
        Ladder.Run(Expect("proxy", "core", "U2", "UPDATE *", "\na=sendonly"));
        Ladder.Run(FromProxy("INVITE", "V1", 1, Heading) + "\n" + Expect("proxy", "core", "T", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "V2", "SIP/2.0 491 *") + "\nalice <- box: nothing within 50 ms");
        Ladder.Run(FromProxy("ACK", "V3", 1));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U3", "", Bob("m=audio 8000 RTP/AVP 0\na=recvonly", 2)));
        Ladder.Run(Expect("alice", "box", "U4", "SIP/2.0 200 *", "\na=recvonly"));
        HangUp(3);
    }

    [Fact]
    public void An_offer_waits_for_one_that_an_invite_has_asked_for()
    {
        Plain();
        Ladder.Run(FromAlice("INVITE", "I1", 2, AliceHeading) + "\n" + Expect("alice", "box", "T", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "I2", "INVITE *"));
        Ladder.Run(FromProxy("UPDATE", "V1", 1, Heading + Bob("m=audio 8100 RTP/AVP 0", 2)));
        Ladder.Run(Expect("proxy", "core", "V2", "SIP/2.0 491 *") + "\nalice <- box: nothing within 50 ms");
        Ladder.Run(FromAlice("UPDATE", "W1", 3, AliceHeading + Alice(Audio, 2)));
        Ladder.Run(Expect("alice", "box", "W2", "SIP/2.0 500 *", "Retry-After: *"));
        Ladder.Run(Response("proxy", "core", "I2", "200 OK", "I3", "", Heading + Bob("m=audio 8500 RTP/AVP 0", 2)));
        Ladder.Run(Expect("alice", "box", "I4", "SIP/2.0 200 *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(FromAlice("ACK", "I5", 2, Alice("m=audio 9500 RTP/AVP 0", 2)));
        Ladder.Run(Expect("proxy", "core", "I6", "ACK *", "\nm=audio {b} RTP/AVP 0"));
        Assert.Equal(3, Heard("203.0.113.7:9500", "10.0.0.21:8500", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("10.0.0.21:8500", "203.0.113.7:9500", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(4);
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("500 Later")]
    public void What_becomes_of_one_update_says_nothing_of_another(string status)
    {
        Plain();
        Ladder.Run(FromAlice("UPDATE", "U1", 2, AliceHeading + Alice("m=audio 9500 RTP/AVP 0", 2)));
        Ladder.Run(Expect("proxy", "core", "U2", "UPDATE *", "\nm=audio {b} RTP/AVP 0"));
        Ladder.Run(FromAlice("UPDATE", "W1", 3, AliceHeading.TrimEnd()) + "\n" +
            Expect("proxy", "core", "W2", "UPDATE *"));
        Ladder.Run(Response("proxy", "core", "W2", status, "W3"));
        Ladder.Run(Expect("alice", "box", "W4", $"SIP/2.0 {status[..3]} *"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U3", "", Bob("m=audio 8500 RTP/AVP 0", 2)));
        Ladder.Run(Expect("alice", "box", "U4", "SIP/2.0 200 *", "\nm=audio {a} RTP/AVP 0"));
        Assert.Equal(3, Heard("203.0.113.7:9500", "10.0.0.21:8500", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp(4);
    }

    [Fact]
    public void What_a_refused_invite_goes_back_to_has_no_line_that_was_closed()
    {
        Call(Alice(Audio + "\nm=video 9002 RTP/AVP 31"), "m=video 300* RTP/AVP 31",
            Bob("m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31"), "m=video 0 RTP/AVP 31");
        Ladder.Run(FromAlice("INVITE", "I1", 2, AliceHeading) + "\n" + Expect("alice", "box", "T", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "I2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "I2", "491 Later", "I3") + "\n" + Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run(Expect("alice", "box", "I4", "SIP/2.0 491 *"));
        Ladder.Run("alice -> box: A\n  ACK {F4.ContactUri} SIP/2.0\n  [I1 Via From Call-ID]\n" +
            "  To: {F4.To}\n  Max-Forwards: 70\n  CSeq: 2 ACK");
        Reinvite(3, Alice("m=image 9000 udptl t38\nm=text 9002 RTP/AVP 98", 2),
            "m=image {b} udptl t38\nm=text {d} RTP/AVP 98", "200 OK",
            Bob("m=image 8000 udptl t38\nm=text 8002 RTP/AVP 98", 2),
            "m=image {a} udptl t38\nm=text {c} RTP/AVP 98");
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("203.0.113.7:9002", "10.0.0.21:8002", $"10.0.0.10:{Ladder.Value("d")}"));
        Assert.Equal(3, Heard("10.0.0.21:8002", "203.0.113.7:9002", $"192.0.2.10:{Ladder.Value("c")}"));
        Simulator.RunFor(1000);
        Assert.Equal(2, Streams);
        HangUp(4);
    }

    [Fact]
    public void A_call_that_was_answered_without_a_session_gets_one_later()
    {
        Ladder.Run(Invite() + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2 INVITE", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "{+bobtag}", Heading));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6 ACK", "ACK *"));
        Reinvite(2, Alice(Audio), "m=audio {b} RTP/AVP 0", "200 OK", Bob("m=audio 8000 RTP/AVP 0"),
            "m=audio {a} RTP/AVP 0");
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(3);
    }

    [Fact]
    public void What_an_end_could_do_is_no_new_description_of_its_session()
    {
        Plain();
        Ladder.Run(FromAlice("OPTIONS", "O1", 2) + "\n" + Expect("proxy", "core", "O2", "OPTIONS *"));
        Ladder.Run(Response("proxy", "core", "O2", "200 OK", "O3", "", Bob("m=audio 0 RTP/AVP 0 8 9", 2)));
        Ladder.Run(Expect("alice", "box", "O4", "SIP/2.0 200 *", "\nm=audio 0 RTP/AVP 0 8 9\no=- {es} 1 IN *"));
        Reinvite(3, Alice(Audio + "\na=sendonly", 2), "o=- {cs} 2 IN *", "200 OK",
            Bob("m=audio 8000 RTP/AVP 0\na=recvonly", 3), "o=- {es} 2 IN *");
        HangUp(4);
    }

    private void Plain() => Call(
        Alice(Audio), "m=audio {b} RTP/AVP 0\no=- {cs} 1 IN *", Bob("m=audio 8000 RTP/AVP 0"),
        "m=audio {a} RTP/AVP 0\no=- {es} 1 IN *");
}
