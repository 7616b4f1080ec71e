using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Offer and answer (RFC 3264) through two legs: what each end reads, and what the relay does.</summary>
public class OfferAnswerTests : MediaLadder
{
    private const string Audio = "m=audio 9000 RTP/AVP 0";

    [Fact]
    public void Every_kind_of_media_has_ports_of_ours_and_what_is_no_datagram_has_none()
    {
        string offer = Audio + """

            m=video 9002 RTP/AVPF 96
            a=rtpmap:96 VP8/90000
            m=image 9004 udptl t38
            m=application 9006 UDP/DTLS/SCTP webrtc-datachannel
            m=text 9008 RTP/SAVP 98
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc
            m=message 9010 TCP/MSRP *
            a=path:msrp://203.0.113.7:9010/s;tcp
            """;
        Call(Alice(offer), """
            o=- * 1 IN IP4 10.0.0.10
            c=IN IP4 10.0.0.10
            m=audio 300* RTP/AVP 0
            m=video 300* RTP/AVPF 96
            m=image 300* udptl t38
            m=application 300* UDP/DTLS/SCTP webrtc-datachannel
            m=text 300* RTP/SAVP 98
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc
            m=message 0 TCP/MSRP *
            !*203.0.113*
            """, Bob("m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVPF 96\nm=image 8004 udptl t38\n" +
            "m=application 0 UDP/DTLS/SCTP x\nm=text 8008 RTP/SAVP 98\nm=message 0 TCP/MSRP *"), """
            m=audio 200* RTP/AVP 0
            m=video 0 RTP/AVPF 96
            m=image 200* udptl t38
            m=text 200* RTP/SAVP 98
            m=message 0 TCP/MSRP *
            !*10.0.0*
            """);
        Simulator.RunFor(1000);
        Assert.Equal(3, Streams);
        HangUp();
    }

    [Fact]
    public void Lines_come_go_and_come_again()
    {
        Plain();
        Reinvite(2, Alice(Audio + "\nm=video 9002 RTP/AVP 31", 2), "m=video 300* RTP/AVP 31\no=- * 2 IN *",
            "200 OK", Bob("m=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31", 2),
            "m=video 200* RTP/AVP 31\no=- * 2 IN *");
        Simulator.RunFor(1000);
        Assert.Equal(2, Streams);
        Reinvite(3, Alice(Audio + "\nm=video 0 RTP/AVP 31", 3), "m=video 0 RTP/AVP 31\no=- * 3 IN *",
            "200 OK", Bob("m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31", 3), "m=video 0 RTP/AVP 31\no=- * 3 IN *");
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        Reinvite(4, Alice(Audio + "\nm=image 9004 udptl t38", 4), "m=image 300* udptl t38\no=- * 4 IN *",
            "200 OK", Bob("m=audio 8000 RTP/AVP 0\nm=image 8004 udptl t38", 4), "m=image 200* udptl t38\no=- * 4 IN *");
        Simulator.RunFor(1000);
        Assert.Equal(2, Streams);
        HangUp(5);
    }

    [Fact]
    public void The_same_description_again_has_the_same_version_and_another_one_the_next()
    {
        Plain();
        Reinvite(2, Alice(Audio, 9), "o=- {cs} 1 IN *", "200 OK", Bob("m=audio 8000 RTP/AVP 0", 5), "o=- {es} 1 IN *");
        Reinvite(3, Alice(Audio + "\na=sendonly", 10), "o=- {cs} 2 IN *\na=sendonly", "200 OK",
            Bob("m=audio 8000 RTP/AVP 0\na=recvonly", 6), "o=- {es} 2 IN *\na=recvonly");
        Reinvite(4, Alice(Audio, 11), "o=- {cs} 3 IN *", "200 OK", Bob("m=audio 8000 RTP/AVP 0", 7), "o=- {es} 3 IN *");
        HangUp(5);
    }

    [Fact]
    public void A_refused_offer_leaves_the_session_as_it_was()
    {
        Plain();
        Reinvite(2, Alice(Audio.Replace("9000", "9500", StringComparison.Ordinal) + "\nm=video 9002 RTP/AVP 31", 2),
            "m=video 300* RTP/AVP 31", "488 No", "", "");
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(3);
    }

