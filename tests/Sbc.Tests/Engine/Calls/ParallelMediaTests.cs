using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Ports of a call that the box forks: branches into one realm share them, others have theirs.</summary>
public class ParallelMediaTests : CallLadder
{
    private static readonly string Far = $"{Ports("192.0.2.10")}\n  far:\n    trust: trusted\n"
        + $"    listen: [udp://10.9.0.10:5060]\n    {Ports("10.9.0.10")}";

    public ParallelMediaTests()
        : base(edge: Far, core: Ports("10.0.0.10"))
    {
        Ladder.Host("distant", "10.9.0.22:5060").Peer("farbox", "10.9.0.10:5060");
    }

    [Fact]
    public void Branches_into_one_realm_are_offered_the_same_ports()
    {
        Publish(isFar: false);
        Begin("second", "core");
        // Towards the caller each has its own.
        Assert.Equal(2, Streams);
        Assert.Equal(Ladder.Value("one"), Ladder.Value("two"));
        Win("second", "core", "G2", "proxy", "core", "F2");
    }

    [Fact]
    public void A_branch_into_another_realm_has_ports_there()
    {
        Publish(isFar: true);
        Begin("distant", "farbox");
        Assert.Equal(2, Streams);
        Win("distant", "farbox", "G2", "proxy", "core", "F2");
    }

    [Fact]
    public void The_first_one_wins_over_another_realm_too()
    {
        Publish(isFar: true);
        Begin("distant", "farbox");
        Win("proxy", "core", "F2", "distant", "farbox", "G2");
    }

    private int Streams => Box.Workers.Signalling.Sum(worker => worker.Parts.Media.StreamCount);

    private static string Ports(string address) =>
        $"media: {{address: {address}, ports: 20000-20100, quarantine_ms: 100}}";

    private void Publish(bool isFar)
    {
        string yaml = Yaml(OneProxy, Far, inbound: "to: [left, right], fork: parallel").Replace(
            "listen: [udp://10.0.0.10:5060]", $"listen: [udp://10.0.0.10:5060]\n    {Ports("10.0.0.10")}",
            StringComparison.Ordinal);
        if (isFar)
        {
            yaml = yaml.Replace(
                "{realm: core, uri: \"sip:10.0.0.22", "{realm: far, uri: \"sip:10.9.0.22", StringComparison.Ordinal);
        }
        Box.Publish(yaml);
        Simulator.RunFor(10);
    }

    private void Begin(string other, string box)
    {
        Ladder.Run(Invite(Description("203.0.113.7")) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "\nm=audio {one} RTP/AVP 0"));
        Ladder.Run(Expect(other, box, "G2", "INVITE *", "\nm=audio {two} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "F2", "100 Trying", "T") + "\n" +
            Response(other, box, "G2", "100 Trying", "T"));
        Simulator.RunFor(1000);
    }

    private void Win(string winner, string box, string won, string loser, string other, string lost)
    {
        Ladder.Run(Response(winner, box, won, "200 OK", "A", "w",
            $"Contact: <sip:bob@{{{winner}}}>\n" + Description(winner == "distant" ? "10.9.0.22" : "10.0.0.99")));
        Ladder.Run(Expect(loser, other, "C1", "CANCEL *") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(Response(loser, other, "C1", "200 OK", "C2") + "\n" +
            Response(loser, other, lost, "487 Gone", "C3", "x") + "\n" + Expect(loser, other, "ACK", "ACK *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect(winner, box, "F6", "ACK *"));
        Simulator.RunFor(1000);
        Assert.Equal(1, Streams);
        Ladder.Run(FromAlice("BYE", "H1", 2) + "\n" + Expect(winner, box, "H2", "BYE *"));
        Ladder.Run(Response(winner, box, "H2", "200 OK", "H3") + "\n" + Expect("alice", "box", "H4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    private static string Description(string host) => $"""
        Content-Type: application/sdp

        v=0
        o=- 1 1 IN IP4 {host}
        s=-
        c=IN IP4 {host}
        t=0 0
        m=audio 8000 RTP/AVP 0
        """;
}
