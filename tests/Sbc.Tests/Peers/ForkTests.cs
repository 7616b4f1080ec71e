using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>A real Kamailio behind the box forks: phone, box, Kamailio, box again twice, two phones.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public partial class ForkTests
{
    private const int Calls = 20;
    private const string Alice = "127.1.0.31";

    [Fact]
    public void Two_phones_ring_in_two_early_dialogs_and_one_answers()
    {
        SippFlow flow = SippFlow.Load("proxy/fork");
        using var lab = new PeerLab("""
            peers:
              proxy: {realm: core, uri: "sip:127.2.0.21:5060"}
            groups:
              farm: {peers: [proxy], probe: {interval_seconds: 1, down_after: 5, up_after: 1}}
            routes:
              - {name: inbound, from: edge, to: farm}
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """);
        using PeerProcess kamailio = lab.Kamailio("127.2.0.21");
        Assert.True(PeerLab.Within(30, () => lab.HasAnswered("proxy")), kamailio.Output);
        using PeerProcess capture = lab.Capture();
        double free = lab.Metric("sbc_media_ports_free");
        using PeerProcess bob = lab.Sipp(flow, "bob", "127.1.0.32", "-m", $"{Calls}");
        using PeerProcess carol = lab.Sipp(flow, "carol", "127.1.0.33", "-m", $"{Calls}");
        using PeerProcess alice = lab.Sipp(flow, "alice", Alice, $"{PeerLab.Edge}:5060", "-m", $"{Calls}", "-r", "10",
            "-recv_timeout", "40000");
        int exit = alice.WaitForExit(120);
        Assert.True(exit == 0, alice.Output + Errors(lab));
        Assert.True(bob.WaitForExit(60) == 0, bob.Output + Errors(lab));
        Assert.True(carol.WaitForExit(60) == 0, carol.Output + Errors(lab));
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 0), "calls are left");
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_media_ports_free") == free), "ports are left");
        Assert.Equal(2 * Calls, lab.Metric("sbc_calls_total", "result=\"answered\""));
        Assert.Equal(Calls, lab.Metric("sbc_calls_total", "result=\"cancelled\""));
        Assert.True(lab.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(lab.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
        capture.Signal("INT");
        capture.WaitForExit(20);
        // The core knows its phones on the edge; alice it does not.
        (int edge, int core) = Hiding.Check(lab.CaptureFile, ["127.1.0.1:", Alice], ["127.2.0."]);
        Assert.True(edge >= Calls * 15 && core >= Calls * 15, $"{edge} on the edge, {core} in the core were captured");
        AssertTwoEarlyDialogs(lab.CaptureFile);
    }

    /// <summary>Each early dialog has a tag of its own.</summary>
    private static void AssertTwoEarlyDialogs(string file)
    {
        var tags = new Dictionary<string, HashSet<string>>();
        foreach (CapturedDatagram datagram in Pcap.Read(file).Where(d => d.To == Alice && d.ToPort == 5060))
        {
            string text = Encoding.Latin1.GetString(datagram.Payload);
            if (!text.StartsWith("SIP/2.0 180 ", StringComparison.Ordinal)) continue;
            string call = CallId().Match(text).Value;
            if (!tags.TryGetValue(call, out HashSet<string>? seen)) tags[call] = seen = [];
            seen.Add(ToTag().Match(text).Groups[1].Value);
        }
        Assert.Equal(Calls, tags.Count);
        Assert.All(tags.Values, seen => Assert.Equal(2, seen.Count));
    }

    private static string Errors(PeerLab lab) => lab.ErrorsOf("fork-alice", Alice)
        + lab.ErrorsOf("fork-bob", "127.1.0.32") + lab.ErrorsOf("fork-carol", "127.1.0.33");

    [GeneratedRegex("Call-ID: *([^\r]+)")]
    private static partial Regex CallId();

    [GeneratedRegex("\nTo:[^\r]*;tag=([^\r;]+)")]
    private static partial Regex ToTag();
}