    [Fact]
    public void An_offer_counts_when_it_is_answered()
    {
        Plain();
        Reinvite(2, Alice("m=audio 9500 RTP/AVP 0", 2), "m=audio {b} RTP/AVP 0",
            "200 OK", Bob("m=audio 8500 RTP/AVP 0", 2), "m=audio {a} RTP/AVP 0");
        Assert.Equal(3, Heard("203.0.113.7:9500", "10.0.0.21:8500", $"10.0.0.10:{Ladder.Value("b")}"));
        Assert.Equal(3, Heard("10.0.0.21:8500", "203.0.113.7:9500", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(3);
    }

    [Fact]
    public void Fax_takes_the_place_of_speech_in_the_same_line_and_gives_it_back()
    {
        Plain();
        Reinvite(2, Alice("m=image 9000 udptl t38", 2), "m=image {f} udptl t38",
            "200 OK", Bob("m=image 8000 udptl t38", 2), "m=image {e} udptl t38");
        // No RTP: type 0 is what UDPTL begins with.
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("f")}", type: 0));
        Assert.Equal(1, Streams);
        Reinvite(3, Alice(Audio, 3), "m=audio {b2} RTP/AVP 0", "488 No", "", "");
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("f")}", type: 0));
        HangUp(4);
    }

    [Theory]
    [InlineData("a=sendonly", "a=recvonly")]
    [InlineData("a=inactive", "a=inactive")]
    [InlineData("c=IN IP4 0.0.0.0", "a=sendrecv")]
    [InlineData("a=recvonly", "a=sendonly")]
    public void Silence_on_hold_ends_no_call_and_after_it_does(string held, string answer)
    {
        Plain();
        Reinvite(2, Alice(Audio + "\n" + held, 2), held, "200 OK", Bob("m=audio 8000 RTP/AVP 0\n" + answer, 2), answer);
        Simulator.RunFor(200_000);
        Assert.Equal(1, Streams);
        Reinvite(3, Alice(Audio, 3), "m=audio {b} RTP/AVP 0", "200 OK", Bob("m=audio 8000 RTP/AVP 0", 3),
            "m=audio {a} RTP/AVP 0");
        Ladder.Run("alice <- box: S1 within 70000 ms\n  BYE *\nproxy <- core: S2 within 70000 ms\n  BYE *");
        Ladder.Run(Response("alice", "box", "S1", "200 OK", "S3"));
        Ladder.Run(Response("proxy", "core", "S2", "200 OK", "S4"));
        AssertEmpty();
    }

    [Fact]
    public void Where_one_side_shares_its_port_and_the_other_does_not_reports_find_their_way()
    {
        Call(Alice(Audio + "\na=rtcp-mux\na=rtcp:9000"), "m=audio {b} RTP/AVP 0\na=rtcp-mux\na=rtcp:{b}",
            Bob("m=audio 8000 RTP/AVP 0\na=rtcp:8001"), "m=audio {a} RTP/AVP 0\na=rtcp:{a}\na=rtcp-mux");
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        Assert.Equal(0, At("10.0.0.21:8001").Count);
        SendReports("203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}");
        Assert.Equal(3, At("10.0.0.21:8001").Count);
        int before = At("203.0.113.7:9000").Count;
        SendReports("10.0.0.21:8001", $"10.0.0.10:{int.Parse(Ladder.Value("b")) + 1}");
        Assert.Equal(before + 3, At("203.0.113.7:9000").Count);
        HangUp();
    }

    private void SendReports(string from, string to)
    {
        for (int i = 0; i < 3; i++) At(from).Report(to);
        Simulator.RunFor(100);
    }

    [Fact]
    public void A_second_offer_waits_for_the_answer_of_the_first()
    {
        Plain();
        Ladder.Run(FromAlice("UPDATE", "U1", 2, "Contact: <sip:alice@{alice}>\n" + Alice(Audio + "\na=sendonly", 2)));
        Ladder.Run(Expect("proxy", "core", "U2", "UPDATE *", "\na=sendonly"));
        Ladder.Run(FromProxy("UPDATE", "V1", 1, "Contact: <sip:bob@{proxy}>\n" + Bob("m=audio 8000 RTP/AVP 0", 2)));
        Ladder.Run(Expect("proxy", "core", "V2", "SIP/2.0 491 *") + "\nalice <- box: nothing within 50 ms");
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U3", "", Bob("m=audio 8000 RTP/AVP 0\na=recvonly", 3)));
        Ladder.Run(Expect("alice", "box", "U4", "SIP/2.0 200 *", "\na=recvonly"));
        HangUp(3);
    }

    private void Plain() => Call(
        Alice(Audio), "m=audio {b} RTP/AVP 0\no=- {cs} 1 IN *", Bob("m=audio 8000 RTP/AVP 0"),
        "m=audio {a} RTP/AVP 0\no=- {es} 1 IN *");
}
