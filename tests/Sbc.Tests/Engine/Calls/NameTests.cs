using System.Text;
using Sbc.Engine;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Names in requests, located by RFC 3263 while the call waits.</summary>
public class NameTests() : CallLadder(
    edge: "limits: {messages_per_second_per_source: 100000, calls_per_second: 100000}",
    inbound: "to: request_uri, realm: core, open_relay: true")
{
    private const string Uri = "sip:bob@Farm.Test";

    [Fact]
    public void A_name_is_resolved_while_the_call_waits_and_kept_for_the_next_one()
    {
        Box.Names.Is("farm.test", "10.0.0.21:5060");
        Ladder.Run(Invite(uri: Uri) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run("proxy <- core: nothing within 40 ms");
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy", "F3", "b") + "\n" +
            Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run(Expect("alice", "box", "F6", "SIP/2.0 486 *"));
        AssertEmpty();
        Ladder.Run(Invite(uri: Uri) + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy", "F3", "b") + "\n" +
            Expect("proxy", "core", "A", "ACK *"));
        // Each worker asks for itself.
        Assert.InRange(Box.Names.Asked, 1, 2);
        AssertEmpty();
    }

    [Theory]
    [InlineData("there.is.none", 404)]
    [InlineData("broken.test", 500)]
    public void A_name_that_is_none_gets_404_and_one_that_dns_says_nothing_of_500_and_both_are_kept(
        string name, int status)
    {
        Box.Names.IsBroken("broken.test");
        Ladder.Run(Invite(uri: $"sip:bob@{name}") + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" +
            Expect("alice", "box", "F2", $"SIP/2.0 {status} *"));
        AssertEmpty();
        // Within the answer's life it is not asked again by the same worker.
        Ladder.Run(Invite(uri: $"sip:bob@{name}"));
        Ladder.Run(Invite(uri: $"sip:bob@{name}"));
        Assert.InRange(Box.Names.Asked, 1, 2);
    }

    [Fact]
    public void The_next_address_of_the_name_is_tried_after_503_and_after_silence()
    {
        Box.Names.Is("farm.test", "10.0.0.22:5060", "10.0.0.99:5060", "10.0.0.21:5060");
        Simulator.Network.Kill(Address.Of("10.0.0.99:5060"), KilledHost.Silent);
        Ladder.Run(Invite(uri: Uri) + "\n" + Expect("second", "core", "F2", "INVITE *", "CSeq: 1 INVITE"));
        Ladder.Run(Response("second", "core", "F2", "503 Full", "F3", "b") + "\n" +
            Expect("second", "core", "A", "ACK *"));
        Ladder.Run("proxy <- core: F4 within 3200 ms\n  INVITE *\n  CSeq: 3 INVITE");
        Ladder.Run(Response("proxy", "core", "F4", "486 Busy", "F5", "b") + "\n" +
            Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run("alice <- box: 100\n  SIP/2.0 100 *\n" + Expect("alice", "box", "F6", "SIP/2.0 486 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_cancel_while_the_call_waits_ends_it_and_nothing_leaves()
    {
        Box.Names.Is("farm.test", "10.0.0.21:5060");
        Ladder.Run(Invite(uri: Uri) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run("""
            alice -> box: F2 CANCEL
              CANCEL sip:bob@Farm.Test SIP/2.0
              [F1 Via From To Call-ID]
              Max-Forwards: 70
              CSeq: 1 CANCEL
            alice <- box: F3
              SIP/2.0 200 *
              CSeq: 1 CANCEL
            alice <- box: F4
              SIP/2.0 487 *
              CSeq: 1 INVITE
            proxy <- core: nothing within 100 ms
            """);
        AssertEmpty();
    }

    [Fact]
    public void Other_requests_wait_as_invites_do()
    {
        Box.Names.Is("farm.test", "10.0.0.21:5060");
        string message = Invite(uri: Uri).Replace("INVITE", "MESSAGE", StringComparison.Ordinal);
        Ladder.Run(message + "\n" + Expect("proxy", "core", "F2", "MESSAGE *", "CSeq: 1 MESSAGE"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void No_more_calls_wait_than_the_limit_and_a_name_is_asked_once()
    {
        Box.Names.Is("farm.test", "10.0.0.21:5060");
        Box.Names.DelayMilliseconds = 5000;
        var caller = new Refusals();
        VirtualSocket socket = Simulator.Network.Bind(Address.Of("203.0.113.9:5060"), caller);
        for (int i = 0; i < (2 * Limits.NamesAwaitedMax) + 100; i++)
        {
            socket.Send(Address.Of("192.0.2.10:5060"), Encoding.ASCII.GetBytes(
                $"INVITE {Uri} SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK{i}\r\nMax-Forwards: 70\r\n" +
                $"From: <sip:a@b>;tag={i}\r\nTo: <sip:c@d>\r\nCall-ID: {i}\r\nCSeq: 1 INVITE\r\n" +
                "Contact: <sip:a@203.0.113.9>\r\n\r\n"));
        }
        Simulator.RunFor(300);
        Assert.InRange(caller.Count, 50, 200);
        Assert.InRange(Box.Names.Asked, 1, 2);
        Assert.Equal(2 * Limits.NamesAwaitedMax, Box.Workers.Signalling.Sum(w => w.Parts.Locations.Waiting));
        AssertEmpty(300_000);
    }

    private sealed class Refusals : IDatagramSink
    {
        public int Count { get; private set; }

        public void Received(Datagram datagram)
        {
            if (datagram.Bytes.AsSpan().StartsWith("SIP/2.0 503"u8)) Count++;
        }

        public void Unreachable(Sbc.Runtime.TransportAddress to, byte[] quoted)
        {
        }
    }
}
