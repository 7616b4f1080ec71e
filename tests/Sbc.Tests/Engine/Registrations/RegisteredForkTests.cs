using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Requests of every kind to a user with several contacts (RFC 3261 16.6, 16.7).</summary>
public class RegisteredForkTests : RegisterLadder
{
    [Fact]
    public void Contacts_that_do_not_answer_leave_the_call_to_the_next_q()
    {
        Bob("mallory", "10.1.1.1", "0.9");
        Bob("nated", "10.1.1.2", "0.5");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "M1", "180 Ringing", "M2", "m"));
        Ladder.Run(Expect("alice", "box", "F180", "SIP/2.0 180 *"));
        Ladder.Run("nated <- box: nothing within 19000 ms");
        Ladder.Run(Expect("mallory", "box", "MC", "CANCEL sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:bob@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "MC", "200 OK", "MCR"));
        Ladder.Run(Response("mallory", "box", "M1", "487 Terminated", "M3", "m"));
        Ladder.Run(Expect("mallory", "box", "MA", "ACK *"));
        Ladder.Run(Response("nated", "box", "N1", "180 Ringing", "N180", "n"));
        Ladder.Run(Expect("alice", "box", "G180", "SIP/2.0 180 *"));
        // The last ones ring as long as any call.
        Ladder.Run("alice <- box: nothing within 60000 ms");
        Ladder.Run(Response("nated", "box", "N1", "200 OK", "N2", "n", "Contact: <sip:bob@10.1.1.2>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1));
        Ladder.Run(Expect("nated", "box", "NA", "ACK *"));
    }

    [Theory]
    [InlineData("SUBSCRIBE", "Event: presence")]
    [InlineData("REFER", "Refer-To: <sip:carol@example.org>")]
    public void What_makes_a_subscription_goes_to_one_contact_after_the_other(string method, string line)
    {
        Bob("mallory", "10.1.1.1", "0.5");
        Bob("nated", "10.1.1.2", "0.5");
        Ladder.Run(Request(method, $"{line}\nContact: <sip:alice@{{alice}}>"));
        // The one that was heard of last comes first.
        Ladder.Run(Expect("nated", "box", "N1", $"{method} sip:bob@10.1.1.2 SIP/2.0"));
        Ladder.Run("mallory <- box: nothing within 400 ms");
        Ladder.Run(Response("nated", "box", "N1", "489 Bad Event", "N2", "n"));
        Ladder.Run(Expect("mallory", "box", "M1", $"{method} sip:bob@10.1.1.1 SIP/2.0"));
        // The notifier is heard before it answers.
        Ladder.Run(Notify("M", "active;expires=60", 1));
        Ladder.Run(Expect("alice", "box", "A1", "NOTIFY sip:alice@{alice} SIP/2.0", "From: <sip:bob@*>;tag={tag}"));
        Ladder.Run(Response("alice", "box", "A1", "200 OK", "A1R"));
        Ladder.Run(Expect("mallory", "box", "MN1", "SIP/2.0 200 *"));
        Ladder.Run(Response("mallory", "box", "M1", "200 OK", "M2", "m",
            "Expires: 60\nContact: <sip:bob@{mallory}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "To: <sip:bob@*>;tag={tag}"));
        Ladder.Run(Notify("M", "terminated;reason=noresource", 2));
        Ladder.Run(Expect("alice", "box", "A2", "NOTIFY sip:alice@{alice} SIP/2.0", "From: <sip:bob@*>;tag={tag}"));
        Ladder.Run(Response("alice", "box", "A2", "200 OK", "A2R"));
        Ladder.Run(Expect("mallory", "box", "MN2", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void Its_best_failure_goes_to_the_subscriber_when_nobody_takes_it()
    {
        Bob("mallory", "10.1.1.1", "0.5");
        Bob("nated", "10.1.1.2", "0.7");
        Ladder.Run(Request("SUBSCRIBE", "Event: presence\nContact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("nated", "box", "N1", "SUBSCRIBE *"));
        Ladder.Run(Response("nated", "box", "N1", "489 Bad Event", "N2", "n", "Allow-Events: dialog"));
        Ladder.Run(Expect("mallory", "box", "M1", "SUBSCRIBE *"));
        Ladder.Run(Response("mallory", "box", "M1", "500 Broken", "M2", "m"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 489 Bad Event", "Allow-Events: dialog"));
        AssertEmpty();
    }

    [Fact]
    public void A_contact_that_is_silent_leaves_its_subscription_to_the_next_in_time()
    {
        Bob("mallory", "10.1.1.1", "0.5");
        Bob("nated", "10.1.1.2", "0.7");
        Ladder.Run(Request("SUBSCRIBE", "Event: presence\nContact: <sip:alice@{alice}>"));
        Ladder.Run(Expect("nated", "box", "N1", "SUBSCRIBE *"));
        Ladder.Run("wait 8000 ms");
        Ladder.Run(Expect("mallory", "box", "M1", "SUBSCRIBE *"));
        Ladder.Run(Response("mallory", "box", "M1", "200 OK", "M2", "m",
            "Expires: 60\nContact: <sip:bob@{mallory}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
    }

    [Fact]
    public void A_message_goes_to_all_contacts_of_one_q_and_the_first_success_is_the_answer()
    {
        Bob("mallory", "10.1.1.1", "0.5");
        Bob("nated", "10.1.1.2", "0.5");
        Ladder.Run(Request("MESSAGE", ""));
        Ladder.Run(Expect("mallory", "box", "M1", "MESSAGE sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run(Expect("nated", "box", "N1", "MESSAGE sip:bob@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "M1", "486 Busy", "M2", "m"));
        Ladder.Run(Response("nated", "box", "N1", "202 Accepted", "N2", "n"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 202 *"));
        AssertEmpty();
    }

    private void Bob(string host, string contact, string q)
    {
        Challenge("bob", host);
        Registers($"Contact: <sip:bob@{contact}>;q={q};expires=3600", user: "bob", host: host);
    }

    private static string Request(string method, string lines) => $$"""
        alice -> box: F1 {{method}}
          {{method}} sip:bob@example.net SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+request}
          Max-Forwards: 70
          From: <sip:alice@example.net>;tag=1
          To: <sip:bob@example.net>
          Call-ID: {+request}
          CSeq: 1 {{method}}
        {{string.Join('\n', lines.Split('\n').Where(line => line.Length > 0).Select(line => "  " + line))}}
        """;

    private static string Notify(string subscribe, string state, int cseq) => $$"""
        mallory -> box: MN NOTIFY
          NOTIFY {{{subscribe}}1.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {mallory};rport;branch=z9hG4bK{+notify}
          Max-Forwards: 70
          From: {{{subscribe}}1.To};tag=m
          To: {{{subscribe}}1.From}
          Call-ID: {{{subscribe}}1.Call_ID}
          CSeq: {{cseq}} NOTIFY
          Contact: <sip:bob@{mallory}>
          Event: presence
          Subscription-State: {{state}}
        """;
}

/// <summary>The same where the route says <c>fork: sequential</c>.</summary>
public class SequentialForkTests() : RegisterLadder(route: ", fork: sequential, fork_ringing_seconds: 10")
{
    [Fact]
    public void Contacts_of_one_q_ring_one_after_the_other()
    {
        Registers("Contact: <sip:bob@10.1.1.1>;expires=3600", user: "bob", host: "mallory");
        Challenge("bob", "nated");
        Registers("Contact: <sip:bob@10.1.1.2>;expires=3600", user: "bob", host: "nated");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:bob@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("nated", "box", "N1", "180 Ringing", "N2", "n"));
        Ladder.Run("mallory <- box: nothing within 9000 ms");
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run(Expect("nated", "box", "NC", "CANCEL *"));
    }
}
