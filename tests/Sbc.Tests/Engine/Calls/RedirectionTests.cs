using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>3xx of a peer that is followed: each Contact goes through the routes again (RFC 3261 8.1.3.4).</summary>
public class RedirectionTests() : CallLadder(inbound: "to: farm, follow_redirects: true")
{
    [Fact]
    public void Contacts_are_tried_in_the_order_of_their_q()
    {
        Begin("Contact: <sip:low@10.9.9.9>;q=0.1, <sip:high@10.9.9.9>;q=0.7\nContact: <sip:middle@10.9.9.9>;q=0.5");
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:high@10.9.9.9 SIP/2.0", "CSeq: 2 INVITE"));
        Ladder.Run(Failure("F3", "480 Away") + "\n" +
            Expect("proxy", "core", "F4", "INVITE sip:middle@10.9.9.9 SIP/2.0", "CSeq: 3 INVITE"));
        Ladder.Run(Response("proxy", "core", "F4", "200 OK", "F5", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *", "CSeq: 3 ACK"));
        HangUp();
    }

    [Fact]
    public void The_best_failure_of_all_is_the_callers()
    {
        Begin("Contact: <sip:one@10.9.9.9>, <sip:two@10.9.9.9>");
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:one@*") + "\n" + Failure("F3", "486 Busy"));
        Ladder.Run(Expect("proxy", "core", "F4", "INVITE sip:two@*") + "\n" + Failure("F4", "500 Broken"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 486 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_6xx_ends_the_search()
    {
        Begin("Contact: <sip:one@10.9.9.9>, <sip:two@10.9.9.9>");
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:one@*") + "\n" + Failure("F3", "603 Decline"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 603 *") + "\nproxy <- core: nothing within 50 ms");
        AssertEmpty();
    }

    [Fact]
    public void A_circle_ends_at_the_limit()
    {
        Begin("Contact: <sip:bob@10.9.9.9>");
        for (int i = 0; i < Sbc.Engine.Limits.RedirectionsMax; i++)
        {
            Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:bob@*"));
            Ladder.Run(Failure("F3", "302 Moved", "Contact: <sip:bob@10.9.9.9>"));
        }
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 302 *", "Contact: <sip:bob@{box}>"));
        AssertEmpty();
    }

    [Fact]
    public void An_early_dialog_of_the_first_target_is_not_the_seconds()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", "first", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "R1", "SIP/2.0 180 *", "To: *;tag={tag1}"));
        Ladder.Run(Failure("F2", "302 Moved", "Contact: <sip:carol@10.9.9.9>"));
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:carol@*"));
        Ladder.Run(Response("proxy", "core", "F3", "200 OK", "F5", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Assert.NotEqual(Ladder.Value("tag1"), Ladder.Value("tag2"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *", "CSeq: 2 ACK"));
        HangUp();
    }

    [Fact]
    public void A_challenge_goes_to_the_caller_whole_and_the_next_attempt_begins_anew()
    {
        Begin("Contact: <sip:one@10.9.9.9>, <sip:two@10.9.9.9>");
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:one@*") + "\n" +
            Failure("F3", "401 Who", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 401 *", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""));
        Ladder.Run(Invite("Authorization: Digest nonce=\"n\"", 2) +
            "\nalice <- box optional: 401 again\n  SIP/2.0 401 *\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "G2", "INVITE sip:bob@*") + "\n" + Failure("G2", "480 Away"));
        Ladder.Run(Expect("alice", "box", "G5", "SIP/2.0 480 *") + "\nproxy <- core: nothing within 50 ms");
        AssertEmpty();
    }

    private void Begin(string contacts)
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Failure("F2", "302 Moved", contacts));
    }

    private static string Failure(string request, string status, string more = "") =>
        Response("proxy", "core", request, status, "X", "x", more) + "\n" + Expect("proxy", "core", "ACK", "ACK *");
}
