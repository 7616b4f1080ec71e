using System.Text;
using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>What is not carried is refused with the response RFC 3261 names, or dropped with a reason.</summary>
public class RefusalTests() : CallLadder(edge: "limits: {messages_per_second_per_source: 100000}")
{
    private const string Plain = """
        alice -> box: F1
          METHOD URI SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+b}
          Max-Forwards: HOPS
          From: <sip:alice@x>;tag={+from}
          To: <sip:bob@x>TOTAG
          Call-ID: {+call}
          CSeq: 1 METHOD
          Contact: <sip:alice@{alice}>
          EXTRA
        """;

    [Theory]
    [InlineData("INVITE", "sip:bob@{box}", 0, "X: 1", "483 *", "!Allow")]
    [InlineData("INVITE", "sip:bob@{box}", 70, "Require: x-magic", "420 *", "Unsupported: x-magic")]
    [InlineData("INVITE", "sip:bob@{box}", 70, "Proxy-Require: x-magic", "420 *", "Unsupported: x-magic")]
    [InlineData("INVITE", "sip:bob@{box}", 70, "Require: a, timer\n  Proxy-Require: b\n  Require: c", "420 *",
        "Unsupported: a, c, b")]
    [InlineData("INVITE", "http://bob", 70, "X: 1", "416 *", "!Allow")]
    [InlineData("INVITE", "sip:bob@{box}", 70, "Call-ID: twice", "400 *", "!Allow")]
    [InlineData("INVITE", "sip:bob@{box}", 70, "Content-Length: 500", "400 *", "!Allow")]
    [InlineData("REGISTER", "sip:{box}", 70, "X: 1", "405 *", "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, *")]
    [InlineData("PRACK", "sip:{box}", 70, "X: 1", "481 *", "!Allow")]
    [InlineData("UPDATE", "sip:{box}", 70, "X: 1", "481 *", "!Allow")]
    [InlineData("BYE", "sip:bob@{box}", 70, "X: 1", "481 *", "!Allow")]
    [InlineData("CANCEL", "sip:bob@{box}", 70, "X: 1", "481 *", "!Allow")]
    public void A_request_is_refused(string method, string uri, int hops, string extra, string status, string header)
    {
        Ladder.Run(Text(method, uri, hops, extra) + "\n" + Expect("alice", "box", "F2", $"SIP/2.0 {status}", header));
        Ladder.Run("proxy <- core: nothing within 50 ms");
        AssertEmpty();
    }

    [Fact]
    public void A_request_with_a_tag_that_is_not_ours_is_of_no_dialog()
    {
        Ladder.Run(Text("INVITE", "sip:bob@{box}", 70, "X: 1", ";tag=gone") + "\n" +
            Expect("alice", "box", "F2", "SIP/2.0 481 *"));
        Ladder.Run(Text("ACK", "sip:bob@{box}", 70, "X: 1", ";tag=gone") + "\nalice <- box: nothing within 50 ms");
        Assert.Equal(1, Box.Dropped(DropReason.StrayAck));
    }

