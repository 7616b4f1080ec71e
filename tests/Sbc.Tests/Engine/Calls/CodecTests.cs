using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary><c>codecs</c> of realms and routes.</summary>
public class CodecTests() : MediaLadder(
    "media: {address: 192.0.2.10, ports: 20000-20100, quarantine_ms: 100}\n    codecs: {deny: [g729]}",
    "media: {address: 10.0.0.10, ports: 30000-30100, quarantine_ms: 100}\n    codecs: {order: [PCMA]}",
    "to: farm, codecs: {allow: [PCMU, PCMA, G729]}")
{
    [Fact]
    public void An_offer_has_what_both_realms_and_the_route_permit_in_their_order()
    {
        Call(Alice("m=audio 9000 RTP/AVP 9 18 0 8 101\na=rtpmap:101 telephone-event/8000\na=fmtp:18 annexb=no"),
            "m=audio {b} RTP/AVP 8 0 101\n!a=fmtp:18*\na=rtpmap:101 telephone-event/8000",
            Bob("m=audio 8000 RTP/AVP 18 0\na=fmtp:18 annexb=no"), "m=audio {a} RTP/AVP 0\n!a=fmtp*");
        HangUp();
    }

    [Fact]
    public void An_answer_of_which_nothing_is_left_is_one_all_the_same()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0"), "m=audio {b} RTP/AVP 0",
            Bob("m=audio 8000 RTP/AVP 18"), "m=audio 0 RTP/AVP 18");
        Reinvite(2, Alice("m=audio 9000 RTP/AVP 0", 2), "m=audio {b2} RTP/AVP 0", "200 OK",
            Bob("m=audio 8000 RTP/AVP 0"), "m=audio {a2} RTP/AVP 0");
        HangUp(3);
    }

    [Fact]
    public void An_offer_of_which_nothing_is_left_is_not_acceptable()
    {
        Ladder.Run(Invite(Alice("m=audio 9000 RTP/AVP 9 101\na=rtpmap:101 telephone-event/8000")));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 488 *", "Warning: 305 sbc *"));
    }

    [Fact]
    public void A_line_of_which_nothing_is_left_has_no_port_in_offer_and_answer()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31"),
            "m=audio {b} RTP/AVP 0\nm=video 0 RTP/AVP 31",
            Bob("m=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31"), "m=audio {a} RTP/AVP 0\nm=video 0 RTP/AVP 31");
        HangUp();
    }
}
