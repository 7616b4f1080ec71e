using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Descriptions before the answer: early media, late offers, several phones.</summary>
public class EarlyMediaTests : MediaLadder
{
    private const string Audio = "m=audio 9000 RTP/AVP 0";
    private const string Heading = "Contact: <sip:bob@{proxy}>\n";
    private const string Reliably = Heading + "Require: 100rel\nRSeq: 1\n";

    [Theory]
    [InlineData("a", "8100", "a")]
    [InlineData("b", "8200", "a2")]
    public void An_answer_without_a_description_leads_to_the_phone_that_answers(
        string winner, string port, string told)
    {
        Begin(Alice(Audio), "m=audio {b} RTP/AVP 0");
        Ladder.Run(Ring("a", Reliably + Bob("m=audio 8100 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 183 *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(Ring("b", Reliably + Bob("m=audio 8200 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "R2", "SIP/2.0 183 *", "\nm=audio {a2} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", winner, Heading));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Assert.Equal(3, Heard($"10.0.0.21:{port}", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value(told)}"));
        Assert.Equal(3, Heard("203.0.113.7:9000", $"10.0.0.21:{port}", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp();
    }

    [Fact]
    public void A_preview_that_refuses_a_line_does_not_bind_the_answer()
    {
        Begin(Alice(Audio + "\nm=video 9002 RTP/AVP 31"), "m=audio {b} RTP/AVP 0\nm=video {d} RTP/AVP 31");
        Ladder.Run(Ring("a", Heading + Bob("m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31")));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 183 *", "\nm=audio {a} RTP/AVP 0\nm=video 0 RTP/AVP 31"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "a",
            Heading + Bob("m=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31", 2)));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\nm=audio {a} RTP/AVP 0\nm=video {c} RTP/AVP 31"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Assert.Equal(3, Heard("10.0.0.21:8002", "203.0.113.7:9002", $"192.0.2.10:{Ladder.Value("c")}"));
        HangUp();
    }

    [Fact]
    public void The_same_answer_again_is_the_same_version()
    {
        Begin(Alice(Audio), "m=audio {b} RTP/AVP 0");
        for (int i = 0; i < 2; i++)
        {
            Ladder.Run(Ring("a", Heading + Bob("m=audio 8000 RTP/AVP 0", i + 1)));
            Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 183 *", "\no=- {es} 1 IN IP4 192.0.2.10"));
        }
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "a", Heading + Bob("m=audio 8000 RTP/AVP 0", 3)));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\no=- {es} 1 IN IP4 192.0.2.10"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        HangUp();
    }

    [Fact]
    public void What_the_callee_offered_last_counts_where_its_answer_says_nothing()
    {
        Begin(Alice(Audio), "m=audio {b} RTP/AVP 0");
        Ladder.Run(Ring("a", Reliably + Bob("m=audio 8100 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 183 *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(FromProxy("UPDATE", "U1", 1, Heading + Bob("m=audio 8200 RTP/AVP 0", 2)));
        Ladder.Run(Expect("alice", "box", "U2", "UPDATE *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(Response("alice", "box", "U2", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>\n" + Alice(Audio)));
        Ladder.Run(Expect("proxy", "core", "U4", "SIP/2.0 200 *"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "a", Heading));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Assert.Equal(3, Heard("10.0.0.21:8200", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        Assert.Equal(0, At("10.0.0.21:8100").Count);
        HangUp();
    }

    [Fact]
    public void What_an_early_answer_refuses_is_not_sent_there()
    {
        Begin(Alice(Audio + "\nm=video 9002 RTP/AVP 31"), "m=audio {b} RTP/AVP 0\nm=video {d} RTP/AVP 31");
        Ladder.Run(Ring("a", Heading + Bob("m=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31")));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 183 *", "\nm=audio {a} *\nm=video {c} *"));
        Ladder.Run(Ring("a", Heading + Bob("m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31", 2)));
        Ladder.Run(Expect("alice", "box", "R2", "SIP/2.0 183 *", "\nm=video 0 RTP/AVP 31"));
        Assert.Equal(0, Heard("10.0.0.21:8002", "203.0.113.7:9002", $"192.0.2.10:{Ladder.Value("c")}"));
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
    }

    [Fact]
    public void A_late_offer_is_answered_in_the_ack()
    {
        Begin("", "!m=*");
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "a",
            Heading + Bob("m=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *",
            "\no=- {es} 1 IN IP4 192.0.2.10\nm=audio {a} RTP/AVP 0\nm=video 200* RTP/AVP 31"));
        Ladder.Run(FromAlice("ACK", "F5", 1, Alice(Audio + "\nm=video 0 RTP/AVP 31")));
        Ladder.Run(Expect("proxy", "core", "F6", "ACK *",
            "\no=- {cs} 1 IN IP4 10.0.0.10\nm=audio {b} RTP/AVP 0\nm=video 0 RTP/AVP 31"));
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp();
    }

    [Fact]
    public void A_late_offer_in_a_reliable_response_is_answered_in_the_prack()
    {
        Begin("Supported: 100rel", "!m=*");
        Ladder.Run(Ring("a", Reliably + Bob("m=audio 8000 RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 183 *", "\nm=audio {a} RTP/AVP 0"));
        Ladder.Run(FromAlice("PRACK", "P1", 2, "RAck: 1 1 INVITE\n" + Alice(Audio)));
        Ladder.Run(Expect("proxy", "core", "P2", "PRACK *", "\nm=audio {b} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "P2", "200 OK", "P3"));
        Ladder.Run(Expect("alice", "box", "P4", "SIP/2.0 200 *"));
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "a", Heading));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(3);
    }

    private void Begin(string offer, string offered)
    {
        Ladder.Run(Invite(offer) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2 INVITE", "INVITE *", "\n" + offered));
    }

    private static string Ring(string tag, string more) =>
        Response("proxy", "core", "F2", "183 Progress", "F3", tag, more);
}
