using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>Every flow of the folder <c>flows</c>: real SIPp on both sides of the real box.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public sealed class FlowTests(FlowTests.Lab lab) : IClassFixture<FlowTests.Lab>
{
    private const int Calls = 25;

    /// <summary>
    /// Who is where; dave is a peer whose redirections the box follows, erin one for whom bob and carol both ring.
    /// </summary>
    private static readonly Dictionary<string, string> Phones = new()
    {
        ["alice"] = "127.1.0.31", ["dave"] = "127.1.0.33", ["erin"] = "127.1.0.34",
        ["bob"] = "127.2.0.31", ["carol"] = "127.2.0.32",
    };

    public static TheoryData<string> Flows
    {
        get
        {
            var flows = new TheoryData<string>();
            foreach (string file in Directory.EnumerateFiles(SippFlow.Folder, "*.flow").Order())
                flows.Add(Path.GetFileNameWithoutExtension(file));
            return flows;
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Every_call_of_a_flow_goes_as_it_is_written_and_leaves_nothing(string name)
    {
        SippFlow flow = SippFlow.Load(name);
        PeerLab peers = lab.Peers;
        using PeerProcess capture = peers.Capture();
        double free = peers.Metric("sbc_media_ports_free");
        PeerProcess[] callees = [.. flow.Parties.Skip(1).Select(party =>
            peers.Sipp(flow, party, Phones[party], "-m", $"{Calls}"))];
        string alice = flow.Parties.First();
        using PeerProcess caller = peers.Sipp(flow, alice, Phones[alice],
            $"{PeerLab.Edge}:5060", "-m", $"{Calls}", "-r", "25", "-recv_timeout", "40000");
        Assert.True(caller.WaitForExit(120) == 0, caller.Output + Errors(flow));
        foreach (PeerProcess callee in callees)
        {
            Assert.True(callee.WaitForExit(60) == 0, callee.Output + Errors(flow));
            callee.Dispose();
        }
        Assert.True(PeerLab.Within(20, () => peers.Metric("sbc_calls_active") == 0), "calls are left");
        Assert.True(PeerLab.Within(20, () => peers.Metric("sbc_media_ports_free") == free), "ports are left");
        Assert.True(peers.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(peers.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
        capture.Signal("INT");
        capture.WaitForExit(20);
        (int edge, int core) = Hiding.Check(peers.CaptureFile, ["127.1.0."], ["127.2.0."]);
        Assert.True(edge >= Calls * 2 && core >= Calls * 2, $"{edge} on the edge, {core} in the core were captured");
    }

    private string Errors(SippFlow flow) => string.Concat(
        flow.Parties.Select(party => lab.Peers.ErrorsOf($"{flow.Name}-{party}", Phones[party])));

    /// <summary>One box for all flows: what one leaves, the next sees. No probes: the phones play flows.</summary>
    public sealed class Lab : IDisposable
    {
        public PeerLab Peers { get; } = new($$"""
            peers:
              bob: {realm: core, uri: "sip:{{Phones["bob"]}}:5060"}
              carol: {realm: core, uri: "sip:{{Phones["carol"]}}:5060"}
              erin: {realm: edge, uri: "sip:{{Phones["erin"]}}:5060"}
              dave: {realm: edge, uri: "sip:{{Phones["dave"]}}:5060"}
            groups:
              phones: {peers: [bob], probe: {interval_seconds: 0} }
              other: {peers: [carol], probe: {interval_seconds: 0} }
              both: {peers: [erin], probe: {interval_seconds: 0} }
              followed: {peers: [dave], probe: {interval_seconds: 0} }
            routes:
              - {name: both, from: erin, to: [phones, other], fork: parallel}
              - {name: following, from: dave, to: phones, follow_redirects: true}
              - {name: inbound, from: edge, to: phones}
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """);

        public void Dispose() => Peers.Dispose();
    }
}
