using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>
/// A box between alice (edge, 203.0.113.7) and two proxies (core); each test plays the messages of one behaviour.
/// </summary>
public abstract class CallLadder
{
    /// <summary>One proxy, no probes, no media, so that nothing happens that the text does not say.</summary>
    protected const string OneProxy = "[proxy-a]";
    protected const string TwoProxies = "[proxy-a, proxy-b]";

    private int _requests;

    protected CallLadder(string farm = OneProxy, string edge = "nat: auto", string rest = "", string failover = "{}",
        string inbound = "to: farm", string core = "", string trust = "trusted")
    {
        Simulator = new Simulator(1);
        Box = new SimulatedBox(Simulator, Yaml(farm, edge, rest, failover, inbound, core, trust), workers: 2);
        Ladder = new Ladder(Simulator)
            .Host("alice", "203.0.113.7:5060").Host("mallory", "203.0.113.66:5060").Host("nated", "203.0.113.8:40000")
            .Host("proxy", "10.0.0.21:5060").Host("second", "10.0.0.22:5060").Host("phone", "10.0.0.99:5060")
            .Peer("box", "192.0.2.10:5060").Peer("core", "10.0.0.10:5060");
    }

    protected Simulator Simulator { get; }

    protected SimulatedBox Box { get; }

    protected Ladder Ladder { get; }

    protected static string Yaml(
        string farm, string edge = "nat: auto", string rest = "", string failover = "{}",
        string inbound = "to: farm", string core = "", string trust = "trusted") => $$"""
        realms:
          edge:
            listen: [udp://192.0.2.10:5060]
            {{edge}}
          core:
            trust: {{trust}}
            listen: [udp://10.0.0.10:5060]
            {{core}}
        peers:
          proxy-a: {realm: core, uri: "sip:10.0.0.21:5060"}
          proxy-b: {realm: core, uri: "sip:10.0.0.22:5060"}
        groups:
          farm: {peers: {{farm}}, balance: round_robin, probe: {interval_seconds: 0}, failover: {{failover}}}
          left: {peers: [proxy-a], probe: {interval_seconds: 0} }
          right: {peers: [proxy-b], probe: {interval_seconds: 0} }
        routes:
          - {name: inbound, from: edge, {{inbound}}}
          - {name: outbound, from: core, to: request_uri, realm: edge{{OpenRelay(trust)}} }
        {{rest}}
        """;

    private static string OpenRelay(string trust) => trust == "trusted" ? "" : ", open_relay: true";

    /// <summary>alice's INVITE, label F1.</summary>
    protected static string Invite(
        string more = "", int cseq = 1, string label = "F1", string uri = "sip:bob@{box}") => $$"""
        alice -> box: {{label}} INVITE
          INVITE {{uri}} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+invite}
          Max-Forwards: 70
          From: "Alice" <sip:alice@{alice.host}>;tag={{(cseq == 1 ? "{+from}" : "{from}")}}
          To: <sip:bob@{box.host}>
          Call-ID: {{(cseq == 1 ? "{+call}" : "{call}")}}@{alice.host}
          CSeq: {{cseq}} INVITE
          Contact: <sip:alice@{alice}>;+sip.instance="<urn:uuid:1>"
        {{Indented(more)}}
        """;

    protected static string Response(
        string host, string peer, string request, string status, string label, string tag = "",
        string more = "") => $$"""
        {{host}} -> {{peer}}: {{label}} {{status}}
          SIP/2.0 {{status}}
          [{{request}} Via From Call-ID CSeq]
          To: {{{request}}.To}{{(tag.Length > 0 ? $";tag={tag}" : "")}}
        {{Indented(more)}}
        """;

    protected static string Expect(string host, string peer, string label, string startLine, string more = "") => $$"""
        {{host}} <- {{peer}}: {{label}}
          {{startLine}}
        {{Indented(more)}}
        """;

    /// <summary>F1 to F6: INVITE, 100, 200 and ACK through the box.</summary>
    protected void Establish(string host = "alice", string more = "")
    {
        Ladder.Run(Invite(more).Replace("alice -> box", $"{host} -> box", StringComparison.Ordinal));
        Ladder.Run(Expect(host, "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2 INVITE", "INVITE sip:bob@{proxy.host} SIP/2.0"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "{+bobtag}", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect(host, "box", "F4", "SIP/2.0 200 *"));
        Ladder.Run(FromAlice("ACK", "F5", 1).Replace("alice -> box", $"{host} -> box", StringComparison.Ordinal));
        Ladder.Run(Expect("proxy", "core", "F6 ACK", "ACK sip:bob@{proxy} SIP/2.0", "CSeq: 1 ACK"));
    }

    /// <summary>A request of alice within the dialog.</summary>
    protected string FromAlice(string method, string label, int cseq, string more = "", string host = "alice") => $$"""
        {{host}} -> box: {{label}} {{method}}
          {{method}} {F4.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bKa{{++_requests}}
          Max-Forwards: 70
          [F1 From Call-ID]
          To: {F4.To}
          CSeq: {{cseq}} {{method}}
        {{Indented(more)}}
        """;

    /// <summary>A request of the proxy within the dialog.</summary>
    protected string FromProxy(string method, string label, int cseq, string more = "") => $$"""
        proxy -> core: {{label}} {{method}}
          {{method}} {F2.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bKp{{++_requests}}
          Max-Forwards: 70
          From: {F3.To}
          To: {F2.From}
          Call-ID: {F2.Call_ID}
          CSeq: {{cseq}} {{method}}
        {{Indented(more)}}
        """;

    /// <summary>alice hangs up, and then nothing is left.</summary>
    protected void HangUp(int cseq = 2)
    {
        Ladder.Run(FromAlice("BYE", "H1", cseq));
        Ladder.Run(Expect("proxy", "core", "H2", "BYE sip:bob@{proxy} SIP/2.0"));
        Ladder.Run(Response("proxy", "core", "H2", "200 OK", "H3"));
        Ladder.Run(Expect("alice", "box", "H4", "SIP/2.0 200 *", $"CSeq: {cseq} BYE"));
        AssertEmpty();
    }

    /// <summary>All that is alive ends within the time a challenge or a transaction may take; the laws hold.</summary>
    protected void AssertEmpty(long withinMilliseconds = 120_000)
    {
        Assert.True(Simulator.RunUntil(() => Box.Alive == 0, withinMilliseconds), $"alive: {Box.Alive}");
        foreach ((string what, Func<bool> holds) in Box.Laws) Assert.True(holds(), what);
        Assert.Empty(Simulator.Reports);
    }

    protected long Verdicts(Sbc.Engine.Pipeline.VerdictKind kind) =>
        Box.Workers.Signalling.Sum(worker => worker.Counters.Verdicts(kind));

    private static string Indented(string lines) =>
        lines.Length == 0 ? "" : string.Join('\n', lines.Split('\n').Select(line => "  " + line.Trim()));
}
