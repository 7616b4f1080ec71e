using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Flows that fail (RFC 5626 5.3.1, 7): the next one of the device, and none of them again until it is
/// refreshed.</summary>
public sealed class FlowFailureTests : RegisterLadder
{
    private const string One = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"";
    private const string Two = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000002>\"";
    private const string First = $"Contact: <sip:one@10.1.1.1>{One};reg-id=1\nSupported: outbound, path";
    private const string Second = $"Contact: <sip:two@10.1.1.2>{One};reg-id=2\nSupported: outbound, path";

    [Fact]
    public void One_flow_of_a_device_is_called_and_the_next_one_when_it_stays_silent()
    {
        TwoFlows();
        Call();
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:two@10.1.1.2 SIP/2.0"));
        Ladder.Run("mallory <- box: nothing within 400 ms");
        // The newer one does not answer.
        Ladder.Run(Expect("mallory", "box", "M1 INVITE within 3000 ms", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Answers("mallory", "M1");
        Simulator.RunFor(60_000);
        for (int repeated = 0; repeated < 2; repeated++) Ladder.Run(Expect("nated", "box", "NR", "INVITE *"));
        // It is passed over...
        Call("again");
        Ladder.Run(Expect("mallory", "box", "M2", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Answers("mallory", "M2");
        Challenge("bob", "nated");
        Registers(Second, user: "bob", host: "nated", call: "b");
        // ...until it is refreshed.
        Call("third");
        Ladder.Run(Expect("nated", "box", "N2", "INVITE sip:two@10.1.1.2 SIP/2.0"));
        Answers("nated", "N2");
    }

    [Fact]
    public void A_flow_that_is_unreachable_is_left_at_once()
    {
        TwoFlows();
        Simulator.Network.Kill(Address.Of("203.0.113.8:40000"), KilledHost.PortUnreachable);
        Call();
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Answers("mallory", "M1");
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void An_edge_that_says_that_the_flow_failed_is_asked_for_the_next_one()
    {
        TwoFlows();
        Call();
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:two@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("nated", "box", "N1", "430 Flow Failed", "N2", "n"));
        Ladder.Run(Expect("nated", "box", "NA", "ACK *"));
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "M1", "430 Flow Failed", "M2", "m"));
        Ladder.Run(Expect("mallory", "box", "MA", "ACK *"));
        // The caller's side does not know flows.
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 480 *"));
        // No flow is left that could know better.
        Call("again");
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 480 *"));
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void A_device_that_has_answered_is_not_asked_through_another_flow()
    {
        TwoFlows();
        Call();
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:two@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("nated", "box", "N1", "486 Busy Here", "N2", "n"));
        Ladder.Run(Expect("nated", "box", "NA", "ACK *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 486 *"));
        Ladder.Run("mallory <- box: nothing within 4000 ms");
    }

    [Fact]
    public void Other_devices_ring_with_one_flow_of_each()
    {
        TwoFlows();
        Challenge("bob", "alice");
        Registers($"Contact: <sip:other@10.1.1.3>{Two};reg-id=1\nSupported: outbound, path", user: "bob", call: "c");
        Call();
        Ladder.Run(Expect("alice", "box", "A1", "INVITE sip:other@10.1.1.3 SIP/2.0"));
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:two@10.1.1.2 SIP/2.0"));
        Ladder.Run("mallory <- box: nothing within 400 ms");
        Ladder.Run(Response("nated", "box", "N1", "430 Flow Failed", "N2", "n"));
        Ladder.Run(Expect("nated", "box", "NA", "ACK *"));
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Answers("mallory", "M1");
    }

    [Fact]
    public void Who_still_rings_can_answer_when_the_silent_flow_of_another_device_is_given_up_at_last()
    {
        TwoFlows();
        Challenge("bob", "alice");
        Registers($"Contact: <sip:other@10.1.1.3>{Two};reg-id=1\nSupported: outbound, path", user: "bob", call: "c");
        Call();
        Ladder.Run(Expect("alice", "box", "A1", "INVITE sip:other@10.1.1.3 SIP/2.0"));
        Ladder.Run(Response("alice", "box", "A1", "180 Ringing", "A2", "ringing"));
        Ladder.Run(Expect("alice", "box", "A3", "SIP/2.0 180 *"));
        Ladder.Run(Expect("mallory", "box", "M1 INVITE within 3000 ms", "INVITE sip:one@10.1.1.1 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "M1", "486 Busy Here", "M2", "m"));
        Ladder.Run(Expect("mallory", "box", "MA", "ACK *"));
        // Timer B of the request that nobody answered.
        Simulator.RunFor(40_000);
        Answers("alice", "A1", tag: "ringing");
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void A_message_takes_the_next_flow_too()
    {
        TwoFlows();
        Simulator.Network.Kill(Address.Of("203.0.113.8:40000"), KilledHost.PortUnreachable);
        Ladder.Run("""
            alice -> box: F1 MESSAGE
              MESSAGE sip:bob@example.net SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+message}
              Max-Forwards: 70
              From: <sip:alice@example.net>;tag=1
              To: <sip:bob@example.net>
              Call-ID: {+m}
              CSeq: 1 MESSAGE
            """);
        Ladder.Run(Expect("mallory", "box", "F2", "MESSAGE sip:one@10.1.1.1 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "F2", "200 OK", "F3", "b"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void A_phone_that_knows_nothing_of_flows_is_tried_again_where_nobody_else_is_left()
    {
        Registers("Contact: <sip:plain@10.1.1.1>", user: "bob", host: "mallory");
        Simulator.Network.Kill(Address.Of("203.0.113.66:5060"), KilledHost.PortUnreachable);
        Call();
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 480 *"));
        Simulator.Network.Revive(Address.Of("203.0.113.66:5060"));
        Call("again");
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:plain@10.1.1.1 SIP/2.0"));
        Answers("mallory", "M1");
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void A_failed_phone_is_passed_over_while_another_one_works()
    {
        Registers("Contact: <sip:plain@10.1.1.1>", user: "bob", host: "mallory");
        Challenge("bob", "nated");
        Registers("Contact: <sip:other@10.1.1.2>", user: "bob", host: "nated", call: "b");
        Simulator.Network.Kill(Address.Of("203.0.113.66:5060"), KilledHost.PortUnreachable);
        Call();
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:other@10.1.1.2 SIP/2.0"));
        Simulator.RunFor(100);
        Answers("nated", "N1");
        Simulator.Network.Revive(Address.Of("203.0.113.66:5060"));
        Call("again");
        Ladder.Run(Expect("nated", "box", "N2", "INVITE sip:other@10.1.1.2 SIP/2.0"));
        Ladder.Run("mallory <- box: nothing within 400 ms");
        Answers("nated", "N2");
        AssertEmpty(4_000_000);
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(1400, 2)]
    public void What_may_be_lost_for_its_length_says_nothing_of_the_flow(int length, int called)
    {
        Registers($"Contact: <sip:one@10.1.1.1>{One};reg-id=1;q=0.5\nSupported: outbound", user: "bob",
            host: "mallory");
        Challenge("bob", "nated");
        Registers($"Contact: <sip:two@10.1.1.2>{Two};reg-id=1\nSupported: outbound", user: "bob", host: "nated",
            call: "b");
        var to = new HashSet<string>();
        Simulator.Network.Sent += sent =>
        {
            if (sent.Text.StartsWith("INVITE sip:", StringComparison.Ordinal)) to.Add(sent.Text.Split('@')[0]);
        };
        Ladder.Run($$"""
            alice -> box: F1 MESSAGE
              MESSAGE sip:bob@example.net SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKmessage
              Max-Forwards: 70
              From: <sip:alice@example.net>;tag=1
              To: <sip:bob@example.net>
              Call-ID: message
              CSeq: 1 MESSAGE
              Subject: {{new string('x', length)}}
            """);
        // The best one is silent, and the next one is busy.
        Assert.True(Simulator.RunUntil(() => Ladder.Has("mallory", "box"), 40_000));
        Ladder.Run(Expect("mallory", "box", "M1", "MESSAGE *"));
        Ladder.Run(Response("mallory", "box", "M1", "486 Busy Here", "M2", "m"));
        Simulator.RunFor(1000);
        to.Clear();
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Simulator.RunFor(400);
        to.Remove("INVITE sip:bob");
        Assert.Equal(called == 1 ? "INVITE sip:one" : "INVITE sip:two", Assert.Single(to));
    }

    [Fact]
    public void A_device_whose_flows_were_all_silent_is_tried_again()
    {
        TwoFlows();
        Call();
        // Three seconds of silence, and Timer B.
        Assert.True(Simulator.RunUntil(() => Ladder.Has("alice", "box"), 40_000));
        Ladder.Run(Expect("alice", "box", "T", "SIP/2.0 408 *"));
        Ladder.Run("""
            alice -> box: TA ACK
              ACK sip:bob@example.net SIP/2.0
              [T Via From To Call-ID]
              Max-Forwards: 70
              CSeq: 1 ACK
            """);
        Call("again");
        var from = new HashSet<string>();
        Simulator.Network.Sent += sent =>
        {
            if (sent.Text.StartsWith("INVITE sip:", StringComparison.Ordinal)) from.Add(sent.Text.Split('@')[0]);
        };
        Simulator.RunFor(4000);
        Assert.Equal(2, from.Count);
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void A_message_that_no_phone_answers_is_not_sent_again_when_its_sender_repeats_it_last()
    {
        Registers("Contact: <sip:plain@10.1.1.1>", user: "bob", host: "mallory");
        Challenge("bob", "nated");
        Registers("Contact: <sip:other@10.1.1.2>", user: "bob", host: "nated", call: "b");
        var branches = new HashSet<string>();
        Simulator.Network.Sent += sent =>
        {
            if (sent.Text.StartsWith("MESSAGE sip:plain", StringComparison.Ordinal))
                branches.Add(sent.Text.Split("branch=")[1].Split(';')[0]);
        };
        const string Message = """
            alice -> box: F1 MESSAGE
              MESSAGE sip:bob@example.net SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKmessage
              Max-Forwards: 70
              From: <sip:alice@example.net>;tag=1
              To: <sip:bob@example.net>
              Call-ID: message
              CSeq: 1 MESSAGE
            """;
        Ladder.Run(Message);
        Simulator.RunFor(31_500);
        Ladder.Run(Message);
        Simulator.RunFor(1000);
        Assert.Single(branches);
        AssertEmpty(4_000_000);
    }

    private void TwoFlows()
    {
        Registers(First, user: "bob", host: "mallory");
        Challenge("bob", "nated");
        Registers(Second, user: "bob", host: "nated", call: "b");
    }

    private void Call(string call = "call")
    {
        Ladder.Run(Invite(uri: "sip:bob@example.net").Replace("{+from}", $"from-{call}", StringComparison.Ordinal)
            .Replace("{+call}", call, StringComparison.Ordinal)
            .Replace("{+invite}", call, StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
    }

    /// <summary>With a refusal, which ends the call.</summary>
    private void Answers(string host, string label, string tag = "t")
    {
        Ladder.Run(Response(host, "box", label, "603 Decline", $"{label}a", tag));
        Ladder.Run(Expect(host, "box", $"{label}b", "ACK *"));
        Ladder.Run(Expect("alice", "box", $"{label}c", "SIP/2.0 603 *"));
        Ladder.Run($$"""
            alice -> box: {{label}}d ACK
              ACK sip:bob@example.net SIP/2.0
              [{{label}}c Via From To Call-ID]
              Max-Forwards: 70
              CSeq: 1 ACK
            """);
    }
}
