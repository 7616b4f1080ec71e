using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Requests within a call, from both of its sides.</summary>
public class InDialogTests : CallLadder
{
    public InDialogTests() => Establish();

    [Fact]
    public void A_reinvite_of_the_caller_goes_through_with_its_own_ack()
    {
        Ladder.Run(FromAlice("INVITE", "R1", 2, "Contact: <sip:alice@{alice.host}:5062>"));
        Ladder.Run(Expect("proxy", "core", "R2", "INVITE sip:bob@{proxy} SIP/2.0", "CSeq: 2 INVITE"));
        Ladder.Run(Response("proxy", "core", "R2", "200 OK", "R3", "", "Contact: <sip:bob2@{proxy}>"));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "R4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "R5", 2) + "\n" +
            Expect("proxy", "core", "R6", "ACK sip:bob2@{proxy} *", "CSeq: 2 ACK"));
        Ladder.Run(FromAlice("BYE", "H1", 3) + "\n" + Expect("proxy", "core", "H2", "BYE sip:bob2@{proxy} SIP/2.0"));
        Ladder.Run(Response("proxy", "core", "H2", "200 OK", "H3") + "\n" +
            Expect("alice", "box", "H4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_reinvite_of_the_callee_goes_through_with_its_own_ack()
    {
        Ladder.Run(FromProxy("INVITE", "R1", 7, "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "R2", "INVITE sip:alice@{alice} SIP/2.0", "CSeq: 1 INVITE"));
        Ladder.Run(Response("alice", "box", "R2", "200 OK", "R3", "", "Contact: <sip:alice@{alice}>"));
        Ladder.Run("proxy <- core optional: 100\n  SIP/2.0 100 *\n" + Expect("proxy", "core", "R4", "SIP/2.0 200 *"));
        Ladder.Run(FromProxy("ACK", "R5", 7) + "\n" +
            Expect("alice", "box", "R6", "ACK sip:alice@{alice} *", "CSeq: 1 ACK"));
        HangUp();
    }

    [Fact]
    public void Crossing_reinvites_are_refused_with_491_and_a_second_one_with_500()
    {
        Ladder.Run(FromAlice("INVITE", "R1", 2, "Contact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("proxy", "core", "R2", "INVITE *"));
        Ladder.Run(FromProxy("INVITE", "G1", 1, "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("proxy", "core", "G2", "SIP/2.0 491 *"));
        Ladder.Run(FromAlice("INVITE", "G3", 3, "Contact: <sip:alice@{alice}>"));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *");
        Ladder.Run(Expect("alice", "box", "G4", "SIP/2.0 500 *", "Retry-After: 3"));
    }

    [Theory]
    [InlineData("INFO")]
    [InlineData("OPTIONS")]
    [InlineData("MESSAGE")]
    [InlineData("FOO")]
    public void A_request_of_whatever_method_passes_in_both_directions(string method)
    {
        Ladder.Run(FromAlice(method, "I1", 2, "Content-Type: application/dtmf-relay\n\nSignal=1"));
        Ladder.Run(Expect("proxy", "core", "I2", $"{method} *", "Content-Type: application/dtmf-relay\n\nSignal=1"));
        Ladder.Run(Response("proxy", "core", "I2", "200 OK", "I3") + "\n" +
            Expect("alice", "box", "I4", "SIP/2.0 200 *"));
        Ladder.Run(FromProxy(method, "J1", 0) + "\n" + Expect("alice", "box", "J2", $"{method} *"));
        Ladder.Run(Response("alice", "box", "J2", "415 No", "J3") + "\n" +
            Expect("proxy", "core", "J4", "SIP/2.0 415 No"));
        HangUp(3);
    }

    [Theory]
    [InlineData(";tag={from}", ";tag=wrong")]
    [InlineData("{call}", "other")]
    public void A_request_with_a_wrong_from_tag_or_call_id_is_of_no_dialog(string right, string wrong)
    {
        Ladder.Run(FromAlice("BYE", "B1", 2)
            .Replace("[F1 From Call-ID]", "From: <sip:alice@x>;tag={from}\n  Call-ID: {call}@{alice.host}",
                StringComparison.Ordinal)
            .Replace(right, wrong, StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "B2", "SIP/2.0 481 *") + "\nproxy <- core: nothing within 100 ms");
        HangUp(3);
    }

    [Fact]
    public void A_request_with_no_hop_left_is_refused()
    {
        string request = FromAlice("INFO", "U1", 2).Replace("Max-Forwards: 70", "Max-Forwards: 0",
            StringComparison.Ordinal);
        Ladder.Run(request + "\n" + Expect("alice", "box", "U2", "SIP/2.0 483 *"));
        HangUp(3);
    }

    [Fact]
    public void A_number_that_was_used_is_out_of_order()
    {
        Ladder.Run(FromAlice("INFO", "I1", 1) + "\n" + Expect("alice", "box", "I2", "SIP/2.0 500 *"));
        HangUp();
    }

    [Fact]
    public void A_changed_source_is_accepted_and_counted()
    {
        Ladder.Run(FromAlice("BYE", "B1", 2, host: "mallory") + "\n" + Expect("proxy", "core", "B2", "BYE *"));
        Assert.Equal(1, Box.Workers.Signalling.Sum(worker => worker.Counters.SourceChanges(0)));
    }

    [Fact]
    public void An_ack_with_no_hop_left_still_arrives()
    {
        Ladder.Run(FromAlice("INVITE", "R1", 2, "Contact: <sip:alice@{alice}>") + "\n" +
            Expect("proxy", "core", "R2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "R2", "200 OK", "R3", "", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "R4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "R5", 2).Replace("Max-Forwards: 70", "Max-Forwards: 0", StringComparison.Ordinal));
        Ladder.Run(Expect("proxy", "core", "R6", "ACK *", "Max-Forwards: 0"));
    }
}

public class SameSourceTests() : CallLadder(edge: "in_dialog_source: same_ip")
{
    [Fact]
    public void With_same_ip_a_changed_source_is_refused()
    {
        Establish();
        Ladder.Run(FromAlice("BYE", "B1", 2, host: "mallory") + "\nproxy <- core: nothing within 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.SourceRefused));
    }
}

public class NatTests : CallLadder
{
    [Fact]
    public void Behind_a_nat_answers_and_the_bye_go_to_the_flow()
    {
        const string Inside = "192.168.1.7:5060";
        Ladder.Run(Invite().Replace("alice -> box", "nated -> box", StringComparison.Ordinal)
            .Replace("{alice};rport", Inside, StringComparison.Ordinal)
            .Replace("sip:alice@{alice}>", $"sip:alice@{Inside}>", StringComparison.Ordinal));
        Ladder.Run(Expect("nated", "box", "100", "SIP/2.0 100 *",
            $"Via: SIP/2.0/UDP {Inside};branch=z9hG4bK*;received={{nated.host}}"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("nated", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1, host: "nated") + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        Ladder.Run(FromProxy("BYE", "B1", 1));
        Ladder.Run(Expect("nated", "box", "B2", $"BYE sip:alice@{Inside} SIP/2.0"));
        Ladder.Run(Response("nated", "box", "B2", "200 OK", "B3") + "\n" +
            Expect("proxy", "core", "B4", "SIP/2.0 200 *"));
        AssertEmpty();
    }
}
