using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Tests.Engine.Calls;
using Xunit;

namespace Sbc.Tests.Engine.Forwarding;

/// <summary>Mode forward, message by message: what passes, where it goes, and what a stranger cannot do with it.
/// </summary>
public class ForwardTests : CallLadder
{
    public ForwardTests()
        : base(OneProxy)
    {
        Box.Publish(Forward(OneProxy));
        Simulator.RunFor(10);
    }

    internal static string Forward(string farm, string rest = "") => Yaml(farm)
        .Replace("balance: round_robin", "balance: call_id_hash", StringComparison.Ordinal)
        .Replace("to: farm}", $"to: farm, mode: forward{rest}}}", StringComparison.Ordinal);

    [Fact]
    public void A_call_passes_with_record_routes_for_both_sides_and_all_else_as_it_was()
    {
        Begin("proxy", "X-Kept: as  it is");
        Ladder.Run(Answer("proxy", "180 Ringing", "F3") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 180 *",
            "Via: SIP/2.0/UDP {alice};branch=z9hG4bK{invite};received={alice.host};rport={alice.port}\n!Via\n" +
            "Record-Route: {rr1}\nRecord-Route: {rr2}\nContact: <sip:bob@{proxy}>"));
        Ladder.Run(Answer("proxy", "200 OK", "F5") + "\n" + Expect("alice", "box", "F6", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F7", 1) + "\n" + Expect("proxy", "core", "F8", "ACK sip:bob@{proxy} SIP/2.0",
            "Via: SIP/2.0/UDP {core};branch=*\nMax-Forwards: 69\n!Route"));
        Ladder.Run(FromProxy("INFO", 1) + "\n" + Expect("alice", "box", "G2", "INFO sip:alice@{alice} SIP/2.0",
            "Via: SIP/2.0/UDP {box};branch=*\nVia: *\n!Route\n!Record-Route"));
        Ladder.Run(Response("alice", "box", "G2", "200 OK", "G3", "", "Via: {G2.Via}"));
        AssertStateless();
    }

    [Fact]
    public void A_response_that_no_request_of_ours_caused_is_dropped()
    {
        Begin("proxy");
        string answer = Answer("proxy", "200 OK", "F3");
        // As a reflector the box would send it to whatever address stands in the second Via.
        Ladder.Run(answer.Replace("[F2 Via Record-Route",
            "Via: {ownvia}\n  Via: SIP/2.0/UDP 203.0.113.66:5060;branch=z9hG4bKx\n  [F2", StringComparison.Ordinal));
        Ladder.Run("mallory <- box: nothing within 100 ms\nalice <- box: nothing within 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.ForeignResponse));
        Ladder.Run(answer + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        AssertStateless();
    }

    [Fact]
    public void A_response_from_the_wrong_side_is_dropped()
    {
        Begin("proxy");
        Ladder.Run(Answer("mallory", "200 OK", "F3").Replace("-> core", "-> box", StringComparison.Ordinal) +
            "\nalice <- box: nothing within 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.ForeignResponse));
    }

    [Theory]
    [InlineData("Route: <sip:10.0.0.99:5060;lr>")]
    [InlineData("Route: <sip:192.0.2.10:5060;lr>, <sip:10.0.0.99:5060;lr>")]
    [InlineData("Route: <sip:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@192.0.2.10;lr>\n" +
        "Route: <sip:10.0.0.99:5060;lr>")]
    public void A_route_that_we_did_not_sign_is_no_way_into_the_core(string routes)
    {
        Ladder.Run(Invite(routes) + "\nphone <- core: nothing within 100 ms\n" +
            Expect("proxy", "core", "F2", "INVITE *", "!Route"));
    }

    [Theory]
    [InlineData("Route: {rr2}, {rr1}, <sip:10.0.0.99:5060;lr>", "BYE sip:bob@10.0.0.99 *")]
    [InlineData("Route: {rr2}, {rr1}", "BYE sip:bob@10.0.0.99 *")]
    public void With_a_signed_one_a_stranger_reaches_peers_and_nobody_else(string routes, string start)
    {
        Begin("proxy");
        Ladder.Run(FromAlice("BYE", "F3", 2, routes).Replace("{F6.ContactUri}", "sip:bob@10.0.0.99",
            StringComparison.Ordinal).Replace("To: {F6.To}", "To: {F2.To};tag=x", StringComparison.Ordinal));
        Ladder.Run("phone <- core: nothing within 100 ms\n" + Expect("proxy", "core", "F4", start));
    }

    [Fact]
    public void The_cores_token_is_worth_nothing_at_the_edge()
    {
        Begin("proxy");
        Ladder.Run(FromAlice("BYE", "F3", 2, "Route: {rr1}, <sip:10.0.0.99:5060;lr>").Replace("{F6.ContactUri}",
            "sip:bob@10.0.0.99", StringComparison.Ordinal).Replace("To: {F6.To}", "To: {F2.To};tag=x",
            StringComparison.Ordinal));
        Ladder.Run("phone <- core: nothing within 100 ms\n" + Expect("proxy", "core", "F4", "BYE *", "!Route"));
    }

    [Fact]
    public void Repetition_cancel_and_the_ack_of_a_failure_have_the_branch_of_their_invite()
    {
        Begin("proxy");
        Ladder.Run("alice -> box: F1\n  INVITE sip:bob@{box} SIP/2.0\n" +
            "  [F1 Via Max-Forwards From To Call-ID CSeq Contact]");
        Ladder.Run(Expect("proxy", "core", "again", "INVITE sip:bob@10.0.0.21 *", "Via: {ownvia}"));
        Ladder.Run("alice -> box: C1\n  CANCEL sip:bob@{box} SIP/2.0\n  [F1 Via Max-Forwards From To Call-ID]\n" +
            "  CSeq: 1 CANCEL");
        Ladder.Run(Expect("proxy", "core", "C2", "CANCEL sip:bob@10.0.0.21 *", "Via: {ownvia}"));
        Ladder.Run(Answer("proxy", "487 Gone", "F3") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 487 *"));
        Ladder.Run("alice -> box: A1\n  ACK sip:bob@{box} SIP/2.0\n  [F1 Via Max-Forwards From Call-ID]\n" +
            "  To: {F4.To}\n  CSeq: 1 ACK");
        Ladder.Run(Expect("proxy", "core", "A2", "ACK sip:bob@10.0.0.21 *", "Via: {ownvia}"));
        AssertStateless();
    }

    [Fact]
    public void Requests_to_a_phone_behind_nat_go_to_where_it_called_from()
    {
        Begin("proxy", host: "nated", contact: "<sip:alice@192.168.1.5:5060>", via: "192.168.1.5:5060");
        Ladder.Run(Answer("proxy", "200 OK", "F5") + "\n" + Expect("nated", "box", "F6", "SIP/2.0 200 *"));
        Ladder.Run(FromProxy("BYE", 1) + "\n" + Expect("nated", "box", "G2", "BYE sip:alice@192.168.1.5:5060 *"));
    }

    [Fact]
    public void Hops_run_out_and_with_all_peers_down_a_request_is_told_so()
    {
        Ladder.Run(Invite().Replace("Max-Forwards: 70", "Max-Forwards: 0", StringComparison.Ordinal) + "\n" +
            Expect("alice", "box", "F2", "SIP/2.0 483 *"));
        Box.Cells.SetPeerUp(Box.Row("proxy-a"), false);
        Ladder.Run(Invite(label: "G1") + "\n" + Expect("alice", "box", "G2", "SIP/2.0 503 *", "Retry-After: *"));
        Ladder.Run("alice -> box: A1\n  ACK sip:bob@{box} SIP/2.0\n  [G1 Via Max-Forwards From Call-ID]\n" +
            "  To: {G2.To}\n  CSeq: 1 ACK");
        Ladder.Run("proxy <- core: nothing within 100 ms");
        AssertStateless();
    }

    [Fact]
    public void Without_record_route_only_what_begins_something_passes()
    {
        Box.Publish(Forward(OneProxy, ", record_route: false"));
        Simulator.RunFor(10);
        Ladder.Run(Invite() + "\n" + Expect("proxy", "core", "F2", "INVITE *", "!Record-Route"));
    }

    /// <summary>F1 and F2: the INVITE, and how it left.</summary>
    private void Begin(string proxy, string more = "", string host = "alice", string contact = "", string via = "")
    {
        string invite = Invite(more).Replace("alice -> box", $"{host} -> box", StringComparison.Ordinal);
        if (contact.Length > 0)
        {
            invite = invite.Replace("<sip:alice@{alice}>", contact, StringComparison.Ordinal)
                .Replace("UDP {alice};rport", $"UDP {via}", StringComparison.Ordinal);
        }
        Ladder.Run(invite + "\n" + Expect(proxy, "core", "F2", "INVITE sip:bob@10.0.0.21 SIP/2.0",
            "Via: {ownvia}\nVia: SIP/2.0/UDP *;branch=z9hG4bK{invite};received={" + host + ".host};rport={" + host +
            ".port}\n!Via\nRecord-Route: {rr1}\nRecord-Route: {rr2}\nMax-Forwards: 69\n" + more));
        Assert.StartsWith("SIP/2.0/UDP 10.0.0.10:5060;", Ladder.Value("ownvia"));
        Assert.Contains("@10.0.0.10:5060;lr>", Ladder.Value("rr1"));
        Assert.Contains("@192.0.2.10:5060;lr>", Ladder.Value("rr2"));
        Ladder.Set("F6.ContactUri", "sip:bob@10.0.0.21:5060");
        Ladder.Set("F6.To", Ladder.Value("F2.To") + ";tag=b");
    }

    private static string Answer(string host, string status, string label) =>
        Response(host, "core", "F2", status, label, "b", "Contact: <sip:bob@{proxy}>")
            .Replace("[F2 Via From", "[F2 Via Record-Route From", StringComparison.Ordinal);

    private string FromAlice(string method, string label, int cseq) =>
        FromAlice(method, label, cseq, "Route: {rr2}, {rr1}").Replace("{F4.", "{F6.", StringComparison.Ordinal);

    private new string FromAlice(string method, string label, int cseq, string more, string host = "alice") =>
        base.FromAlice(method, label, cseq, more, host).Replace("{F4.", "{F6.", StringComparison.Ordinal);

    private static string FromProxy(string method, int cseq) => $$"""
        proxy -> core: G1 {{method}}
          {{method}} {F2.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bKg1
          Max-Forwards: 70
          Route: {rr1}
          Route: {rr2}
          From: {F2.To};tag=b
          To: {F2.From}
          Call-ID: {F2.Call_ID}
          CSeq: {{cseq}} {{method}}
        """;

    private void AssertStateless()
    {
        Simulator.RunFor(100);
        Assert.Equal(0, Box.Alive);
        foreach ((string what, Func<bool> holds) in Box.Laws) Assert.True(holds(), what);
    }
}
