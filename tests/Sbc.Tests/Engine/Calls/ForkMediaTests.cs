using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Early dialogs share the ports that the offer named, and have their own towards the caller.</summary>
public class ForkMediaTests() : CallLadder(edge: Ports("192.0.2.10"), core: Ports("10.0.0.10"))
{
    private static string Ports(string address) =>
        $"media: {{address: {address}, ports: 20000-20100, quarantine_ms: 100}}";

    [Fact]
    public void What_one_phone_refuses_is_still_there_for_the_others()
    {
        Ladder.Run(Invite(Description("203.0.113.7", 9000)));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Ring("a", 9000) + "\n" +
            Expect("alice", "box", "R1", "SIP/2.0 183 *", "\nm=audio {one} RTP/AVP 0"));
        Simulator.RunFor(1000);
        Assert.Equal(2, Box.Workers.Signalling.Sum(worker => worker.Parts.Media.StreamCount));
        Ladder.Run(Ring("b", 0) + "\n" + Expect("alice", "box", "R2", "SIP/2.0 183 *", "\nm=audio {two} RTP/AVP 0"));
        Simulator.RunFor(1000);
        Assert.NotEqual(Ladder.Value("one"), Ladder.Value("two"));
        Assert.Equal(4, Box.Workers.Signalling.Sum(worker => worker.Parts.Media.StreamCount));
    }

    private static string Ring(string tag, int video) => Response("proxy", "core", "F2", "183 Progress", "F3", tag,
        $"Contact: <sip:bob-{tag}@{{proxy}}>\n" + Description("10.0.0.99", video));

    private static string Description(string host, int video) => $"""
        Content-Type: application/sdp

        v=0
        o=- 1 1 IN IP4 {host}
        s=-
        c=IN IP4 {host}
        t=0 0
        m=audio 8000 RTP/AVP 0
        m=video {video} RTP/AVP 99
        """;
}
