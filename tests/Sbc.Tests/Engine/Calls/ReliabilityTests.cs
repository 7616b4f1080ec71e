using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Reliable provisional responses (RFC 3262) and UPDATE (RFC 3311), end to end through two legs.</summary>
public class ReliabilityTests : CallLadder
{
    [Fact]
    public void A_prack_names_the_invite_by_the_number_that_each_side_knows()
    {
        Begin();
        Ladder.Run(Prack(776655, 7) + "\n" +
            Expect("proxy", "core", "P2", "PRACK sip:bob@{proxy} SIP/2.0", "RAck: 776655 1 INVITE\nCSeq: 2 PRACK"));
        Ladder.Run(Response("proxy", "core", "P2", "200 OK", "P3") + "\n" +
            Expect("alice", "box", "P4", "SIP/2.0 200 *", "CSeq: 8 PRACK"));
        Finish();
    }

    [Fact]
    public void A_reliable_response_is_repeated_end_to_end()
    {
        Begin();
        Ladder.Run(Reliable() + "\n" + Expect("alice", "box", "F4", "SIP/2.0 183 *", "Require: 100rel\nRSeq: 776655"));
        Finish();
    }

    [Theory]
    [InlineData("RAck: 776655 9 INVITE")]
    [InlineData("RAck: nonsense")]
    [InlineData("X-None: 1")]
    public void A_prack_of_no_invite_is_refused(string header)
    {
        Begin();
        Ladder.Run(Prack(776655, 7).Replace("RAck: 776655 7 INVITE", header, StringComparison.Ordinal) + "\n" +
            Expect("alice", "box", "P4", "SIP/2.0 481 *") + "\nproxy <- core: nothing within 50 ms");
        Finish();
    }

    [Theory]
    [InlineData("Supported: 100rel")]
    [InlineData("Require: 100rel")]
    public void What_the_caller_can_do_is_told_to_the_callee(string header)
    {
        Ladder.Run(Invite(header));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", header));
    }

    [Fact]
    public void An_update_with_a_description_passes_before_the_answer_and_after_it()
    {
        Begin();
        Ladder.Run(InDialog("UPDATE", "U1", 8, "Contact: <sip:alice@{alice}>\nContent-Type: application/sdp\n\nv=0"));
        Ladder.Run(Expect("proxy", "core", "U2", "UPDATE sip:bob@{proxy} SIP/2.0", "CSeq: 2 UPDATE\n\nv=0"));
        Ladder.Run(Response("proxy", "core", "U2", "491 Pending", "U3") + "\n" +
            Expect("alice", "box", "U4", "SIP/2.0 491 *"));
        Finish();
    }

    private void Begin()
    {
        Ladder.Run(Invite("Supported: 100rel").Replace("CSeq: 1 INVITE", "CSeq: 7 INVITE", StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Reliable() + "\n" + Expect("alice", "box", "F4", "SIP/2.0 183 *", "Require: 100rel\nRSeq: 776655"));
    }

    private static string Reliable() => Response("proxy", "core", "F2", "183 Progress", "F3", "b",
        "Contact: <sip:bob@{proxy}>\nRequire: 100rel\nRSeq: 776655");

    private static string Prack(int response, int cseq) =>
        InDialog("PRACK", "P1", cseq + 1, $"RAck: {response} {cseq} INVITE");

    private void Finish()
    {
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: {F4.To}"));
        Ladder.Run(InDialog("ACK", "F5", 7) + "\n" + Expect("proxy", "core", "F6", "ACK *", "CSeq: 1 ACK"));
        Ladder.Run(InDialog("BYE", "H1", 20) + "\n" + Expect("proxy", "core", "H2", "BYE *"));
        Ladder.Run(Response("proxy", "core", "H2", "200 OK", "H3") + "\n" +
            Expect("alice", "box", "H4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    private static string InDialog(string method, string label, int cseq, string more = "") => $$"""
        alice -> box: {{label}} {{method}}
          {{method}} {F4.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+r}
          Max-Forwards: 70
          [F1 From Call-ID]
          To: {F4.To}
          CSeq: {{cseq}} {{method}}
        {{string.Join('\n', more.Split('\n').Select(line => line.Length > 0 ? "  " + line : ""))}}
        """;
}
