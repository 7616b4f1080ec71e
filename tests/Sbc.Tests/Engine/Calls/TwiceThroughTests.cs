using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>A call that passes the box twice, through a proxy that leaves descriptions alone.</summary>
public abstract class TwiceThroughTests(string trust) : MediaLadder(trust: trust)
{
    public class ProxyIsTrusted() : TwiceThroughTests("trusted");

    public class ProxyIsNot() : TwiceThroughTests("untrusted");

    [Fact]
    public void Media_flows_over_both_of_its_passages()
    {
        Ladder.Run(Invite(Alice("m=audio 9000 RTP/AVP 0")) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "\nm=audio {b} RTP/AVP 0"));
        Ladder.Run($$"""
            proxy -> core: G1 INVITE
              INVITE sip:bob@{mallory} SIP/2.0
              Via: SIP/2.0/UDP {proxy};branch=z9hG4bKsecond
              Max-Forwards: 68
              From: {F2.From}
              To: {F2.To}
              Call-ID: {F2.Call_ID}
              CSeq: 1 INVITE
              Record-Route: <sip:{proxy};lr>
              Contact: {F2.Contact}
              {{Sdp(CoreAddress, "m=audio {b} RTP/AVP 0").ReplaceLineEndings("\n").Replace("\n", "\n  ")}}
            """);
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("mallory", "box", "G2", "INVITE *", "\nm=audio {c} RTP/AVP 0"));
        Ladder.Run(Response("mallory", "box", "G2", "200 OK", "G3", "m",
            "Contact: <sip:bob@{mallory}>\n" + Sdp("203.0.113.66", "m=audio 7000 RTP/AVP 0")));
        Ladder.Run(Expect("proxy", "core", "G4", "SIP/2.0 200 *", "\nm=audio {d} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "m",
            "Record-Route: <sip:{proxy};lr>\nContact: {G4.Contact}\n" + Sdp(CoreAddress, "m=audio {d} RTP/AVP 0")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\nm=audio {a} RTP/AVP 0"));
        Assert.Equal(3, Heard("203.0.113.66:7000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        Assert.Equal(3, Heard("203.0.113.7:9000", "203.0.113.66:7000", $"192.0.2.10:{Ladder.Value("c")}"));
        Assert.Equal(0, Dropped(DropReason.OwnPort));
    }
}
