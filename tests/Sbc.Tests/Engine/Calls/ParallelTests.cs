using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>The box forks itself: two offices ring at the same time (RFC 3261 16.6, 16.7).</summary>
public class ParallelTests() : CallLadder(inbound: "to: [left, right], fork: parallel")
{
    [Theory]
    [InlineData("proxy", "second", "F2", "G2", "tag1")]
    [InlineData("second", "proxy", "G2", "F2", "tag2")]
    public void Who_answers_first_has_the_call_and_the_other_one_is_told_why_it_stops_ringing(
        string winner, string loser, string won, string lost, string tag)
    {
        RingBoth();
        Ladder.Run(Answer(winner, won) + "\n" + Expect(loser, "core", "C1", "CANCEL *", Elsewhere));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", $"To: *;tag={{{tag}}}"));
        Ladder.Run(Cancelled(loser, lost));
        Acknowledge(winner);
        HangUp(winner);
    }

    [Fact]
    public void One_that_did_not_even_ring_may_answer_and_one_that_said_nothing_is_cancelled_when_it_does()
    {
        Begin();
        Ladder.Run(Answer("proxy", "F2") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Acknowledge("proxy");
        Ladder.Run(Response("second", "core", "G2", "180 Ringing", "R", "g"));
        Ladder.Run(Expect("second", "core", "C1", "CANCEL *", Elsewhere));
        Ladder.Run(Cancelled("second", "G2") + "\nalice <- box: nothing within 50 ms");
        HangUp("proxy");
    }

    [Fact]
    public void A_second_answer_is_acknowledged_and_hung_up()
    {
        RingBoth();
        Ladder.Run(Answer("proxy", "F2") + "\n" + Expect("second", "core", "C1", "CANCEL *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(Answer("second", "G2"));
        Ladder.Run("""
            second <- core: A1 ACK
              ACK sip:bob@{second} SIP/2.0
              To: *;tag=second
            second <- core: A2 BYE
              BYE sip:bob@{second} SIP/2.0
              To: *;tag=second
            """);
        Ladder.Run(Response("second", "core", "A2", "200 OK", "A3") + "\n" +
            Response("second", "core", "C1", "200 OK", "A4"));
        Acknowledge("proxy");
        HangUp("proxy");
    }

    [Theory]
    [InlineData("486 Busy", "404 Unknown", "404")]
    [InlineData("404 Unknown", "503 Down", "404")]
    [InlineData("503 Down", "503 Down", "500")]
    [InlineData("302 Moved", "486 Busy", "302")]
    [InlineData("420 Bad", "486 Busy", "420")]
    public void When_all_have_failed_the_best_failure_is_the_callers(string first, string then, string best)
    {
        RingBoth();
        Ladder.Run(Failure("proxy", "F2", first) + "\nalice <- box: nothing within 50 ms");
        Ladder.Run(Failure("second", "G2", then) + "\n" + Expect("alice", "box", "F5", $"SIP/2.0 {best} *"));
        AssertEmpty();
    }

    [Fact]
    public void The_best_failure_is_passed_with_all_that_it_said()
    {
        RingBoth();
        Ladder.Run(Failure("proxy", "F2", "404 Not here", "X-Why: because") + "\n" +
            Failure("second", "G2", "500 Broken"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 404 Not here", "X-Why: because"));
        AssertEmpty();
    }

    [Fact]
    public void The_challenges_of_all_are_in_one_response_and_the_repeated_request_goes_to_all_again()
    {
        RingBoth();
        Ladder.Run(Failure("proxy", "F2", "401 Who", "WWW-Authenticate: Digest realm=\"a\", nonce=\"1\""));
        Ladder.Run(Failure("second", "G2", "407 Who", "Proxy-Authenticate: Digest realm=\"b\", nonce=\"2\""));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 407 *",
            "Proxy-Authenticate: Digest realm=\"b\", nonce=\"2\"\nWWW-Authenticate: Digest realm=\"a\", nonce=\"1\""));
        Ladder.Run(Invite("Authorization: Digest nonce=\"1\"", 2) + "\nalice <- box optional: again\n  SIP/2.0 407 *");
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "Authorization: Digest nonce=\"1\""));
        Ladder.Run(Expect("second", "core", "G2", "INVITE *", "Authorization: Digest nonce=\"1\""));
        Ladder.Run(Failure("proxy", "F2", "486 Busy") + "\n" + Failure("second", "G2", "486 Busy"));
        Ladder.Run(Expect("alice", "box", "F6", "SIP/2.0 486 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_6xx_ends_the_search_at_once()
    {
        RingBoth();
        Ladder.Run(Failure("proxy", "F2", "603 Decline") + "\n" + Expect("alice", "box", "F5", "SIP/2.0 603 *"));
        Ladder.Run(Expect("second", "core", "C1", "CANCEL *") + "\n" + Cancelled("second", "G2"));
        AssertEmpty();
    }

    [Fact]
    public void A_cancel_of_the_caller_ends_all_branches_with_its_reason()
    {
        RingBoth();
        Ladder.Run("""
            alice -> box: C0 CANCEL
              CANCEL sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
              Max-Forwards: 70
              [F1 From To Call-ID]
              CSeq: 1 CANCEL
              Reason: Q.850;cause=16
            alice <- box: C00
              SIP/2.0 200 *
            alice <- box: F5
              SIP/2.0 487 *
            """);
        Ladder.Run(Expect("proxy", "core", "C1", "CANCEL *", "Reason: Q.850;cause=16") + "\n" +
            Cancelled("proxy", "F2"));
        Ladder.Run(Expect("second", "core", "C1", "CANCEL *", "Reason: Q.850;cause=16") + "\n" +
            Cancelled("second", "G2"));
        AssertEmpty();
    }

    [Fact]
    public void One_that_is_silent_does_not_keep_the_other_from_the_call()
    {
        Begin();
        Ladder.Run(Response("second", "core", "G2", "180 Ringing", "R", "second"));
        Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 180 *") + "\nalice <- box: nothing within 40000 ms");
        Ladder.Run(Answer("second", "G2") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Acknowledge("second");
        HangUp("second");
    }

    [Fact]
    public void Each_branch_rings_as_long_as_it_may_and_not_longer()
    {
        RingBoth();
        Ladder.Run("alice <- box: nothing within 178000 ms");
        Ladder.Run(Expect("proxy", "core", "C1", "CANCEL *") + "\n" + Expect("second", "core", "C1", "CANCEL *"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 408 *"));
        Ladder.Run(Cancelled("proxy", "F2") + "\n" + Cancelled("second", "G2"));
        AssertEmpty();
    }

    [Theory]
    [InlineData("proxy", "F2", "tag1")]
    [InlineData("second", "G2", "tag2")]
    public void Requests_pass_within_the_early_dialog_of_each_branch(string host, string invite, string tag)
    {
        RingBoth();
        Ladder.Run($$"""
            alice -> box: I1 INFO
              INFO sip:x@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKinfo
              Max-Forwards: 70
              [F1 From Call-ID]
              To: <sip:bob@{box.host}>;tag={{{tag}}}
              CSeq: 2 INFO
            """);
        Ladder.Run(Expect(host, "core", "I2", $"INFO sip:bob@{{{host}}} SIP/2.0", $"To: *;tag={host}\nCSeq: 2 INFO"));
        Ladder.Run(Response(host, "core", "I2", "200 OK", "I3") + "\n" + Expect("alice", "box", "I4", "SIP/2.0 200 *"));
        Ladder.Run($$"""
            {{host}} -> core: U1 UPDATE
              UPDATE {{{invite}}.ContactUri} SIP/2.0
              Via: SIP/2.0/UDP {{{host}}};branch=z9hG4bKup
              Max-Forwards: 70
              From: {{{invite}}.To};tag={{host}}
              To: {{{invite}}.From}
              Call-ID: {{{invite}}.Call_ID}
              CSeq: 1 UPDATE
              Contact: <sip:bob@{{{host}}}>
            alice <- box: U2 UPDATE
              UPDATE sip:alice@{alice} SIP/2.0
              From: *;tag={{{tag}}}
            """);
        Ladder.Run(Response("alice", "box", "U2", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>") + "\n" +
            Expect(host, "core", "U4", "SIP/2.0 200 *"));
        Ladder.Run(Failure("proxy", "F2", "480 Gone") + "\n" + Failure("second", "G2", "480 Gone"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 480 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_branch_that_forks_again_behind_its_proxy_may_win_with_any_of_its_phones()
    {
        RingBoth();
        Ladder.Run(Response("second", "core", "G2", "183 Progress", "R", "other", "Contact: <sip:other@{second}>"));
        Ladder.Run(Expect("alice", "box", "R3", "SIP/2.0 183 *", "To: *;tag={tag3}"));
        Ladder.Run(Response("second", "core", "G2", "200 OK", "G3", "other", "Contact: <sip:other@{second}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag3}"));
        Ladder.Run(Expect("proxy", "core", "C1", "CANCEL *", Elsewhere) + "\n" + Cancelled("proxy", "F2"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" +
            Expect("second", "core", "F6", "ACK sip:other@{second} SIP/2.0", "To: *;tag=other"));
        // What the callee sends finds the call by the tag that its branch has.
        Ladder.Run("""
            second -> core: B1 BYE
              BYE {G2.ContactUri} SIP/2.0
              Via: SIP/2.0/UDP {second};branch=z9hG4bKbye
              Max-Forwards: 70
              From: {G2.To};tag=other
              To: {G2.From}
              Call-ID: {G2.Call_ID}
              CSeq: 1 BYE
            alice <- box: B2 BYE
              BYE sip:alice@{alice} SIP/2.0
            """);
        Ladder.Run(Response("alice", "box", "B2", "200 OK", "B3") + "\n" +
            Expect("second", "core", "B4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void Max_Breadth_is_shared_by_the_branches()
    {
        Begin("Max-Breadth: 5", "Max-Breadth: 3", "Max-Breadth: 2");
        Ladder.Run(Failure("proxy", "F2", "480 Gone") + "\n" + Failure("second", "G2", "480 Gone"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 480 *"));
        AssertEmpty();
    }

    [Theory]
    [InlineData("Max-Breadth: 1")]
    [InlineData("Request-Disposition: sequential")]
    [InlineData("d: sequential")]
    public void Where_only_one_branch_is_allowed_at_a_time_the_other_one_waits(string header)
    {
        Ladder.Run(Invite(header) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *") + "\nsecond <- core: nothing within 50 ms");
        Ladder.Run(Failure("proxy", "F2", "480 Gone") + "\n" + Expect("second", "core", "G2", "INVITE *"));
        Ladder.Run(Answer("second", "G2") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Acknowledge("second");
        HangUp("second");
    }

    [Fact]
    public void Who_forbids_forks_gets_the_best_target_alone()
    {
        Ladder.Run(Invite("Request-Disposition: no-fork") + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *") + "\n" + Failure("proxy", "F2", "480 Gone"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 480 *") + "\nsecond <- core: nothing within 50 ms");
        AssertEmpty();
    }

    [Fact]
    public void Another_request_goes_to_all_and_the_first_success_is_the_answer()
    {
        Message();
        Ladder.Run(Response("proxy", "core", "F2", "404 Unknown", "F3", "p") + "\nalice <- box: nothing within 50 ms");
        Ladder.Run(Response("second", "core", "G2", "200 OK", "G3", "s"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void Another_request_gets_the_best_failure_though_one_target_is_silent()
    {
        Message();
        Ladder.Run(Response("proxy", "core", "F2", "404 Unknown", "F3", "p") + "\n" +
            "alice <- box: nothing within 30500 ms\n" + Expect("alice", "box", "F4", "SIP/2.0 404 *"));
        AssertEmpty();
    }

    private const string Elsewhere = "Reason: SIP;cause=200;text=\"Call completed elsewhere\"";

    private void Message()
    {
        Ladder.Run("""
            alice -> box: F1 MESSAGE
              MESSAGE sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKm
              Max-Forwards: 70
              From: <sip:alice@{alice.host}>;tag=m
              To: <sip:bob@{box.host}>
              Call-ID: m@{alice.host}
              CSeq: 1 MESSAGE
            """);
        Ladder.Run(Expect("proxy", "core", "F2", "MESSAGE *") + "\n" + Expect("second", "core", "G2", "MESSAGE *"));
    }

    private void Begin(string more = "", string first = "", string then = "")
    {
        Ladder.Run(Invite(more) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE sip:bob@{proxy.host} SIP/2.0", first));
        Ladder.Run(Expect("second", "core", "G2", "INVITE sip:bob@{second.host} SIP/2.0", then));
    }

    private void RingBoth()
    {
        Begin();
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", "proxy", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 180 *", "To: *;tag={tag1}"));
        Ladder.Run(Response("second", "core", "G2", "180 Ringing", "R", "second", "Contact: <sip:bob@{second}>"));
        Ladder.Run(Expect("alice", "box", "R2", "SIP/2.0 180 *", "To: *;tag={tag2}"));
        Assert.NotEqual(Ladder.Value("tag1"), Ladder.Value("tag2"));
    }

    private static string Answer(string host, string invite) =>
        Response(host, "core", invite, "200 OK", "A", host, $"Contact: <sip:bob@{{{host}}}>");

    private static string Cancelled(string host, string invite) =>
        Response(host, "core", "C1", "200 OK", "C2") + "\n" + Failure(host, invite, "487 Terminated");

    private static string Failure(string host, string invite, string status, string more = "") =>
        Response(host, "core", invite, status, "X", host, more) + "\n" + Expect(host, "core", "ACK", "ACK *");

    private void Acknowledge(string host) => Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" +
        Expect(host, "core", "F6", $"ACK sip:bob@{{{host}}} SIP/2.0", $"To: *;tag={host}\nCSeq: 1 ACK"));

    private void HangUp(string host)
    {
        Ladder.Run(FromAlice("BYE", "H1", 5) + "\n" +
            Expect(host, "core", "H2", $"BYE sip:bob@{{{host}}} SIP/2.0", $"To: *;tag={host}"));
        Ladder.Run(Response(host, "core", "H2", "200 OK", "H3") + "\n" +
            Expect("alice", "box", "H4", "SIP/2.0 200 *", "CSeq: 5 BYE"));
        AssertEmpty();
    }
}
