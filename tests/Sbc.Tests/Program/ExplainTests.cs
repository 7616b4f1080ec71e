using Sbc.Program.Commands;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>sbc explain says what the box would do, and its exit code whether that is what one wants.</summary>
public sealed class ExplainTests : IDisposable
{
    private const string Yaml = """
        realms:
          edge: {listen: [udp://192.0.2.10:5060], media: {address: 192.0.2.10, ports: 20000-20999}}
          core: {trust: trusted, listen: [udp://10.0.0.10:5060], media: {address: 10.0.0.10, ports: 20000-20999}}
        peers: {proxy: {realm: core, uri: "sip:10.0.0.21:5060"}}
        routes:
          - {name: premium, from: edge, match: {request_user: '^0900'}, to: {reject: 403, reason: "No"}}
          - {name: balanced, from: edge, match: {header: {X-Mode: forward}}, to: proxy, mode: forward}
          - name: inbound
            from: edge
            match: {method: INVITE}
            to: proxy
            rewrite: {to_target: [{set: X-Seen, value: 'yes'}]}
        """;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_call_shows_its_route_peer_and_rewritten_message()
    {
        (int exit, string text) = await ExplainAsync(Invite("bob"));
        Assert.Equal(0, exit);
        Assert.Contains("from: realm edge, 203.0.113.7:5060, no peer\nroute: inbound, mode call\n", text);
        Assert.Contains("forwarded: to peer proxy, 10.0.0.21:5060 from 10.0.0.10:5060", text);
        Assert.Contains("X-Seen: yes\r\n", text);
        Assert.Contains("c=IN IP4 10.0.0.10\r\n", text);
    }

    [Fact]
    public async Task A_refusal_is_shown_with_its_status_and_fails()
    {
        (int exit, string text) = await ExplainAsync(Invite("0900123"));
        Assert.Equal(1, exit);
        Assert.Contains("route: premium", text);
        Assert.Contains("refused: to 203.0.113.7:5060 from 192.0.2.10:5060\n\nSIP/2.0 403 No\r\n", text);
    }

    [Fact]
    public async Task A_forwarded_one_shows_its_record_routes()
    {
        (int exit, string text) = await ExplainAsync(Invite("bob", "X-Mode: forward\r\n"));
        Assert.Equal(0, exit);
        Assert.Contains("route: balanced, mode forward", text);
        Assert.Contains("Record-Route: <sip:", text);
    }

    [Fact]
    public async Task What_is_dropped_says_why()
    {
        (int exit, string text) = await ExplainAsync("HTTP/1.1 200 OK\r\n\r\n", "--source");
        Assert.Equal(1, exit);
        Assert.Contains("dropped: not_sip", text);
    }

    [Fact]
    public async Task A_realm_that_is_not_there_is_said()
    {
        string file = _folder.Write("sbc.yaml", Yaml);
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(1, await ExplainCommand.RunAsync(file, "egde", null, file, new FixedFacts(), output));
        Assert.Contains("there is no realm \"egde\"; did you mean \"edge\"?", output.ToString());
    }

    private static string Invite(string user, string more = "") =>
        $"INVITE sip:{user}@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bKx\r\n" +
        "Max-Forwards: 70\r\nFrom: <sip:alice@203.0.113.7>;tag=1\r\nTo: <sip:bob@192.0.2.10>\r\nCall-ID: a\r\n" +
        $"CSeq: 1 INVITE\r\nContact: <sip:alice@203.0.113.7>\r\n{more}Content-Type: application/sdp\r\n\r\n" +
        "v=0\r\no=- 1 1 IN IP4 203.0.113.7\r\ns=-\r\nc=IN IP4 203.0.113.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

    private async Task<(int Exit, string Text)> ExplainAsync(string message, string source = "")
    {
        string config = _folder.Write("sbc.yaml", Yaml);
        string file = _folder.Write("message.sip", message);
        using var output = new StringWriter { NewLine = "\n" };
        int exit = await ExplainCommand.RunAsync(
            config, "edge", source == "" ? null : "203.0.113.7:5060", file, new FixedFacts(), output);
        return (exit, output.ToString());
    }
}
