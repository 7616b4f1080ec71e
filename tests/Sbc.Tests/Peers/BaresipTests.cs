using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>Real baresip phones: alice on the edge, bob and carol in the core.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class BaresipTests
{
    private const string Alice = "127.1.0.41";
    private const string Bob = "127.2.0.31";
    private const string Carol = "127.2.0.32";

    [Fact]
    public void A_call_is_held_and_resumed_by_both_and_heard_by_both()
    {
        using var lab = OneBox(Bob, probeSeconds: 0);
        using PeerProcess capture = lab.Capture();
        double free = lab.Metric("sbc_media_ports_free");
        using var alice = new BaresipPhone(lab, "alice", Alice, PeerLab.Edge, 10000);
        using var bob = new BaresipPhone(lab, "bob", Bob, PeerLab.Core, 10200);
        Establish(alice, bob);
        AssertHeard(lab);

        foreach ((BaresipPhone holder, BaresipPhone held) in new[] { (alice, bob), (bob, alice) })
        {
            holder.Do("hold");
            held.WaitFor("CALL_REMOTE_SDP", "offer");
            holder.WaitFor("CALL_REMOTE_SDP", "answer");
            holder.Do("resume");
            held.WaitFor("CALL_REMOTE_SDP", "offer");
            holder.WaitFor("CALL_REMOTE_SDP", "answer");
            AssertHeard(lab);
        }
        bob.Do("hangup");
        alice.WaitFor("CALL_CLOSED");
        AssertNothingLeft(lab, free);
        AssertHidden(lab, capture);
    }

    [Fact]
    public void Tshark_finds_no_gap_in_what_either_phone_says_or_hears()
    {
        using var lab = OneBox(Bob, probeSeconds: 0);
        using PeerProcess capture = lab.Capture();
        double free = lab.Metric("sbc_media_ports_free");
        using var alice = new BaresipPhone(lab, "alice", Alice, PeerLab.Edge, 10000);
        using var bob = new BaresipPhone(lab, "bob", Bob, PeerLab.Core, 10200);
        Establish(alice, bob);
        AssertHeard(lab, packets: 500);
        alice.Do("hangup");
        bob.WaitFor("CALL_CLOSED");
        AssertNothingLeft(lab, free);
        capture.Signal("INT");
        capture.WaitForExit(20);

        RtpStreamLine[] streams = RtpStreamLine.Read(lab);
        Assert.All(streams, stream => Assert.True(stream.Lost == 0, $"{stream}"));
        var voices = streams.GroupBy(stream => stream.Source).ToArray();
        Assert.Equal(2, voices.Length);
        foreach (IGrouping<string, RtpStreamLine> voice in voices)
        {
            // The box speaks from its own addresses; its first packet may go where the SDP says, the rest to the latch.
            bool IsHeard(RtpStreamLine stream) =>
                stream.From.StartsWith(PeerLab.Edge, StringComparison.Ordinal) ||
                stream.From.StartsWith(PeerLab.Core, StringComparison.Ordinal);
            int said = voice.Where(stream => !IsHeard(stream)).Sum(stream => stream.Packets);
            int heard = voice.Where(IsHeard).Sum(stream => stream.Packets);
            Assert.True(heard >= 450 && heard <= said && said - heard <= 25, $"{heard} of {said} were heard");
        }
    }

    [Theory]
    [InlineData($"sip:carol@{PeerLab.Core}")]
    [InlineData("sip:carol@127.2.0.21")]
    public void A_call_is_transferred_to_a_third_phone(string target)
    {
        // Bob is a phone of the proxy's network, and so is carol; the proxy finds them.
        using var lab = OneBox("127.2.0.21", probeSeconds: 1);
        using PeerProcess capture = lab.Capture();
        double free = lab.Metric("sbc_media_ports_free");
        using PeerProcess kamailio = lab.Kamailio("127.2.0.21");
        Assert.True(PeerLab.Within(30, () => lab.HasAnswered("core-peer")), kamailio.Output);
        using var alice = new BaresipPhone(lab, "alice", Alice, PeerLab.Edge, 10000);
        using var bob = new BaresipPhone(lab, "bob", Bob, PeerLab.Core, 10200);
        using var carol = new BaresipPhone(lab, "carol", Carol, PeerLab.Core, 10400);
        Establish(alice, bob, "desk");
        AssertHeard(lab);

        bob.Do("transfer", target);
        alice.WaitFor("\"TRANSFER\"");
        carol.WaitFor("CALL_INCOMING");
        carol.Do("accept");
        carol.WaitFor("CALL_ESTABLISHED");
        alice.WaitFor("CALL_ESTABLISHED");
        bob.WaitFor("CALL_CLOSED");
        AssertHeard(lab);
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 1), "the first call is left");
        carol.Do("hangup");
        alice.WaitFor("CALL_CLOSED", "carol");
        AssertNothingLeft(lab, free);
        AssertHidden(lab, capture);
    }

    private static PeerLab OneBox(string peer, int probeSeconds) => new($$"""
        peers:
          core-peer: {realm: core, uri: "sip:{{peer}}:5060"}
        groups:
          phones: {peers: [core-peer], probe: {interval_seconds: {{probeSeconds}}, down_after: 5} }
        routes:
          - {name: inbound, from: edge, to: phones}
          - {name: outbound, from: core, to: request_uri, realm: edge}
        """, latching: "open");

    private static void Establish(BaresipPhone caller, BaresipPhone callee, string user = "bob")
    {
        caller.Do("dial", $"sip:{user}@{PeerLab.Edge}");
        callee.WaitFor("CALL_INCOMING");
        callee.Do("accept");
        callee.WaitFor("CALL_ESTABLISHED");
        caller.WaitFor("CALL_ESTABLISHED");
    }

    /// <summary>From now on, at least so much speech goes out to each side: 50 packets are a second.</summary>
    private static void AssertHeard(PeerLab lab, int packets = 50)
    {
        double edge = Sent(lab, "edge"), core = Sent(lab, "core");
        Assert.True(
            PeerLab.Within(40, () => Sent(lab, "edge") >= edge + packets && Sent(lab, "core") >= core + packets),
            $"{edge} to {Sent(lab, "edge")} packets to the edge, {core} to {Sent(lab, "core")} to the core");
    }

    private static double Sent(PeerLab lab, string realm) =>
        lab.Metric("sbc_rtp_packets_total", $"\"{realm}\"", "direction=\"out\"");

    private static void AssertHidden(PeerLab lab, PeerProcess capture)
    {
        capture.Signal("INT");
        capture.WaitForExit(20);
        (int edge, int core) = Hiding.Check(lab.CaptureFile, ["127.1.0."], ["127.2.0."]);
        Assert.True(edge >= 10 && core >= 10, $"{edge} on the edge, {core} in the core were captured");
    }

    private static void AssertNothingLeft(PeerLab lab, double free)
    {
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 0), "calls are left");
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_media_ports_free") == free), "ports are left");
        Assert.True(lab.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(lab.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
    }
}