    [Theory]
    [InlineData("X-None: 1", "SIP/2.0 400 ")]
    [InlineData("Contact: <sip:a\r\n X-Header: evil@203.0.113.67>", "SIP/2.0 400 ")]
    [InlineData("Contact: <sip:a@b>\r\nRecord-Route: <sip:a\r\n X-Header: evil@b;lr>", "SIP/2.0 400 ")]
    [InlineData("Contact: <sip:a@203.0.113.67>", "SIP/2.0 100 ")]
    public void An_invite_whose_dialog_could_not_be_written_into_requests_is_refused(string contact, string startLine)
    {
        using var mallory = new Sender(Simulator, "203.0.113.67:5060", "192.0.2.10:5060");
        mallory.Send(Encoding.ASCII.GetBytes(
            "INVITE sip:bob@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP h;rport;branch=z9hG4bKx\r\n" +
            $"To: <sip:b@x>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\n{contact}\r\n\r\n"));
        Simulator.RunFor(10);
        Assert.StartsWith(startLine, mallory.Last, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stranger_who_asks_with_options_gets_no_answer_and_a_peer_does()
    {
        Ladder.Run(Text("OPTIONS", "sip:{box}", 70, "X: 1") + "\nalice <- box: nothing within 100 ms");
        Assert.Equal(1, Box.Dropped(DropReason.NotFromPeer));
        string options = Text("OPTIONS", "sip:{core}", 70, "X: 1").Replace("alice -> box", "proxy -> core",
            StringComparison.Ordinal)
            .Replace("UDP {alice}", "UDP {proxy}", StringComparison.Ordinal);
        Ladder.Run(options + "\n" +
            Expect("proxy", "core", "F2", "SIP/2.0 200 *", "Allow: *\nAccept: application/sdp"));
        Box.Cells.Draining = true;
        Ladder.Run(options + "\n" + Expect("proxy", "core", "F2", "SIP/2.0 503 *", "Retry-After: 30"));
    }

    [Fact]
    public void A_draining_box_refuses_new_calls_and_hangs_up_the_others_at_its_limit()
    {
        Establish();
        Box.Cells.Draining = true;
        Ladder.Run(Text("INVITE", "sip:bob@{box}", 70, "X: 1") + "\n" +
            Expect("alice", "box", "D1", "SIP/2.0 503 *", "Retry-After: *"));
        Box.EndCalls();
        Ladder.Run(Expect("alice", "box", "D2", "BYE *", "Reason: SIP;cause=503;text=\"Draining\"") + "\n" +
            Expect("proxy", "core", "D3", "BYE *", "Reason: SIP;cause=503;text=\"Draining\""));
        Ladder.Run(Response("alice", "box", "D2", "200 OK", "D4") + "\n" +
            Response("proxy", "core", "D3", "200 OK", "D5"));
        AssertEmpty();
    }

    [Theory]
    [InlineData("sip:alice@{alice}", "", "INVITE sip:alice@{alice} SIP/2.0", "!Route")]
    [InlineData("sip:x@example.org", "Route: <sip:{core};lr>, <sip:{alice};lr>", "INVITE sip:x@example.org SIP/2.0",
        "Route: <sip:{alice};lr>")]
    public void A_request_goes_to_its_uri_or_its_next_route(string uri, string route, string startLine, string expected)
    {
        Ladder.Run(FromCore(uri, route) + "\n" + Expect("alice", "box", "F2", startLine, expected));
    }

    [Theory]
    [InlineData("sip:alice@phones.example.org", "404 *")]
    [InlineData("sip:alice@{box}", "404 *")]
    [InlineData("sip:alice@{core}", "404 *")]
    public void A_request_to_a_name_or_to_ourselves_is_refused(string uri, string status)
    {
        Ladder.Run(FromCore(uri, "") + "\nproxy <- core optional: 100\n  SIP/2.0 100 *");
        Ladder.Run(Expect("proxy", "core", "F2", $"SIP/2.0 {status}") + "\nalice <- box: nothing within 50 ms");
    }

    [Fact]
    public void An_invite_cut_at_any_byte_is_answered_or_counted_and_the_next_call_works()
    {
        byte[] invite = Encoding.ASCII.GetBytes("""
            INVITE sip:bob@192.0.2.10 SIP/2.0
            Via: SIP/2.0/UDP 203.0.113.66:5060;rport;branch=z9hG4bKcut
            Max-Forwards: 70
            From: "A \" b" <sip:alice@x>;tag=1
            To: <sip:bob@x>
            Call-ID: cut
            CSeq: 1 INVITE
            Contact: <sip:alice@203.0.113.66>
            Content-Type: application/sdp
            Content-Length: 8

            v=0
            x

            """.ReplaceLineEndings("\r\n"));
        using var mallory = new Sender(Simulator, "203.0.113.67:5060", "192.0.2.10:5060");
        for (int length = 0; length < invite.Length; length++) mallory.Send(invite[..length]);
        Simulator.RunFor(100);
        long dropped = Verdicts(Sbc.Engine.Pipeline.VerdictKind.Dropped),
            answered = Verdicts(Sbc.Engine.Pipeline.VerdictKind.Answered);
        Assert.Equal(invite.Length, dropped + answered + Verdicts(Sbc.Engine.Pipeline.VerdictKind.Forwarded));
        Assert.True(dropped > 50 && answered > 50 && mallory.Received >= answered);
        Simulator.RunFor(40_000);
        Establish();
    }

    [Fact]
    public void Zeros_endless_headers_and_too_many_of_them_are_counted_with_a_reason()
    {
        using var mallory = new Sender(Simulator, "203.0.113.67:5060", "192.0.2.10:5060");
        mallory.Send(new byte[65_000]);
        mallory.Send(Encoding.ASCII.GetBytes("INVITE sip:b@x SIP/2.0\r\nVia: " + new string('a', 60_000)));
        mallory.Send(Encoding.ASCII.GetBytes("INVITE sip:b@x SIP/2.0\r\n" +
            string.Concat(Enumerable.Repeat("X: 1\r\n", 5000)) + "\r\n"));
        mallory.Send(Encoding.ASCII.GetBytes("\r\n\r\n"));
        Simulator.RunFor(100);
        Assert.Equal(1, Box.Dropped(DropReason.NotSip));
        Assert.Equal(1, Box.Dropped(DropReason.HeaderUnending));
        Assert.Equal(1, Box.Dropped(DropReason.TooManyHeaders));
        Assert.Equal(1, Box.Dropped(DropReason.KeepAlive));
        Assert.Equal(0, mallory.Received);
        Establish();
    }

    [Fact]
    public void Messages_near_the_size_of_a_datagram_leave_no_call_and_no_half_message()
    {
        using var mallory = new Sender(Simulator, "203.0.113.67:5060", "192.0.2.10:5060");
        foreach (string name in (string[])["Via: SIP/2.0/UDP h;branch=z9hG4bK", "X-Long: ", "Contact: <sip:a@b>;x=",
            "From: <sip:a@b>;tag=1;y="])
        {
            for (int spare = 0; spare < 400; spare += 40)
            {
                string head = "INVITE sip:bob@192.0.2.10 SIP/2.0\r\n" +
                    $"Via: SIP/2.0/UDP h;rport;branch=z9hG4bK{name[0]}{spare}\r\n" +
                    $"To: <sip:b@x>\r\nCall-ID: {name[0]}{spare}\r\nCSeq: 1 INVITE\r\n" +
                    (name[0] == 'F' ? "" : "From: <sip:a@b>;tag=1\r\n") +
                        (name[0] == 'C' ? "" : "Contact: <sip:a@b>\r\n") + name;
                mallory.Send(Encoding.ASCII.GetBytes(head + new string('z', 65_500 - spare - head.Length) +
                    "\r\n\r\n"));
            }
        }
        Ladder.Strict = false;
        Simulator.RunFor(1000);
        AssertEmpty(300_000);
    }

    private static string Text(string method, string uri, int hops, string extra, string toTag = "") => Plain
        .Replace("METHOD", method, StringComparison.Ordinal).Replace("URI", uri, StringComparison.Ordinal)
        .Replace("HOPS", $"{hops}", StringComparison.Ordinal).Replace("EXTRA", extra, StringComparison.Ordinal)
        .Replace("TOTAG", toTag, StringComparison.Ordinal);

    private static string FromCore(string uri, string route) => $$"""
        proxy -> core: F1
          INVITE {{uri}} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bK{+b}
          Max-Forwards: 70
          From: <sip:bob@x>;tag={+from}
          To: <sip:alice@x>
          Call-ID: {+call}
          CSeq: 1 INVITE
          Contact: <sip:bob@{proxy}>
          {{route}}
        """;

    private sealed class Sender : IDatagramSink, IDisposable
    {
        private readonly VirtualSocket _socket;
        private readonly TransportAddress _to;

        public Sender(Simulator simulator, string local, string to)
        {
            _socket = simulator.Network.Bind(Address.Of(local), this);
            _to = Address.Of(to);
        }

        public long Received { get; private set; }

        public void Send(byte[] bytes) => _socket.Send(_to, bytes);

        public void Dispose() => _socket.Close();

        public string Last { get; private set; } = "";

        void IDatagramSink.Received(Datagram datagram)
        {
            Received++;
            Last = datagram.Text;
        }

        void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }
}

public class LimitTests() : CallLadder(
    edge: "limits: {calls_max: 1, calls_per_second: 100, messages_per_second_per_source: 5}")
{
    [Fact]
    public void One_call_too_many_is_refused_and_a_source_that_floods_is_dropped()
    {
        Ladder.Run(Invite() + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Invite(label: "L1") + "\nalice <- box optional: 100\n  SIP/2.0 100 *");
        Ladder.Run(Expect("alice", "box", "L2", "SIP/2.0 503 *", "Retry-After: *"));
        for (int i = 0; i < 10; i++) Ladder.Run(Invite(label: "L3"));
        Ladder.Run("wait 50 ms");
        Assert.Equal(7, Box.Dropped(DropReason.RateLimited));
    }
}

public class TimerTests() : CallLadder(rest: "timers: {ringing_seconds_max: 10, duration_seconds_max: 60}")
{
    [Fact]
    public void A_call_that_rings_too_long_is_cancelled_and_refused()
    {
        Ladder.Run(Invite() + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "F3", "b", "Contact: <sip:bob@{proxy}>") +
            "\nwait 10000 ms");
        Ladder.Run(Expect("proxy", "core", "F4", "CANCEL *") +
            "\nalice <- box: 100\n  SIP/2.0 100 *\nalice <- box: 180\n  SIP/2.0 180 *");
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 408 *"));
        Ladder.Run(Response("proxy", "core", "F4", "200 OK", "F6", "b") + "\n" +
            Response("proxy", "core", "F2", "487 X", "F7", "b"));
        AssertEmpty();
    }

    [Fact]
    public void A_call_that_is_too_long_is_ended_on_both_legs()
    {
        Establish();
        Ladder.Run("wait 60000 ms\n" + Expect("proxy", "core", "F7", "BYE *", "Reason: *Duration*") + "\n" +
            Expect("alice", "box", "F8", "BYE *", "Reason: *Duration*"));
        Ladder.Run(Response("proxy", "core", "F7", "200 OK", "F9") + "\n" +
            Response("alice", "box", "F8", "200 OK", "F10"));
        AssertEmpty();
    }
}
