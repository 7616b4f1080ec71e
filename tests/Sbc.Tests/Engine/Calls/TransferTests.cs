using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>REFER within a call, and the names of dialogs that cross the box.</summary>
public class TransferTests : CallLadder
{
    public TransferTests() => Establish();

    [Fact]
    public void A_blind_transfer_tells_how_it_went_after_the_bye()
    {
        Refer("Refer-To: <sip:carol@{core.host}>", "Refer-To: <sip:carol@{box}>");
        HangUpFromProxy();
        Assert.Equal(0, Box.Workers.Signalling.Sum(worker => worker.Counters.CallsActive));
        Notify(2, "terminated;reason=noresource", "SIP/2.0 200 OK");
        AssertEmpty();
    }

    [Fact]
    public void An_update_that_is_answered_when_the_session_is_over_has_failed()
    {
        Refer("Refer-To: <sip:carol@{core.host}>", "Refer-To: *");
        Ladder.Run(FromProxy("UPDATE", "U1", 8, "Contact: <sip:bob@{proxy}>\nContent-Type: application/sdp\n\nv=0"));
        Ladder.Run(Expect("alice", "box", "U2", "UPDATE *"));
        Ladder.Run(FromAlice("BYE", "B1", 2) + "\n" + Expect("proxy", "core", "B2", "BYE *"));
        Ladder.Run(Response("proxy", "core", "B2", "200 OK", "B3") + "\n" +
            Expect("alice", "box", "B4", "SIP/2.0 200 *"));
        Ladder.Run(Response("alice", "box", "U2", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("proxy", "core", "U4", "SIP/2.0 481 *"));
        AssertEmpty(300_000);
    }

    [Fact]
    public void A_peer_is_referred_to_its_own_host_and_not_to_ours()
    {
        Ladder.Run(FromAlice("REFER", "R1", 2, "Contact: <sip:alice@{alice}>\nRefer-To: <sip:carol@{box.host}>"));
        Ladder.Run(Expect("proxy", "core", "R2", "REFER *", "Refer-To: <sip:carol@{proxy.host}>"));
    }

    [Fact]
    public void A_dialog_that_nobody_ends_after_the_bye_expires()
    {
        Refer("Refer-To: <sip:carol@{core.host}>", "Refer-To: *");
        HangUpFromProxy();
        Ladder.Run("wait 250000 ms");
        AssertEmpty();
    }

    [Fact]
    public void A_refer_without_a_subscription_leaves_no_dialog()
    {
        Refer("Refer-To: <sip:carol@{core.host}>\nRefer-Sub: false", "Refer-Sub: false", "\nRefer-Sub: false");
        HangUpFromProxy();
        AssertEmpty();
    }

    [Fact]
    public void A_fragment_says_how_it_went_and_not_which_way()
    {
        Refer("Refer-To: <sip:carol@{core.host}>", "Refer-To: *");
        Ladder.Run(FromAlice("NOTIFY", "N1", 2, """
            Contact: <sip:alice@{alice}>
            Event: refer
            Subscription-State: terminated
            Content-Type: message/sipfrag

            SIP/2.0 200 OK
            Via: SIP/2.0/UDP {alice};branch=z9hG4bKsecret
            To: <sip:carol@{alice.host}>
            Contact: <sip:carol@{alice}>
            """));
        Ladder.Run(Expect("proxy", "core", "N2", "NOTIFY *",
            "Event: refer\n\nSIP/2.0 200 OK\nTo: <sip:carol@{core.host}>\n!*Via*\n!*Contact*"));
        Ladder.Run(Response("proxy", "core", "N2", "200 OK", "N3") + "\n" +
            Expect("alice", "box", "N4", "SIP/2.0 200 *"));
        HangUp(3);
    }

    [Theory]
    [InlineData("Replaces: {call}@{alice.host};to-tag={F4.ToTag};from-tag={from}")]
    [InlineData("Join: {call}@{alice.host};from-tag={from};to-tag={F4.ToTag}")]
    [InlineData("Target-Dialog: {call}@{alice.host};local-tag={F4.ToTag};remote-tag={from}")]
    public void A_named_dialog_is_named_as_the_other_side_knows_it(string header)
    {
        // From several Call-IDs, so that the call that is named is another worker's in some.
        for (int i = 0; i < 6; i++)
        {
            Ladder.Run(Another(i, header));
            string name = header[..header.IndexOf(':', StringComparison.Ordinal)];
            Ladder.Run(Expect("proxy", "core", "X2", "INVITE *", $"{name}: {{F2.Call_ID}};*={{F3.ToTag}}*"));
            Ladder.Run(Response("proxy", "core", "X2", "486 Busy", "X3", "x") + "\n" +
                Expect("proxy", "core", "ACK", "ACK *"));
            Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "X4", "SIP/2.0 486 *"));
            Ladder.Run($$"""
                alice -> box: X5 ACK
                  ACK sip:bob@{box} SIP/2.0
                  Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKanother{{i}}
                  Max-Forwards: 70
                  [X1 From Call-ID]
                  To: {X4.To}
                  CSeq: 1 ACK
                """);
        }
        Assert.True(Box.Workers.Signalling.All(worker => worker.Counters.SumLawHolds()));
        HangUp();
    }

    [Fact]
    public void A_name_that_is_nobodys_passes_as_it_is()
    {
        Ladder.Run(Another(0, "Replaces: abc@x;to-tag=1;from-tag=2;early-only"));
        Ladder.Run(Expect("proxy", "core", "X2", "INVITE *", "Replaces: abc@x;to-tag=1;from-tag=2;early-only"));
    }

    [Fact]
    public void A_refer_to_names_the_replaced_dialog_as_the_other_side_knows_it()
    {
        Ladder.Run(FromProxy("REFER", "R1", 7, "Contact: <sip:bob@{proxy}>\n" +
            "Refer-To: <sip:carol@{core.host}?Replaces=" +
            "{F2.Call_ID}%3Bto-tag%3D{F2.FromTag}%3Bfrom-tag%3D{F3.ToTag}&Require=replaces>"));
        Ladder.Run(Expect("alice", "box", "R2", "REFER *", "Refer-To: <sip:carol@{box}?Replaces=" +
            "{call}%40{alice.host}%3Bto-tag%3D{from}%3Bfrom-tag%3D*&Require=replaces>"));
    }

    [Fact]
    public void A_dialog_info_names_calls_as_the_other_side_knows_them()
    {
        Ladder.Run(FromProxy("NOTIFY", "N1", 7, """
            Contact: <sip:bob@{proxy}>
            Event: dialog
            Subscription-State: active
            Content-Type: application/dialog-info+xml

            <dialog-info entity="sip:bob@{proxy.host}">
            <dialog id="1" call-id="{F2.Call_ID}" local-tag="{F3.ToTag}" remote-tag="{F2.FromTag}">
            <remote><identity>sip:alice@{core.host}</identity></remote></dialog></dialog-info>
            """));
        Ladder.Run(Expect("alice", "box", "N2", "NOTIFY *", """
            Event: dialog

            <dialog-info entity="sip:bob@{box.host}">
            <dialog id="1" call-id="{call}@{alice.host}" local-tag="{F4.ToTag}" remote-tag="{from}">
            <remote><identity>sip:alice@{alice.host}</identity></remote></dialog></dialog-info>
            """));
    }

    [Fact]
    public void A_call_that_has_no_tag_yet_is_named_too()
    {
        string tag = new('t', 60);
        Ladder.Run(Invite(label: "G1").Replace("tag={+from}", $"tag={tag}", StringComparison.Ordinal) + "\n" +
            Expect("proxy", "core", "G2", "INVITE *"));
        Ladder.Run(FromProxy("NOTIFY", "N1", 7, """
            Contact: <sip:bob@{proxy}>
            Event: dialog
            Subscription-State: active
            Content-Type: application/dialog-info+xml

            <dialog-info>
            <dialog id="1" call-id="{G2.Call_ID}" remote-tag="{G2.FromTag}" direction="recipient">
            <state>trying</state></dialog></dialog-info>
            """));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "N2", "NOTIFY *", $$"""
            Event: dialog

            <dialog-info>
            <dialog id="1" call-id="{call}@{alice.host}" remote-tag="{{tag}}" direction="recipient">
            <state>trying</state></dialog></dialog-info>
            """));
    }

    [Fact]
    public void What_a_refer_to_asks_for_is_found_where_it_stands_and_not_in_the_display_name()
    {
        Ladder.Run(FromProxy("REFER", "R1", 7, "Contact: <sip:bob@{proxy}>\n" +
            "Refer-To: \"Why?Subject=x>\" <{F2.ContactUri}?Subject=x>"));
        Ladder.Run(Expect("alice", "box", "R2", "REFER *", "Refer-To: <sip:alice@{box}?Subject=x>"));
    }

    private void Refer(string header, string expected, string more = "")
    {
        Ladder.Run(FromProxy("REFER", "R1", 7, "Contact: <sip:bob@{proxy}>\n" + header));
        Ladder.Run(Expect("alice", "box", "R2", "REFER sip:alice@{alice} SIP/2.0", expected));
        Ladder.Run(Response("alice", "box", "R2", "202 Accepted", "R3", "", "Contact: <sip:alice@{alice}>" + more));
        Ladder.Run(Expect("proxy", "core", "R4", "SIP/2.0 202 *"));
    }

    private void HangUpFromProxy()
    {
        Ladder.Run(FromProxy("BYE", "B1", 8) + "\n" + Expect("alice", "box", "B2", "BYE *"));
        Ladder.Run(Response("alice", "box", "B2", "200 OK", "B3") + "\n" +
            Expect("proxy", "core", "B4", "SIP/2.0 200 *"));
    }

    private void Notify(int cseq, string state, string fragment)
    {
        Ladder.Run(FromAlice("NOTIFY", "N1", cseq, $"Contact: <sip:alice@{{alice}}>\nEvent: refer\n" +
            $"Subscription-State: {state}\nContent-Type: message/sipfrag\n\n{fragment}"));
        Ladder.Run(Expect("proxy", "core", "N2", "NOTIFY sip:bob@{proxy} SIP/2.0",
            $"Subscription-State: {state}\n\n{fragment}"));
        Ladder.Run(Response("proxy", "core", "N2", "200 OK", "N3") + "\n" +
            Expect("alice", "box", "N4", "SIP/2.0 200 *"));
    }

    private static string Another(int number, string header) => $$"""
        alice -> box: X1 INVITE
          INVITE sip:bob@{box} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKanother{{number}}
          Max-Forwards: 70
          From: <sip:alice@{alice.host}>;tag={+another}
          To: <sip:bob@{box.host}>
          Call-ID: another{{number}}@{alice.host}
          CSeq: 1 INVITE
          Contact: <sip:alice@{alice}>
          {{header}}
        """;
}
