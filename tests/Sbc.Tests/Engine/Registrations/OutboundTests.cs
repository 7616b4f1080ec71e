using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Outbound (RFC 5626), GRUU (RFC 5627) and forks to several contacts (RFC 3261 16.6).</summary>
public class OutboundTests : RegisterLadder
{
    private const string One = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"";
    private const string Two = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000002>\"";

    [Fact]
    public void A_flow_replaces_the_one_of_the_same_instance_and_number()
    {
        Registers($"Contact: <sip:bob@10.1.1.1:1>{One};reg-id=1\nSupported: outbound, path", user: "bob",
            more: $"Contact: <sip:bob@10.1.1.1:1>;expires=90{One};reg-id=1\nRequire: outbound\nFlow-Timer: 90");
        Registers($"Contact: <sip:bob@10.1.1.1:2>{One};reg-id=2\nSupported: outbound", user: "bob", call: "b");
        Registers($"Contact: <sip:bob@10.1.1.1:3>{One};reg-id=1\nSupported: outbound", user: "bob", call: "c",
            more: $"""
            Contact: <sip:bob@10.1.1.1:3>;expires=90{One};reg-id=1
            Contact: <sip:bob@10.1.1.1:2>;expires=90{One};reg-id=2
            !Contact
            """);
    }

    [Fact]
    public void A_first_hop_that_does_not_know_outbound_is_told()
    {
        Ladder.Run(Authorized($"Contact: <sip:alice@10.1.1.1>{One};reg-id=1\nSupported: outbound\n" +
            "Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bKfirst"));
        Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 439 First Hop Lacks Outbound Support"));
    }

    [Fact]
    public void A_gruu_leads_to_one_device()
    {
        Registers($"Contact: <sip:bob@203.0.113.66>{One}\nSupported: gruu", user: "bob", host: "mallory", more:
            $"Contact: <sip:bob@203.0.113.66>;expires=3600{One};" +
            "pub-gruu=\"sip:bob@example.net;gr={gruu}\";temp-gruu=\"sip:{temporary}@example.net;gr\"");
        Challenge("bob", "nated");
        Registers($"Contact: <sip:bob@10.1.1.1>{Two}\nSupported: gruu", user: "bob", host: "nated");
        Ladder.Run(Invite(uri: $"sip:bob@example.net;gr={Ladder.Value("gruu")}"));
        Ladder.Run(Expect("mallory", "box", "F2", "INVITE sip:bob@203.0.113.66 SIP/2.0"));
        Ladder.Run("nated <- box: nothing within 400 ms");
    }

    [Fact]
    public void The_gruu_of_a_device_that_is_gone_is_not_available()
    {
        Registers($"Contact: <sip:bob@203.0.113.66>{One}\nSupported: gruu", user: "bob", host: "mallory");
        Ladder.Run(Invite(uri: "sip:bob@example.net;gr=urn:uuid:00000000-0000-0000-0000-000000000009"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 480 *"));
    }

    [Fact]
    public void Contacts_of_one_q_ring_together_and_the_next_ones_after_them()
    {
        Registers("Contact: <sip:bob@10.1.1.1>;q=0.5", user: "bob", host: "mallory");
        Challenge("bob", "nated");
        Registers("Contact: <sip:bob@10.1.1.2>;q=0.5", user: "bob", host: "nated");
        Challenge("bob", "alice");
        Registers("Contact: <sip:last@10.1.1.3>;q=0.1", user: "bob", host: "alice");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("mallory", "box", "M1", "INVITE sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run(Expect("nated", "box", "N1", "INVITE sip:bob@10.1.1.2 SIP/2.0"));
        Ladder.Run(Response("mallory", "box", "M1", "486 Busy Here", "M2", "m"));
        Ladder.Run(Expect("mallory", "box", "MA", "ACK *"));
        Ladder.Run(Response("nated", "box", "N1", "480 Not There", "N2", "n"));
        Ladder.Run(Expect("nated", "box", "NA", "ACK *"));
        Ladder.Run(Expect("alice", "box", "L1", "INVITE sip:last@10.1.1.3 SIP/2.0"));
        Ladder.Run(Response("alice", "box", "L1", "404 Not Found", "L2", "l"));
        Ladder.Run(Expect("alice", "box", "LA", "ACK *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 4*"));
    }
}
