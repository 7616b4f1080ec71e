using Sbc.Engine.Config;
using Sbc.Program.Logging;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class LogTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void A_line_is_text_or_json()
    {
        var line = new LogLine(LogLevel.Warning, "peer_down", "peer \"a\" is\nsilent", ("peer", "a"));
        Assert.Equal("2026-01-02T03:04:05.678Z warning peer \"a\" is?silent", LogFormatter.Text(line, Time));
        const string Start = """{"time":"2026-01-02T03:04:05.678Z","level":"warning",""";
        const string Event = """ "event":"peer_down","message":"peer \"a\" is\nsilent","peer":"a"}""";
        Assert.Equal(Start + Event.TrimStart(), LogFormatter.Json(line, Time));
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_told_with_name_address_and_cause()
    {
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port)
            .Replace("probe: {interval_seconds: 0}", "probe: {interval_seconds: 1, down_after: 1}"));
        await proxy.ReceiveAsync("OPTIONS");
        await box.UntilLoggedAsync($"peer proxy at 127.0.0.1:{proxy.Port} is down: it does not answer");
        Assert.Equal("0", await box.MetricAsync("sbc_peer_up{peer=\"proxy\"}"));
        // Not probed any more, nothing would bring it back.
        box.Write(Samples.To(proxy.Port));
        Assert.Equal(200, (await box.PostAsync("/api/v1/reload")).Status);
        await box.UntilLoggedAsync("is up: it is no longer probed");
        Assert.Equal("1", await box.MetricAsync("sbc_peer_up{peer=\"proxy\"}"));
    }

    [Fact]
    public async Task The_level_is_respected_and_a_reload_changes_it()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain + "\nlog: {level: error, format: text}");
        await box.PostAsync("/api/v1/peers/proxy-a/drain");
        box.Write(Samples.Plain + "\nlog: {level: info, format: text}");
        await box.PostAsync("/api/v1/reload");
        await box.UntilLoggedAsync("log changed");
        Assert.All(box.Log.Lines, line => Assert.DoesNotContain("{", line));
        await box.PostAsync("/api/v1/peers/proxy-a/resume");
        await box.UntilLoggedAsync("peer proxy-a is resumed");
    }
}
