using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Setting a call up and ending it, message by message.</summary>
public class BasicCallTests : CallLadder
{
    [Fact]
    public void A_call_is_set_up_and_hung_up_by_its_caller()
    {
        Establish();
        HangUp();
    }

    [Fact]
    public void A_call_is_hung_up_by_its_callee()
    {
        Establish();
        Ladder.Run(FromProxy("BYE", "B1", 1));
        Ladder.Run(Expect("alice", "box", "B2", "BYE sip:alice@{alice} SIP/2.0", "From: <sip:bob@{box.host}>;tag=*"));
        Ladder.Run(Response("alice", "box", "B2", "200 OK", "B3"));
        Ladder.Run(Expect("proxy", "core", "B4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void Nothing_of_either_side_is_told_to_the_other()
    {
        Ladder.Run(Invite("""
            User-Agent: AlicePhone/1.0
            Route: <sip:{box};lr>
            Record-Route: <sip:{alice};lr>
            P-Asserted-Identity: <sip:boss@example.net>
            P-Charging-Vector: icid-value=1;orig-ioi=edge
            Diversion: <sip:carol@{alice.host}>;reason=busy
            History-Info: <sip:dave@{alice.host}>;index=1, <sip:bob@{box.host}>;index=1.1
            Referred-By: <sip:erin@192.168.1.9>
            Call-Info: <sip:{alice.host}>;purpose=icon
            X-Vendor: <sip:{alice}>
            X-Plain: gold
            """));
        Ladder.Run("""
            proxy <- core: F2 INVITE
              INVITE sip:bob@{proxy.host} SIP/2.0
              Via: SIP/2.0/UDP {core};branch=z9hG4bK*;rport
              !Via
              Max-Forwards: 69
              From: "Alice" <sip:alice@{core.host}>;tag={egresstag}
              To: <sip:bob@{proxy.host}>
              Call-ID: {egresscall}
              Contact: <sip:{token}@{core}>;+sip.instance="<urn:uuid:1>"
              !User-Agent
              !Route
              !Record-Route
              !P-Asserted-Identity
              !P-Charging-Vector
              Diversion: <sip:carol@{core.host}>;reason=busy
              History-Info: <sip:dave@{core.host}>;index=1, <sip:bob@{proxy.host}>;index=1.1
              Referred-By: <sip:erin@{core.host}>
              Call-Info: <sip:{core.host}>;purpose=icon
              X-Vendor: <sip:{core.host}>
              X-Plain: gold
            """);
        Ladder.Run(Response("proxy", "core", "F2", "183 Progress", "F3", "{+bobtag}", """
            Record-Route: <sip:{proxy};lr>
            Contact: <sip:bob@{phone}>;isfocus;video;x-inside=1
            Server: Proxy/2.0
            Warning: 399 10.0.0.21 "inside"
            Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, REFER
            Supported: 100rel, timer, replaces
            P-Asserted-Identity: <sip:bob@{phone.host}>
            """));
        Ladder.Run("""
            alice <- box optional: 100
              SIP/2.0 100 *
            alice <- box: F4
              SIP/2.0 183 *
              Via: SIP/2.0/UDP {alice};rport={alice.port};branch=z9hG4bK{invite};received={alice.host}
              From: {F1.From}
              Call-ID: {F1.Call_ID}
              Contact: <sip:*@{box}>;isfocus;video
              Record-Route: <sip:{alice};lr>
              !Record-Route
              !Server
              !Warning
              Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE, REFER
              Supported: 100rel, timer, replaces
              P-Asserted-Identity: <sip:bob@{box.host}>
            """);
        Assert.DoesNotContain(Ladder.Value("from"), Ladder.Value("egresstag"));
        Assert.DoesNotContain(Ladder.Value("call"), Ladder.Value("egresscall"));
    }

    [Fact]
    public void A_2xx_is_repeated_end_to_end_until_the_ack_and_then_gets_its_ack_again()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        string answer = Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>");
        Ladder.Run(answer);
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(answer + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *", "Via: {ackvia}"));
        Ladder.Run(answer + "\n" + Expect("proxy", "core", "F7", "ACK *", "Via: {ackvia}"));
        Ladder.Run("alice <- box: nothing within 100 ms");
        HangUp();
    }

    [Fact]
    public void A_failure_is_acknowledged_hop_by_hop_and_repeated_until_its_ack()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "Via: {via}"));
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy Here", "F3", "b"));
        Ladder.Run(Expect("proxy", "core", "F4", "ACK sip:bob@{proxy.host} SIP/2.0", "Via: {via}\nTo: *;tag=b"));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" +
            Expect("alice", "box", "F5", "SIP/2.0 486 Busy Here"));
        Ladder.Run("alice <- box: F6 again within 600 ms\n  SIP/2.0 486 Busy Here");
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy Here", "F3", "b") + "\n" +
            Expect("proxy", "core", "F4", "ACK *", "Via: {via}"));
        Ladder.Run("""
            alice -> box: F7 ACK
              ACK sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
              Max-Forwards: 70
              [F1 From Call-ID]
              To: {F5.To}
              CSeq: 1 ACK
            alice <- box: nothing within 5000 ms
            """);
        AssertEmpty();
    }

    [Fact]
    public void A_retransmitted_invite_makes_one_leg_only()
    {
        Ladder.Run(Invite());
        Ladder.Run(Invite().Replace("{+", "{", StringComparison.Ordinal));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run("proxy <- core: nothing within 300 ms");
        for (int i = 0; i < 2; i++) Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
    }

    [Fact]
    public void The_same_request_on_a_second_way_is_merged()
    {
        Ladder.Run(Invite());
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Invite().Replace("{+invite}", "other", StringComparison.Ordinal).Replace("{+", "{",
            StringComparison.Ordinal));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F3", "SIP/2.0 482 *"));
    }

    [Fact]
    public void A_second_phone_that_answers_is_acknowledged_and_hung_up_also_after_the_ack()
    {
        Establish();
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "S1", "fork", "Contact: <sip:fork@{proxy}>"));
        Ladder.Run(Expect("proxy", "core", "S2", "ACK sip:fork@{proxy} SIP/2.0", "To: *;tag=fork"));
        Ladder.Run(Expect("proxy", "core", "S3", "BYE sip:fork@{proxy} SIP/2.0", "To: *;tag=fork\nCSeq: 101 BYE"));
        Ladder.Run(Response("proxy", "core", "S3", "200 OK", "S4"));
        HangUp();
    }

    [Fact]
    public void A_late_offer_passes_with_its_answer_in_the_ack()
    {
        const string Sdp = "Content-Type: application/sdp\n\n" +
            "v=0\no=- 1 1 IN IP4 198.51.100.1\ns=-\nt=0 0\nm=audio 4000 RTP/AVP 0";
        Ladder.Run(Invite());
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "!Content-Type"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>\n" + Sdp));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" +
            Expect("alice", "box", "F4", "SIP/2.0 200 *", Sdp));
        Ladder.Run(FromAlice("ACK", "F5", 1, Sdp) + "\n" + Expect("proxy", "core", "F6", "ACK *", Sdp));
        HangUp();
    }

    [Fact]
    public void A_proxy_that_record_routes_gets_what_follows_with_its_route()
    {
        Routed("<sip:{proxy};lr>", "BYE sip:bob@{phone} SIP/2.0", "Route: <sip:{proxy};lr>");
    }

    [Fact]
    public void A_strict_router_gets_its_own_uri_and_the_target_as_last_route()
    {
        Routed("<sip:{proxy}>", "BYE sip:{proxy} SIP/2.0", "Route: <sip:bob@{phone}>");
    }

    private void Routed(string recordRoute, string startLine, string route)
    {
        Ladder.Run(Invite() + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response(
            "proxy", "core", "F2", "200 OK", "F3", "b", $"Record-Route: {recordRoute}\nContact: <sip:bob@{{phone}}>"));
        Ladder.Run("alice <- box optional: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *", route));
        Ladder.Run(FromAlice("BYE", "F7", 2) + "\n" + Expect("proxy", "core", "F8", startLine, $"{route}\n!Route"));
        Ladder.Run(Response("proxy", "core", "F8", "200 OK", "F9"));
        AssertEmpty();
    }
}
