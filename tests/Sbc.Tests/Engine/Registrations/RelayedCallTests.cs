using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Calls to and from phones that a core registrar knows by a Contact of the box.</summary>
public sealed class RelayedCallTests() : RelayLadder("nat_expires_seconds_max: 60")
{
    private static string FromCore(string uri, string label = "F1") => $$"""
        proxy -> core: {{label}} INVITE
          INVITE {{uri}} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bK{+invite}
          Max-Forwards: 70
          From: <sip:bob@example.net>;tag={+from}
          To: <sip:alice@example.net>
          Call-ID: {+call}
          CSeq: 1 INVITE
          Contact: <sip:bob@{proxy}>
        """;

    [Fact]
    public void The_core_reaches_the_phone_over_the_flow_it_registered_on()
    {
        Registers("Contact: <sip:n@192.168.1.5:5060;line=7>", "nated");
        Ladder.Run(FromCore("sip:{id}@{core}"));
        Ladder.Run(Expect("nated", "box", "F2", "INVITE sip:n@192.168.1.5:5060;line=7 SIP/2.0",
            "To: <sip:alice@example.net>\n!Route"));
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        Ladder.Run(Response("nated", "box", "F2", "486 Busy Here", "F3", "{+t}"));
        Ladder.Run(Expect("proxy", "core", "F4", "SIP/2.0 486 *"));
    }

    [Fact]
    public void A_contact_that_there_is_not_is_404()
    {
        Registers("Contact: <sip:n@192.168.1.5:5060>", "nated");
        Ladder.Run(FromCore("sip:aaaaaaaaaaaaaaaaaaaa@{core}"));
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "SIP/2.0 404 *"));
    }

    [Fact]
    public void One_whose_phone_fell_silent_is_480()
    {
        Registers("Contact: <sip:n@192.168.1.5:5060>", "nated");
        Simulator.RunFor(61_000);
        Assert.Equal(1, Bindings);
        Ladder.Run(FromCore("sip:{id}@{core}"));
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "SIP/2.0 480 *"));
    }

    [Theory]
    [InlineData(";+sip.instance=\"<urn:uuid:1>\";reg-id=1", "430 Flow Failed", "430 Flow Failed")]
    [InlineData("", "480 *", "486 *")]
    public void A_flow_that_failed_is_said_to_whom_it_was_named(string outbound, string first, string then)
    {
        Registers($"Contact: <sip:n@192.168.1.5:5060>{outbound}\nSupported: outbound, path", "nated");
        Simulator.Network.Kill(Sbc.Simulation.Address.Of("203.0.113.8:40000"),
            Sbc.Simulation.KilledHost.PortUnreachable);
        Ladder.Run(FromCore("sip:{id}@{core}"));
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", $"SIP/2.0 {first}"));
        Simulator.Network.Revive(Sbc.Simulation.Address.Of("203.0.113.8:40000"));
        // A phone that keeps its flow open registers again; another one may be back.
        Ladder.Run(FromCore("sip:{id}@{core}", "G1").Replace("{+", "{+g", StringComparison.Ordinal));
        Ladder.Run(Expect("proxy", "core", "100", "SIP/2.0 100 *"));
        if (outbound.Length == 0)
        {
            Ladder.Run(Expect("nated", "box", "G2", "INVITE sip:n@192.168.1.5:5060 SIP/2.0"));
            Ladder.Run(Response("nated", "box", "G2", "486 Busy Here", "G3", "{+t}"));
        }
        Ladder.Run(Expect("proxy", "core", "G4", $"SIP/2.0 {then}"));
    }

    [Fact]
    public void A_phones_call_takes_the_route_that_the_registrar_gave_it()
    {
        Registers(more: "Service-Route: <sip:orig@10.0.0.30;lr>, <sip:10.0.0.31;lr>");
        string invite = Invite(uri: "sip:bob@example.net").Replace(
            "sip:alice@{alice.host}>;tag", "sip:alice@example.net>;tag", StringComparison.Ordinal);
        Ladder.Run(invite);
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE sip:bob@example.net SIP/2.0",
            "Route: <sip:orig@10.0.0.30;lr>, <sip:10.0.0.31;lr>"));
        // Who registered from elsewhere has no part in it.
        Ladder.Run(invite.Replace("alice -> box", "mallory -> box", StringComparison.Ordinal));
        Ladder.Run(Expect("mallory", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE sip:bob@example.net SIP/2.0", "!Route"));
    }
}

/// <summary>A Path of the box.</summary>
public sealed class RelayPathTests() : RelayLadder("path: true")
{
    [Fact]
    public void It_goes_to_the_registrar_and_back_to_nobody()
    {
        Ladder.Run(Register(Contact));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Path: <sip:{core};lr>\nSupported: path"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}",
            "Contact: {P.Contact}\nPath: <sip:{core};lr>"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", Contact + ";expires=*\n!Path"));
    }
}
