using System.Text.Json;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class DrainTests
{
    [Fact]
    public async Task A_draining_box_is_not_ready_and_takes_no_new_calls()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        phone.Invite(box.Listener(0), "before");
        await proxy.ReceiveAsync("INVITE");
        (int status, string body) = await box.PostAsync("/api/v1/drain");
        Assert.Equal(202, status);
        Assert.Contains("\"calls_active\":1", body);
        Assert.Equal(503, (await box.GetAsync("/readyz")).Status);
        Assert.Equal(200, (await box.GetAsync("/healthz")).Status);
        JsonElement report = await box.JsonAsync("/api/v1/status");
        Assert.Equal("draining", report.GetProperty("state").GetString());
        Assert.Equal(1, report.GetProperty("calls_active").GetInt64());
        phone.Invite(box.Listener(0), "after");
        Assert.Contains("\r\nRetry-After: ", await phone.ReceiveAsync("SIP/2.0 503"));
    }

    [Fact]
    public async Task Calls_that_outlast_the_limit_are_ended()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port, drainSeconds: 0));
        phone.Invite(box.Listener(0), "endless");
        await proxy.ReceiveAsync("INVITE");
        Assert.Equal(202, (await box.PostAsync("/api/v1/drain")).Status);
        await phone.ReceiveAsync("SIP/2.0 503");
        await RunningBox.UntilAsync(() => Task.FromResult(box.Server.CallsActive == 0), "the end of the call");
        await box.UntilLoggedAsync("drain_ends_calls");
    }

    [Fact]
    public async Task A_peer_that_is_drained_gets_no_new_calls()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        await box.PostAsync("/api/v1/peers/proxy/drain");
        phone.Invite(box.Listener(0), "refused");
        await phone.ReceiveAsync("SIP/2.0 503");
        await box.PostAsync("/api/v1/peers/proxy/resume");
        phone.Invite(box.Listener(0), "taken");
        await proxy.ReceiveAsync("INVITE");
    }
}
