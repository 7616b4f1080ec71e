using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>
/// Several early dialogs behind a forking proxy: each is a dialog of its own towards the caller (RFC 3261 12.1.2).
/// </summary>
public class ForkTests : CallLadder
{
    [Fact]
    public void Each_tag_of_the_callees_is_a_tag_of_its_own_for_the_caller()
    {
        RingTwice();
        Ladder.Run(Answer("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Acknowledge("b");
        HangUp("b");
    }

    [Fact]
    public void The_first_one_wins_as_well_as_the_second()
    {
        RingTwice();
        Ladder.Run(Answer("a") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag1}"));
        Acknowledge("a");
        HangUp("a");
    }

    [Fact]
    public void A_third_one_that_never_rang_wins()
    {
        RingTwice();
        Ladder.Run(Answer("c") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag3}"));
        Assert.NotEqual(Ladder.Value("tag1"), Ladder.Value("tag3"));
        Assert.NotEqual(Ladder.Value("tag2"), Ladder.Value("tag3"));
        Acknowledge("c");
        HangUp("c");
    }

    [Fact]
    public void A_second_answer_is_acknowledged_and_hung_up()
    {
        RingTwice();
        Ladder.Run(Answer("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Acknowledge("b");
        Ladder.Run(Answer("a") + "\n" + Expect("proxy", "core", "A1", "ACK sip:bob-a@{proxy} SIP/2.0", "To: *;tag=a"));
        Ladder.Run(Expect("proxy", "core", "A2", "BYE sip:bob-a@{proxy} SIP/2.0", "To: *;tag=a"));
        Ladder.Run(Response("proxy", "core", "A2", "200 OK", "A3") + "\nalice <- box: nothing within 50 ms");
        HangUp("b");
    }

    [Fact]
    public void The_loser_is_gone_for_the_caller()
    {
        RingTwice();
        Ladder.Run(Answer("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Acknowledge("b");
        Ladder.Run(InEarlyDialog("INFO", "{tag1}", 2) + "\n" + Expect("alice", "box", "I2", "SIP/2.0 481 *"));
        HangUp("b");
    }

    [Theory]
    [InlineData("a", "tag1")]
    [InlineData("b", "tag2")]
    public void Requests_pass_within_each_early_dialog_in_both_directions(string tag, string ours)
    {
        RingTwice();
        Ladder.Run(InEarlyDialog("INFO", $"{{{ours}}}", 2));
        Ladder.Run(Expect("proxy", "core", "I2", $"INFO sip:bob-{tag}@{{proxy}} SIP/2.0",
            $"To: *;tag={tag}\nCSeq: 2 INFO"));
        Ladder.Run(Response("proxy", "core", "I2", "200 OK", "I3") + "\n" +
            Expect("alice", "box", "I4", "SIP/2.0 200 *"));
        Ladder.Run($$"""
            proxy -> core: U1 UPDATE
              UPDATE {F2.ContactUri} SIP/2.0
              Via: SIP/2.0/UDP {proxy};branch=z9hG4bKup{{tag}}
              Max-Forwards: 70
              From: {F2.To};tag={{tag}}
              To: {F2.From}
              Call-ID: {F2.Call_ID}
              CSeq: 1 UPDATE
              Contact: <sip:bob-{{tag}}@{proxy}>
            alice <- box: U2 UPDATE
              UPDATE sip:alice@{alice} SIP/2.0
              From: *;tag={{{ours}}}
              CSeq: 1 UPDATE
            """);
        Ladder.Run(Response("alice", "box", "U2", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>") + "\n" +
            Expect("proxy", "core", "U4", "SIP/2.0 200 *"));
        Ladder.Run(Response("proxy", "core", "F2", "480 Gone", "F9", "x"));
        Ladder.Run(Expect("proxy", "core", "ACK", "ACK *") + "\n" + Expect("alice", "box", "F5", "SIP/2.0 480 *"));
        AcknowledgeFailure();
    }

    [Fact]
    public void A_cancel_ends_all_of_them()
    {
        RingTwice();
        Ladder.Run("""
            alice -> box: C1 CANCEL
              CANCEL sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
              Max-Forwards: 70
              [F1 From To Call-ID]
              CSeq: 1 CANCEL
              Reason: SIP;cause=200;text="Call completed elsewhere"
            alice <- box: C2
              SIP/2.0 200 *
            alice <- box: F5
              SIP/2.0 487 *
            proxy <- core: C3 CANCEL
              CANCEL sip:bob@{proxy.host} SIP/2.0
              Reason: SIP;cause=200;text="Call completed elsewhere"
            """);
        Ladder.Run(Response("proxy", "core", "C3", "200 OK", "C4"));
        Ladder.Run(Response("proxy", "core", "F2", "487 Terminated", "F9", "x") + "\n" +
            Expect("proxy", "core", "ACK", "ACK *"));
        AcknowledgeFailure();
    }

    [Fact]
    public void More_of_them_than_the_limit_still_lead_to_one_call()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        for (int i = 0; i < 30; i++) Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", $"t{i}"));
        for (int i = 0; i < 16; i++) Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 180 *"));
        Ladder.Run("alice <- box: nothing within 50 ms");
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy", "F9", "x") + "\n" +
            Expect("proxy", "core", "ACK", "ACK *"));
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 486 *"));
        AcknowledgeFailure();
    }

    [Fact]
    public void One_more_phone_than_the_limit_may_answer_all_the_same()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        for (int i = 0; i < 20; i++) Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", $"t{i}"));
        for (int i = 0; i < 16; i++) Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 180 *"));
        Ladder.Run(Answer("t19") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Acknowledge("t19");
        HangUp("t19");
    }

    [Fact]
    public void What_the_loser_answers_late_does_not_move_the_call()
    {
        RingTwice();
        Ladder.Run(InEarlyDialog("UPDATE", "{tag1}", 2) + "\n" +
            Expect("proxy", "core", "I2", "UPDATE sip:bob-a@{proxy} SIP/2.0"));
        Ladder.Run(Answer("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Ladder.Run(Response("proxy", "core", "I2", "200 OK", "I3", "",
            "Contact: <sip:bob-a@{proxy}>\nSession-Expires: 90;refresher=uas"));
        Ladder.Run(Expect("alice", "box", "I4", "SIP/2.0 200 *", "CSeq: 2 UPDATE"));
        Acknowledge("b");
        Ladder.Run("alice <- box: nothing within 130000 ms");
        HangUp("b");
    }

    [Fact]
    public void The_session_timer_of_an_early_dialog_is_not_the_calls()
    {
        RingTwice();
        Ladder.Run(InEarlyDialog("UPDATE", "{tag2}", 2) + "\n" + Expect("proxy", "core", "I2", "UPDATE *"));
        Ladder.Run(Response("proxy", "core", "I2", "200 OK", "I3", "",
            "Contact: <sip:bob-b@{proxy}>\nSession-Expires: 90;refresher=uac"));
        Ladder.Run(Expect("alice", "box", "I4", "SIP/2.0 200 *", "CSeq: 2 UPDATE"));
        Ladder.Run(Answer("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag2}"));
        Acknowledge("b");
        Ladder.Run("alice <- box: nothing within 130000 ms");
        HangUp("b");
    }

    private void RingTwice()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Ring("a") + "\n" + Expect("alice", "box", "R1", "SIP/2.0 180 *", "To: *;tag={tag1}"));
        Ladder.Run(Ring("b") + "\n" + Expect("alice", "box", "R2", "SIP/2.0 183 *", "To: *;tag={tag2}"));
        Assert.NotEqual(Ladder.Value("tag1"), Ladder.Value("tag2"));
    }

    private static string Ring(string tag) => Response(
        "proxy", "core", "F2", tag == "a" ? "180 Ringing" : "183 Progress", "F3", tag,
        $"Contact: <sip:bob-{tag}@{{proxy}}>");

    private static string Answer(string tag) =>
        Response("proxy", "core", "F2", "200 OK", "F3", tag, $"Contact: <sip:bob-{tag}@{{proxy}}>");

    private void Acknowledge(string tag) => Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" +
        Expect("proxy", "core", "F6", $"ACK sip:bob-{tag}@{{proxy}} SIP/2.0", $"To: *;tag={tag}\nCSeq: 1 ACK"));

    private void HangUp(string tag)
    {
        Ladder.Run(FromAlice("BYE", "H1", 5) + "\n" +
            Expect("proxy", "core", "H2", $"BYE sip:bob-{tag}@{{proxy}} SIP/2.0", $"To: *;tag={tag}"));
        Ladder.Run(Response("proxy", "core", "H2", "200 OK", "H3") + "\n" +
            Expect("alice", "box", "H4", "SIP/2.0 200 *", "CSeq: 5 BYE"));
        AssertEmpty();
    }

    private void AcknowledgeFailure()
    {
        Ladder.Run("""
            alice -> box: F7 ACK
              ACK sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
              Max-Forwards: 70
              [F1 From Call-ID]
              To: {F5.To}
              CSeq: 1 ACK
            """);
        AssertEmpty();
    }

    private static string InEarlyDialog(string method, string tag, int cseq) => $$"""
        alice -> box: I1 {{method}}
          {{method}} sip:bob@{box} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+early}
          Max-Forwards: 70
          [F1 From Call-ID]
          To: {F1.To};tag={{tag}}
          CSeq: {{cseq}} {{method}}
        """;
}
