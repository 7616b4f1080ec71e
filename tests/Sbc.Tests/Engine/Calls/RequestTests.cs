using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Requests without a To tag other than INVITE: one response, or a subscription.</summary>
public class RequestTests : CallLadder
{
    [Theory]
    [InlineData("MESSAGE")]
    [InlineData("PUBLISH")]
    [InlineData("OPTIONS")]
    [InlineData("INFO")]
    [InlineData("FOO")]
    [InlineData("NOTIFY")]
    public void A_request_goes_through_the_routes_and_its_response_back(string method)
    {
        Ladder.Run(Request(method, "Event: message-summary\nSubscription-State: active\n" +
            "Contact: <sip:alice@{alice}>\nContent-Type: text/plain\n\nsip:x@10.1.1.1 stays"));
        Ladder.Run(Expect("proxy", "core", "F2", $"{method} sip:bob@{{proxy.host}} SIP/2.0", """
            Max-Forwards: 69
            From: <sip:alice@{core.host}>;tag={egresstag}
            CSeq: 1 METHOD
            Event: message-summary

            sip:x@10.1.1.1 stays
            """.Replace("METHOD", method, StringComparison.Ordinal)));
        Ladder.Run(Response("proxy", "core", "F2", "200 Fine", "F3", "b", "SIP-ETag: 17"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 Fine", "To: *;tag={ours}\nSIP-ETag: 17"));
        Ladder.Run(Request(method).Replace("{+", "{", StringComparison.Ordinal) + "\n" +
            Expect("alice", "box", "F5", "SIP/2.0 200 Fine", "To: *;tag={ours}"));
        Assert.Equal(0, Box.Workers.Signalling.Sum(worker => worker.Counters.CallsActive));
        AssertEmpty();
    }

    [Fact]
    public void A_request_that_nobody_answers_gets_no_408()
    {
        Ladder.Run(Request("MESSAGE") + "\n" + Expect("proxy", "core", "F2", "MESSAGE *"));
        Ladder.Run(Response("proxy", "core", "F2", "100 Trying", "F3"));
        Ladder.Run("alice <- box: nothing within 60000 ms");
        AssertEmpty();
    }

    [Fact]
    public void A_notify_before_the_response_belongs_to_its_subscription()
    {
        Subscribe();
        Ladder.Run(Notify("b", 1, "active;expires=600") + "\n" + Expect("alice", "box", "N2",
            "NOTIFY sip:alice@{alice} SIP/2.0", "From: *;tag={tag1}\nTo: *;tag={from}\nCSeq: 1 NOTIFY"));
        Ladder.Run(Response("alice", "box", "N2", "200 OK", "N3") + "\n" +
            Expect("proxy", "core", "N4", "SIP/2.0 200 *"));
        Ladder.Run(Accepted("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag1}"));
        Refresh();
        EndSubscription("b", "tag1", 2);
        AssertEmpty();
    }

    [Fact]
    public void Each_notifier_of_a_subscription_that_forked_is_a_dialog_of_its_own()
    {
        Subscribe();
        Ladder.Run(Accepted("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag1}"));
        Ladder.Run(Notify("c", 1, "active;expires=600") + "\n" + Expect("alice", "box", "N2", "NOTIFY *",
            "From: *;tag={tag2}\nCSeq: 1 NOTIFY"));
        Assert.NotEqual(Ladder.Value("tag1"), Ladder.Value("tag2"));
        Ladder.Run(Response("alice", "box", "N2", "200 OK", "N3") + "\n" +
            Expect("proxy", "core", "N4", "SIP/2.0 200 *"));
        EndSubscription("b", "tag1", 1);
        EndSubscription("c", "tag2", 2);
        AssertEmpty();
    }

    [Fact]
    public void A_subscription_that_is_not_refreshed_expires()
    {
        Subscribe();
        Ladder.Run(Accepted("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run("wait 700000 ms");
        Ladder.Run(Notify("b", 1, "active") + "\n" + Expect("proxy", "core", "N4", "SIP/2.0 481 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_refused_subscription_leaves_nothing()
    {
        Subscribe();
        Ladder.Run(Response("proxy", "core", "F2", "489 Bad Event", "F3", "b", "Allow-Events: dialog"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 489 *", "Allow-Events: dialog"));
        AssertEmpty();
    }

    [Fact]
    public void A_refer_outside_of_a_call_has_its_notifies()
    {
        Ladder.Run(Request("REFER", "Contact: <sip:alice@{alice}>\nRefer-To: <sip:carol@{box.host}>"));
        Ladder.Run(Expect("proxy", "core", "F2", "REFER *", "Refer-To: <sip:carol@{proxy.host}>"));
        Ladder.Run(Response("proxy", "core", "F2", "202 Accepted", "F3", "b", "Contact: <sip:bob@{proxy}>") + "\n" +
            Expect("alice", "box", "F4", "SIP/2.0 202 *", "To: *;tag={tag1}"));
        EndSubscription("b", "tag1", 1);
        AssertEmpty();
    }

    [Fact]
    public void A_notifier_that_was_heard_before_another_one_accepted_lives_as_long()
    {
        Subscribe();
        Ladder.Run(Notify("c", 1, "active;expires=600") + "\n" +
            Expect("alice", "box", "N2", "NOTIFY *", "From: *;tag={tag2}"));
        Ladder.Run(Response("alice", "box", "N2", "200 OK", "N3") + "\n" +
            Expect("proxy", "core", "N4", "SIP/2.0 200 *"));
        Ladder.Run(Accepted("b") + "\n" + Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: *;tag={tag1}"));
        Ladder.Run("wait 100000 ms");
        EndSubscription("c", "tag2", 2);
        EndSubscription("b", "tag1", 1);
        AssertEmpty();
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("MESSAGE")]
    public void A_request_that_may_have_no_branch_goes_nowhere(string method)
    {
        Ladder.Run(Request(method, "Contact: <sip:alice@{alice}>\nMax-Breadth: 0") + "\n" +
            Expect("alice", "box", "F2", "SIP/2.0 440 Max-Breadth Exceeded") + "\nproxy <- core: nothing within 50 ms");
        AssertEmpty();
    }

    [Fact]
    public void All_of_the_breadth_goes_to_the_one_branch()
    {
        Ladder.Run(Request("MESSAGE", "Max-Breadth: 60") + "\n" +
            Expect("proxy", "core", "F2", "MESSAGE *", "Max-Breadth: 60"));
    }

    [Fact]
    public void Every_uri_of_a_field_leads_to_where_the_other_side_can_go()
    {
        Ladder.Run(Request("MESSAGE", "X-Hosts: sip:;a sip:u;p=1?h@203.0.113.9;x <sip:[::1]:5061;y>, " +
            "SIPS:203.0.113.9:7 sip:bob@192.0.2.10 sip:bob@example.com\nX-Many: " +
            string.Concat(Enumerable.Repeat("sip:;", 4000))));
        Ladder.Run(Expect("proxy", "core", "F2", "MESSAGE *", "X-Hosts: sip:;a sip:u;p=1?h@{core.host};x " +
            "<sip:{core.host};y>, SIPS:{core.host} sip:bob@{proxy.host} sip:bob@example.com\nX-Many: sip:;*"));
    }

    [Fact]
    public void A_request_that_makes_no_dialog_has_nothing_within()
    {
        Ladder.Strict = false;
        Ladder.Run(Request("MESSAGE") + "\n" + Expect("proxy", "core", "F2", "MESSAGE *"));
        Ladder.Run(Notify("b", 1, "active").Replace(";tag=b", "", StringComparison.Ordinal)
            .Replace("{F2.ContactUri}", "sip:alice@{core}", StringComparison.Ordinal) + "\n" +
            Expect("proxy", "core", "N4", "SIP/2.0 481 *"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b") + "\n" +
            Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    private void Subscribe()
    {
        Ladder.Run(Request("SUBSCRIBE", "Contact: <sip:alice@{alice}>\nEvent: dialog\nExpires: 600"));
        Ladder.Run(Expect("proxy", "core", "F2", "SUBSCRIBE sip:bob@{proxy.host} SIP/2.0",
            "Event: dialog\nExpires: 600\nContact: <sip:*@{core}>"));
    }

    private static string Accepted(string tag) => Response("proxy", "core", "F2", "200 OK", "F3", tag,
        $"Contact: <sip:bob-{tag}@{{proxy}}>\nExpires: 600");

    private void Refresh()
    {
        Ladder.Run("""
            alice -> box: S1 SUBSCRIBE
              SUBSCRIBE {F4.ContactUri} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+refresh}
              Max-Forwards: 70
              [F1 From Call-ID]
              To: {F4.To}
              CSeq: 2 SUBSCRIBE
              Contact: <sip:alice@{alice}>
              Event: dialog
              Expires: 600
            proxy <- core: S2
              SUBSCRIBE sip:bob-b@{proxy} SIP/2.0
              CSeq: 2 SUBSCRIBE
            """);
        Ladder.Run(Response("proxy", "core", "S2", "200 OK", "S3", "", "Expires: 600\nContact: <sip:bob-b@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "S4", "SIP/2.0 200 *", "Expires: 600"));
    }

    private void EndSubscription(string tag, string ours, int cseq)
    {
        Ladder.Run(Notify(tag, cseq, "terminated;reason=noresource") + "\n" + Expect("alice", "box", "E2", "NOTIFY *",
            $"From: *;tag={{{ours}}}\nSubscription-State: terminated;reason=noresource"));
        Ladder.Run(Response("alice", "box", "E2", "200 OK", "E3") + "\n" +
            Expect("proxy", "core", "E4", "SIP/2.0 200 *"));
    }

    private static string Notify(string tag, int cseq, string state) => $$"""
        proxy -> core: N1 NOTIFY
          NOTIFY {F2.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bK{+notify}
          Max-Forwards: 70
          From: {F2.To};tag={{tag}}
          To: {F2.From}
          Call-ID: {F2.Call_ID}
          CSeq: {{cseq}} NOTIFY
          Contact: <sip:bob-{{tag}}@{proxy}>
          Event: dialog
          Subscription-State: {{state}}
        """;

    private static string Request(string method, string more = "") => $$"""
        alice -> box: F1 {{method}}
          {{method}} sip:bob@{box} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+request}
          Max-Forwards: 70
          From: <sip:alice@{alice.host}>;tag={+from}
          To: <sip:bob@{box.host}>
          Call-ID: {+call}@{alice.host}
          CSeq: 1 {{method}}
        {{string.Join('\n', more.Split('\n').Select(line => line.Length > 0 ? "  " + line : ""))}}
        """;
}
