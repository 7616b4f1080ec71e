using Sbc.Engine.Calls;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>CANCEL, and the ends that the box makes itself.</summary>
public class EndingTests : CallLadder
{
    private const string Cancel = """
        alice -> box: C1 CANCEL
          CANCEL sip:bob@{box} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
          Max-Forwards: 70
          [F1 From To Call-ID]
          CSeq: 1 CANCEL
        """;

    private const string CancelAnswered = """
        alice <- box: C2
          SIP/2.0 200 *
          CSeq: 1 CANCEL
        alice <- box: C3
          SIP/2.0 487 *
          CSeq: 1 INVITE
        """;

    [Fact]
    public void A_cancel_waits_for_the_first_provisional_of_the_peer()
    {
        Ring("");
        Ladder.Run(Cancel + "\n" + CancelAnswered);
        Ladder.Run("proxy <- core: nothing within 100 ms");
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("proxy", "core", "F4", "CANCEL sip:bob@{proxy.host} SIP/2.0",
            "Via: {F2.Via}\nCSeq: 1 CANCEL"));
        Terminate();
    }

    [Fact]
    public void A_cancel_after_180_is_passed_on_at_once()
    {
        Ring("180 Ringing");
        Ladder.Run(Cancel + "\n" + CancelAnswered);
        Ladder.Run("proxy <- core: F4 CANCEL within 100 ms\n  CANCEL *");
        Terminate();
    }

    [Fact]
    public void A_2xx_that_crosses_the_cancel_is_acknowledged_and_hung_up()
    {
        Ring("180 Ringing");
        Ladder.Run(Cancel + "\n" + CancelAnswered + "\n" + Expect("proxy", "core", "F4", "CANCEL *"));
        Ladder.Run(Response("proxy", "core", "F4", "200 OK", "F5", "b"));
        string answer = Response("proxy", "core", "F2", "200 OK", "F6", "b", "Contact: <sip:bob@{proxy}>");
        Ladder.Run(answer + "\n" + Expect("proxy", "core", "F7", "ACK sip:bob@{proxy} SIP/2.0"));
        Ladder.Run(Expect("proxy", "core", "F8", "BYE sip:bob@{proxy} SIP/2.0", "CSeq: 101 BYE"));
        Ladder.Run(answer + "\n" + Expect("proxy", "core", "F9", "ACK *"));
        Ladder.Run(Response("proxy", "core", "F8", "200 OK", "F10"));
        AssertEmpty();
    }

    [Fact]
    public void A_cancel_or_an_ack_from_another_address_has_no_effect()
    {
        Ring("180 Ringing");
        Ladder.Run(Cancel.Replace("alice -> box", "mallory -> box", StringComparison.Ordinal));
        Ladder.Run("mallory <- box: nothing within 100 ms\nalice <- box: nothing within 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.SourceRefused));
    }

    [Fact]
    public void A_response_with_a_forged_branch_is_dropped()
    {
        Ring("");
        Ladder.Run("""
            mallory -> box: X
              SIP/2.0 200 OK
              Via: SIP/2.0/UDP {box};branch=z9hG4bKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
              From: <sip:a@b>;tag=1
              To: <sip:a@b>;tag=2
              Call-ID: x
              CSeq: 1 INVITE
            mallory -> box: Y
              SIP/2.0 200 OK
              [F2 Via From To Call-ID CSeq]
            alice <- box: nothing within 100 ms
            """);
        Assert.Equal(2, Box.Dropped(DropReason.ForeignResponse));
    }

    [Fact]
    public void A_missing_ack_ends_both_legs()
    {
        Ring("180 Ringing");
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F5", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "F6", "SIP/2.0 200 *") +
            "\nalice <- box: F7 BYE within 33000 ms\n  BYE sip:alice@{alice} *");
        Ladder.Run(Expect("proxy", "core", "F8", "BYE *") + "\n" + Response("proxy", "core", "F8", "200 OK", "F9"));
        Ladder.Run(Response("alice", "box", "F7", "200 OK", "F10"));
        AssertEmpty();
    }

    [Fact]
    public void A_call_that_the_box_ends_before_its_ack_ends_with_the_ack()
    {
        Ring("180 Ringing");
        string answer = Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>");
        Ladder.Run(answer + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Box.EndCalls();
        Ladder.Run("alice <- box: nothing within 300 ms\n" + answer + "\n" +
            Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Ladder.Run(Expect("proxy", "core", "B1", "BYE *") + "\n" + Expect("alice", "box", "B2", "BYE *"));
        Ladder.Run(Response("proxy", "core", "B1", "200 OK", "B3") + "\n" +
            Response("alice", "box", "B2", "200 OK", "B4"));
        AssertEmpty();
    }

    [Fact]
    public void A_bye_that_is_challenged_leaves_the_call_alive()
    {
        Establish();
        Ladder.Run(FromAlice("BYE", "B1", 2) + "\n" + Expect("proxy", "core", "B2", "BYE *"));
        Ladder.Run(Response("proxy", "core", "B2", "407 Who", "B3", "",
            "Proxy-Authenticate: Digest realm=\"r\", nonce=\"10.0.0.21\""));
        Ladder.Run(Expect("alice", "box", "B4", "SIP/2.0 407 *",
            "Proxy-Authenticate: Digest realm=\"r\", nonce=\"10.0.0.21\""));
        HangUp(3);
    }

    [Fact]
    public void A_bye_nobody_answers_is_answered_by_the_box()
    {
        Establish();
        Ladder.Run(FromAlice("BYE", "B1", 2) + "\nalice <- box: B2 within 33000 ms\n  SIP/2.0 200 *");
        AssertEmpty();
    }

    [Fact]
    public void A_pending_reinvite_gets_487_when_the_call_ends()
    {
        Establish();
        Ladder.Run(FromAlice("INVITE", "R1", 2, "Contact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("alice", "box", "R2", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "R3", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "R3", "100 Trying", "R4"));
        Ladder.Run(FromProxy("BYE", "B1", 1) + "\n" + Expect("alice", "box", "B2", "BYE *"));
        Ladder.Run(Response("alice", "box", "B2", "200 OK", "B3") + "\n" +
            Expect("proxy", "core", "B4", "SIP/2.0 200 *"));
        Ladder.Run(Expect("proxy", "core", "C1", "CANCEL *") + "\n" + Response("proxy", "core", "C1", "200 OK", "C2"));
        Ladder.Run(Response("proxy", "core", "R3", "487 Terminated", "R6") + "\n" +
            Expect("proxy", "core", "R7", "ACK *"));
        Ladder.Run(Expect("alice", "box", "R5", "SIP/2.0 487 *", "CSeq: 2 INVITE"));
        AssertEmpty();
    }

    [Fact]
    public void A_reinvite_that_is_accepted_after_its_call_has_ended_is_acknowledged_and_not_hung_up_again()
    {
        Establish();
        Ladder.Run(FromAlice("INVITE", "R1", 2, "Contact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("alice", "box", "R2", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "R3", "INVITE *"));
        Ladder.Run(FromProxy("BYE", "B1", 1) + "\n" + Expect("alice", "box", "B2", "BYE *"));
        Ladder.Run(Response("alice", "box", "B2", "200 OK", "B3"));
        Ladder.Run(Expect("proxy", "core", "B4", "SIP/2.0 200 *"));
        Ladder.Run(Response("proxy", "core", "R3", "200 OK", "R4", "", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("proxy", "core", "R5", "ACK *", "CSeq: 2 ACK"));
        Ladder.Run("proxy <- core: nothing within 3000 ms");
        AssertEmpty();
    }

    [Fact]
    public void Broken_code_in_a_handler_costs_that_call_and_no_other()
    {
        Establish();
        Break();
        Ladder.Run(FromAlice("BYE", "B1", 2));
        Ladder.Run("wait 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.InternalError));
        Assert.Equal(0, Box.Workers.Signalling.Sum(worker => worker.Parts.Calls.Count));
        Assert.Contains(Box.Workers.Logs, log =>
            log.TryPop(out LogRecord record) && record.Kind == LogKind.InternalError);
        Ladder.Run(Expect("alice", "box", "B2", "BYE *", "Reason: *Internal error*") + "\n" +
            Response("alice", "box", "B2", "200 OK", "B3"));
        Establish();
    }

    // A listener that does not exist: whoever writes to the proxy falls over it.
    private void Break()
    {
        foreach (SignallingWorker worker in Box.Workers.Signalling)
        {
            if (worker.Parts.Calls.TryAt(0, out Handle call))
                worker.Parts.Calls[call].Legs[CallState.Egress].Listener = 99;
        }
    }

    private void Ring(string provisional)
    {
        Ladder.Run(Invite() + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        if (provisional.Length == 0) return;
        Ladder.Run(Response("proxy", "core", "F2", provisional, "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "180", $"SIP/2.0 {provisional}"));
    }

    private void Terminate()
    {
        Ladder.Run(Response("proxy", "core", "F4", "200 OK", "F5", "b"));
        Ladder.Run(Response("proxy", "core", "F2", "487 Request Terminated", "F6", "b"));
        Ladder.Run(Expect("proxy", "core", "F7", "ACK *"));
        AssertEmpty();
    }
}
