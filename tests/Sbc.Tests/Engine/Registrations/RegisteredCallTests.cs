using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Requests to users of ours: `to: registered`.</summary>
public class RegisteredCallTests : RegisterLadder
{
    [Theory]
    [InlineData("<sip:bob@203.0.113.66:5060;ob>")]
    [InlineData("<sip:bob@192.168.1.7:5062>")]
    [InlineData("<sip:bob@10.0.0.21>")]
    [InlineData("<sip:bob@phone.example.com>")]
    public void A_call_takes_the_flow_that_the_phone_registered_on(string contact)
    {
        Registers($"Contact: {contact}", user: "bob", host: "mallory");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("mallory", "box", "F2", $"INVITE {contact[1..^1]} SIP/2.0",
            "From: \"Alice\" <sip:alice@{box.host}>;tag=*\n!Route"));
        Ladder.Run(Response("mallory", "box", "F2", "200 OK", "F3", "{+bobtag}", $"Contact: {contact}"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1));
        Ladder.Run(Expect("mallory", "box", "F6", $"ACK {contact[1..^1]} SIP/2.0"));
        Ladder.Run(FromAlice("BYE", "H1", 2));
        Ladder.Run(Expect("mallory", "box", "H2", $"BYE {contact[1..^1]} SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "H2", "200 OK", "H3"));
        Ladder.Run(Expect("alice", "box", "H4", "SIP/2.0 200 *"));
        AssertEmpty(4_000_000);
    }

    [Theory]
    [InlineData("sip:bob@example.net", "480 Temporarily Unavailable")]
    [InlineData("sip:bob@{box}", "480 *")]
    [InlineData("sip:nobody@example.net", "404 *")]
    [InlineData("sip:bob@example.com", "404 *")]
    [InlineData("sip:example.net", "404 *")]
    [InlineData("tel:+49301234", "404 *")]
    public void Who_has_not_registered_is_not_available(string uri, string status)
    {
        Ladder.Run(Invite(uri: uri));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", $"SIP/2.0 {status}"));
        AssertEmpty();
    }

    [Fact]
    public void The_path_of_a_registration_is_the_route_to_it()
    {
        Registers("Contact: <sip:bob@203.0.113.66>\nPath: <sip:edge.example.com;lr;ob>, <sip:10.9.9.9;lr>\n" +
            "Supported: path", user: "bob", host: "mallory",
            more: "Path: <sip:edge.example.com;lr;ob>, <sip:10.9.9.9;lr>");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("mallory", "box", "F2", "INVITE sip:bob@203.0.113.66 SIP/2.0",
            "Route: <sip:edge.example.com;lr;ob>, <sip:10.9.9.9;lr>"));
    }

    [Fact]
    public void Other_requests_find_the_phone_too()
    {
        Registers("Contact: <sip:bob@192.168.1.7>", user: "bob", host: "mallory");
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
        Ladder.Run(Expect("mallory", "box", "F2", "MESSAGE sip:bob@192.168.1.7 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "F2", "200 OK", "F3", "b"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
    }

    [Fact]
    public void A_phone_that_moved_is_found_where_it_is_now()
    {
        Registers("Contact: <sip:bob@192.168.1.7>", user: "bob", host: "mallory", call: "one");
        // The same Call-ID, from another address.
        Challenge("bob", "nated");
        Ladder.Run(Authorized("Contact: <sip:bob@192.168.9.9>", "bob", "nated").Replace(
            "reg-nated", "one-mallory", StringComparison.Ordinal));
        Ladder.Run(Expect("nated", "box", "R", "SIP/2.0 200 OK",
            "Contact: <sip:bob@192.168.9.9>;expires=90\n!Contact"));
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("nated", "box", "F2", "INVITE sip:bob@192.168.9.9 SIP/2.0"));
    }

    [Fact]
    public void Two_phones_behind_one_nat_are_two()
    {
        Registers("Contact: <sip:alice@192.168.1.7>", user: "alice", host: "nated", call: "one",
            more: "Contact: <sip:alice@192.168.1.7>;expires=90");
        Challenge("bob", "nated");
        Registers("Contact: <sip:bob@192.168.1.8>", user: "bob", host: "nated", call: "two",
            more: "Contact: <sip:bob@192.168.1.8>;expires=90");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("nated", "box", "F2", "INVITE sip:bob@192.168.1.8 SIP/2.0"));
    }
}
