using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

public class LadderTests
{
    private const string Invite = """
        alice -> bob: F1 INVITE
          INVITE sip:bob@{bob} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+b1}
          Max-Forwards: 70
          From: <sip:alice@example.net>;tag={+from}
          To: <sip:bob@example.net>
          Call-ID: {+call}
          CSeq: 1 INVITE
          Contact: <sip:alice@{alice}>
          Content-Type: application/sdp

          v=0
          o=- 1 1 IN IP4 {alice.host}
          s=-
          c=IN IP4 {alice.host}
          t=0 0
          m=audio 4000 RTP/AVP 0

        """;

    private readonly Simulator _simulator = new(1);
    private readonly Ladder _ladder;
    private readonly FarmProxy _bob;

    public LadderTests()
    {
        _bob = new FarmProxy(_simulator, "bob", Address.Of("10.0.0.21:5060"), _ => new AnswerScript())
        {
            PhoneBehind = Address.Of("10.0.0.99:5060"),
        };
        _ladder = new Ladder(_simulator).Host("alice", "203.0.113.7:5060").Peer("bob", "10.0.0.21:5060");
    }

    [Fact]
    public void A_call_reads_like_rfc_3665()
    {
        _ladder.Run(Invite + """
            alice <- bob optional: 100
              SIP/2.0 100 *
            alice <- bob: F2 180 Ringing within 100 ms
              SIP/2.0 180 Ringing
              Via: SIP/2.0/UDP {alice};rport={alice.port};branch=z9hG4bK{b1};received={alice.host}
              !Via
              To: <sip:bob@example.net>;tag={tag}
              Record-Route: <sip:{bob};lr>
              !Server
            alice <- bob: nothing within 400 ms
            alice <- bob: F3 200 OK
              SIP/2.0 200 OK
              To: *;tag={tag}
              Contact: <{target}>

              c=IN IP4 10.*
              !a=recvonly
            # The 2xx comes again until the ACK.
            alice <- bob: F4 200 OK again within 600 ms
              SIP/2.0 200 OK
            alice -> bob: F5 ACK
              ACK {target} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+b2}
              Route: {F3.Record_Route}
              Max-Forwards: 70
              [F3 From To Call-ID]
              CSeq: 1 ACK
            wait 1000 ms
            alice -> bob: F6 BYE
              BYE {F3.ContactUri} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+b3}
              Route: {F3.Record_Route}
              Max-Forwards: 70
              [F3 From To Call-ID]
              CSeq: 2 BYE
            alice <- bob: F7 200 OK
              SIP/2.0 200 OK
              CSeq: 2 BYE
            """);
        _ladder.ExpectNothingMore(60_000);
        Assert.Equal("sip:phone-bob@10.0.0.99:5060", _ladder.Value("target"));
        Assert.Empty(_bob.Violations);
        Assert.Equal(1, _bob.Counters.Ended);
        Assert.Equal(0, _bob.Alive);
    }

    [Theory]
    [InlineData("SIP/2.0 486 *", "start line")]
    [InlineData("SIP/2.0 100 *\n  Server: x", "no Server")]
    [InlineData("SIP/2.0 100 *\n  !CSeq", "there is CSeq")]
    [InlineData("SIP/2.0 100 *\n  Call-ID: other", "Call-ID is")]
    public void A_mismatch_shows_the_story_and_both_messages(string expectation, string problem)
    {
        var failure = Assert.Throws<SimulationFailure>(
            () => _ladder.Run($"{Invite}alice <- bob: F2\n  {expectation}\n"));
        Assert.Contains(problem, failure.Message);
        Assert.Contains("alice -> bob: F1 INVITE", failure.Message);
        Assert.Contains("--- received:", failure.Message);
        Assert.Contains("seed 1", failure.Message);
    }

    [Fact]
    public void What_does_not_come_fails_and_what_comes_where_nothing_should_too()
    {
        Assert.Contains("nothing came", Assert.Throws<SimulationFailure>(
            () => _ladder.Run("alice <- bob: F0 within 100 ms\n  OPTIONS *\n")).Message);
        Assert.Contains("received something", Assert.Throws<SimulationFailure>(
            () => _ladder.Run($"{Invite}alice <- bob: nothing within 100 ms\n")).Message);
        Assert.Throws<SimulationFailure>(() => _ladder.ExpectNothingMore(1000));
    }

    [Fact]
    public void The_agents_object_to_what_breaks_a_rule()
    {
        _ladder.Strict = false;
        _ladder.Run(Invite.Replace("Max-Forwards: 70", "Route: <sip:10.0.0.1;lr>", StringComparison.Ordinal));
        _simulator.RunFor(100);
        string violations = string.Join('\n', _bob.Violations);
        Assert.Contains("Max-Forwards is ''", violations);
        Assert.Contains("Route is", violations);
    }
}
