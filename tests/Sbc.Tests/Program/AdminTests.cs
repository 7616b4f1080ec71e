using System.Text.Json;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class AdminTests
{
    private const string Token = "0123456789abcdef";

    [Fact]
    public async Task Health_and_readiness_are_told()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        Assert.Equal((200, "ok\n"), await box.GetAsync("/healthz"));
        Assert.Equal((200, "ready\n"), await box.GetAsync("/readyz"));
    }

    [Fact]
    public async Task Status_tells_state_and_realms()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        JsonElement status = await box.JsonAsync("/api/v1/status");
        Assert.Equal("serving", status.GetProperty("state").GetString());
        Assert.Equal(1, status.GetProperty("generation").GetInt64());
        Assert.Equal(2, status.GetProperty("peers_total").GetInt32());
        JsonElement edge = status.GetProperty("realms")[0];
        Assert.Equal("edge", edge.GetProperty("name").GetString());
        Assert.Equal($"udp://{box.Listener(0)}", edge.GetProperty("listeners")[0].GetString());
        Assert.Equal(50, edge.GetProperty("media_ports_free").GetInt32());
    }

    [Fact]
    public async Task Peers_are_listed_drained_and_resumed()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        JsonElement peer = (await box.JsonAsync("/api/v1/peers")).GetProperty("peers")[0];
        Assert.Equal("proxy-a", peer.GetProperty("name").GetString());
        Assert.Equal("farm", peer.GetProperty("groups")[0].GetString());
        Assert.True(peer.GetProperty("up").GetBoolean());
        Assert.False(peer.GetProperty("draining").GetBoolean());
        (int status, string body) = await box.PostAsync("/api/v1/peers/proxy-a/drain");
        Assert.Equal(202, status);
        Assert.Contains("\"draining\":true", body);
        (status, body) = await box.PostAsync("/api/v1/peers/proxy-a/resume");
        Assert.Equal(200, status);
        Assert.Contains("\"draining\":false", body);
        await box.UntilLoggedAsync("peer proxy-a is resumed");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, """{"error":"there is no such page"}""")]
    [InlineData("POST", "/api/v1/peers/nobody/drain", 404, """{"error":"there is no peer \"nobody\""}""")]
    [InlineData("GET", "/api/v1/reload", 405, """{"error":"GET is not allowed here; allowed: POST"}""")]
    [InlineData("POST", "/api/v1/calls", 405, """{"error":"POST is not allowed here; allowed: GET"}""")]
    [InlineData("DELETE", "/api/v1/bans/192.0.2.1", 404,
        """{"error":"/api/v1/bans is not available in this version"}""")]
    public async Task What_is_refused_says_why(string method, string path, int status, string body)
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        Assert.Equal((status, body), await box.SendAsync(new HttpMethod(method), path));
    }

    [Fact]
    public async Task A_page_in_a_browser_changes_nothing()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        (int status, _) = await box.SendAsync(HttpMethod.Post, "/api/v1/drain", origin: "http://evil.example");
        Assert.Equal(403, status);
        Assert.False(box.Server.Drain.IsDraining);
    }

    [Fact]
    public async Task A_token_is_asked_for_except_by_health()
    {
        await using RunningBox box = await RunningBox.StartAsync(
            Samples.Plain.Replace("127.0.0.1:0\"}", "127.0.0.1:0\", token_file: admin.token}"), ("admin.token", Token));
        Assert.Equal(401, (await box.GetAsync("/api/v1/status")).Status);
        Assert.Equal(401, (await box.GetAsync("/metrics")).Status);
        Assert.Equal(401, (await box.GetAsync("/api/v1/status", Token[..^1])).Status);
        Assert.Equal(401, (await box.PostAsync("/api/v1/drain", Token + "0")).Status);
        Assert.Equal(200, (await box.GetAsync("/api/v1/status", Token)).Status);
        Assert.Equal(200, (await box.GetAsync("/healthz")).Status);
        Assert.Equal(200, (await box.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task Calls_are_listed_with_both_sides()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        phone.Invite(box.Listener(0), "listed");
        await proxy.ReceiveAsync("INVITE");
        JsonElement report = await box.JsonAsync("/api/v1/calls");
        Assert.Equal(1, report.GetProperty("calls_active").GetInt64());
        Assert.True(report.GetProperty("complete").GetBoolean());
        JsonElement call = report.GetProperty("calls")[0];
        Assert.Equal("setup", call.GetProperty("state").GetString());
        Assert.Equal("inbound", call.GetProperty("route").GetString());
        Assert.Contains("sip:alice@example.net", call.GetProperty("from").GetString());
        Assert.Equal("edge", call.GetProperty("ingress_realm").GetString());
        Assert.Equal("proxy", call.GetProperty("egress_peer").GetString());
    }
}
