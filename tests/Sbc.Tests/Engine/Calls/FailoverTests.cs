using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Going to the next peer, and staying with one where its challenge wants that.</summary>
public class FailoverTests() : CallLadder(TwoProxies)
{
    // Round robin starts with its second member: the position is counted up before it is used.
    private const string First = "second", Other = "proxy";

    [Fact]
    public void A_503_sends_the_call_to_the_next_peer_on_the_same_dialog_with_a_higher_number()
    {
        Ladder.Run(Invite() + "\n" +
            Expect(First, "core", "F2", "INVITE sip:bob@10.0.0.22 *", "Call-ID: {callid}\nCSeq: 1 INVITE"));
        Ladder.Run(Response(First, "core", "F2", "503 Full", "F3", "b") + "\n" + Expect(First, "core", "A", "ACK *"));
        Ladder.Run(Expect(Other, "core", "F4", "INVITE sip:bob@10.0.0.21 *", "Call-ID: {callid}\nCSeq: 2 INVITE"));
        Ladder.Run(Response(Other, "core", "F4", "503 Full", "F5", "b") + "\n" + Expect(Other, "core", "A", "ACK *"));
        Ladder.Run("alice <- box: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F6", "SIP/2.0 500 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_request_other_than_invite_goes_to_the_next_peer_too()
    {
        string message = Invite().Replace("INVITE", "MESSAGE", StringComparison.Ordinal);
        Ladder.Run(message + "\n" + Expect(First, "core", "F2", "MESSAGE *", "CSeq: 1 MESSAGE"));
        Ladder.Run(Response(First, "core", "F2", "503 Full", "F3", "b"));
        Ladder.Run(Expect(Other, "core", "F4", "MESSAGE sip:bob@10.0.0.21 *", "CSeq: 2 MESSAGE"));
        Ladder.Run(Response(Other, "core", "F4", "503 Full", "F5", "b"));
        Ladder.Run(Expect("alice", "box", "F6", "SIP/2.0 500 *"));
        AssertEmpty();
    }

    [Theory]
    [InlineData(KilledHost.PortUnreachable, 10)]
    [InlineData(KilledHost.Silent, 3100)]
    public void An_unreachable_peer_is_passed_over(KilledHost how, int within)
    {
        Simulator.Network.Kill(Address.Of("10.0.0.22:5060"), how);
        Ladder.Run(Invite() +
            $"\nproxy <- core: F2 within {within} ms\n  INVITE sip:bob@10.0.0.21 *\n  CSeq: 2 INVITE");
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run("alice <- box: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        HangUp();
    }

    [Fact]
    public void A_silent_peer_that_rings_late_is_cancelled_then_and_one_that_answers_late_is_hung_up()
    {
        Ladder.Run(Invite() + "\n" + Expect(First, "core", "F2", "INVITE *"));
        Ladder.Run("wait 3050 ms\n" + Expect(Other, "core", "F4", "INVITE *", "CSeq: 2 INVITE"));
        Ladder.Run(Response(Other, "core", "F4", "100 Trying", "F5"));
        for (int i = 0; i < 2; i++) Ladder.Run(Expect(First, "core", "repeat", "INVITE *"));
        Ladder.Run($"{First} <- core: nothing within 1000 ms");
        Ladder.Run(Response(First, "core", "F2", "180 Ringing", "F5", "late", "Contact: <sip:late@{second}>"));
        Ladder.Run(Expect(First, "core", "F6", "CANCEL *", "Via: {F2.Via}") + "\n" +
            Response(First, "core", "F6", "200 OK", "F7", "late"));
        Ladder.Run(Response(First, "core", "F2", "200 OK", "F8", "late", "Contact: <sip:late@{second}>"));
        Ladder.Run(Expect(First, "core", "F9", "ACK sip:late@{second} *") + "\n" +
            Expect(First, "core", "F10", "BYE sip:late@{second} *"));
        Ladder.Run(Response(First, "core", "F10", "200 OK", "F11"));
        Ladder.Run(Response(Other, "core", "F4", "486 Busy", "F12", "b") + "\n" + Expect(Other, "core", "A", "ACK *"));
        Ladder.Run("alice <- box: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F13", "SIP/2.0 486 *"));
        AssertEmpty();
    }

    [Theory]
    [InlineData("500 Late", "200 Fine", "200 Fine")]
    [InlineData("200 Late", "500 Broken", "200 Late")]
    public void A_peer_that_was_given_up_may_still_deliver_but_not_refuse_a_message(
        string late, string other, string expected)
    {
        Ladder.Run(Invite().Replace("INVITE", "MESSAGE", StringComparison.Ordinal) + "\n" +
            Expect(First, "core", "F2", "MESSAGE *"));
        Ladder.Run("wait 3050 ms\n" + Expect(Other, "core", "F4", "MESSAGE *", "CSeq: 2 MESSAGE"));
        Ladder.Run(Response(First, "core", "F2", late, "F3", "late", "SIP-ETag: 17"));
        Ladder.Run(Response(Other, "core", "F4", other, "F5", "b", "SIP-ETag: 17"));
        Ladder.Run(Expect("alice", "box", "F6", $"SIP/2.0 {expected}", "SIP-ETag: 17"));
        AssertEmpty();
    }

    [Fact]
    public void A_peer_that_rings_is_not_given_up()
    {
        Ladder.Run(Invite() + "\n" + Expect(First, "core", "F2", "INVITE *"));
        Ladder.Run(Response(First, "core", "F2", "100 Trying", "F3") + $"\n{Other} <- core: nothing within 10000 ms");
    }

    [Fact]
    public void A_challenged_call_comes_again_to_the_same_peer_on_the_same_dialog()
    {
        Ladder.Run(Invite() + "\n" +
            Expect(First, "core", "F2", "INVITE *", "Call-ID: {callid}\nFrom: {egressfrom}\nCSeq: 1 INVITE"));
        Ladder.Run(Response(First, "core", "F2", "401 Who", "F3", "b",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n@10.0.0.22\""));
        Ladder.Run(Expect(First, "core", "A", "ACK *") + "\nalice <- box: 100\n  SIP/2.0 100 *\n" +
            Expect("alice", "box", "F4", "SIP/2.0 401 *",
                "WWW-Authenticate: Digest realm=\"r\", nonce=\"n@10.0.0.22\""));
        for (int i = 2; i < 5; i++)
        {
            Ladder.Run(Invite("Authorization: Digest nonce=\"n@10.0.0.22\"", i) +
                "\nalice <- box optional: 401 again\n  SIP/2.0 401 *\n" +
                Expect("alice", "box", "100", "SIP/2.0 100 *"));
            Ladder.Run(Expect(First, "core", "G2", "INVITE *",
                $"Call-ID: {{callid}}\nFrom: {{egressfrom}}\nCSeq: {i} INVITE\n" +
                "Authorization: Digest nonce=\"n@10.0.0.22\""));
            Ladder.Run(Response(First, "core", "G2", "407 Who", "G3", "b") + "\n" +
                Expect(First, "core", "A", "ACK *"));
            Ladder.Run(Expect("alice", "box", "G4", "SIP/2.0 407 *"));
        }
        AssertEmpty();
    }

    [Fact]
    public void With_all_peers_down_a_call_is_refused_with_retry_after()
    {
        Box.Cells.SetPeerUp(Box.Row("proxy-a"), false);
        Box.Cells.SetPeerUp(Box.Row("proxy-b"), false);
        Ladder.Run(Invite() + "\nalice <- box optional: 100\n  SIP/2.0 100 *\n" +
            Expect("alice", "box", "F2", "SIP/2.0 503 *", "Retry-After: *"));
        AssertEmpty();
        Box.Publish(Yaml(TwoProxies));
        Simulator.RunFor(100);
        Assert.True(Box.IsUp("proxy-a"), "nobody probes it, so nobody else would bring it back");
    }
}

public class RouteRuleTests
{
    [Fact]
    public void A_route_may_reject_and_without_a_route_nothing_is_found()
    {
        new Rejecting().Play();
    }

    private sealed class Rejecting : CallLadder
    {
        public void Play()
        {
            Box.Publish(Yaml(OneProxy).Replace("to: farm}", "to: {reject: 403, reason: \"No such route\"}}",
                StringComparison.Ordinal));
            Simulator.RunFor(10);
            Ladder.Run(Invite() + "\n" + Expect("alice", "box", "F2", "SIP/2.0 403 No such route"));
            Box.Publish(Yaml(OneProxy).Replace("  - {name: inbound, from: edge, to: farm}\n", "",
                StringComparison.Ordinal));
            Simulator.RunFor(10);
            Ladder.Run(Invite() + "\n" + Expect("alice", "box", "F2", "SIP/2.0 404 *"));
            AssertEmpty();
        }
    }
}
