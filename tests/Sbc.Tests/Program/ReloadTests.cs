using System.Text.Json;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class ReloadTests
{
    [Fact]
    public async Task A_good_file_is_served_and_its_changes_are_named()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        box.Write(Samples.Plain
            .Replace("  proxy-b: {realm: core, uri: \"sip:127.0.0.22:5060\"}",
                "  proxy-c: {realm: core, uri: \"sip:127.0.0.23:5060\"}")
            .Replace("127.0.0.21", "127.0.0.24").Replace("proxy-b", "proxy-c")
            .Replace("to: farm}", "to: farm}\n  - {name: outbound, from: core, to: request_uri, realm: edge}"));
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(200, status);
        using JsonDocument report = JsonDocument.Parse(body);
        Assert.Equal(2, report.RootElement.GetProperty("generation").GetInt64());
        Assert.True(report.RootElement.GetProperty("adopted").GetBoolean());
        JsonElement changes = report.RootElement.GetProperty("changes");
        Assert.Equal("""{"added":["proxy-c"],"removed":["proxy-b"],"changed":["proxy-a"]}""",
            changes.GetProperty("peers").GetRawText());
        Assert.Equal("""{"added":[],"removed":[],"changed":["farm"]}""", changes.GetProperty("groups").GetRawText());
        Assert.Equal("""{"added":["outbound"],"removed":[],"changed":[]}""",
            changes.GetProperty("routes").GetRawText());
        Assert.All(box.Server.Workers.Signalling, worker => Assert.Equal(2, worker.Generation));
        Assert.Equal("2", await box.MetricAsync("sbc_config_generation"));
        Assert.Equal("1", await box.MetricAsync("sbc_config_reloads_total{result=\"ok\"}"));
        Assert.Equal("1", await box.MetricAsync("sbc_peer_up{peer=\"proxy-c\"}"));
        Assert.Equal("0", await box.MetricAsync("sbc_calls_total{route=\"outbound\",result=\"answered\"}"));
    }

    [Fact]
    public async Task A_peer_that_was_taken_away_is_neither_up_nor_down()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        Assert.Equal("1", await box.MetricAsync("sbc_peer_up{peer=\"proxy-b\"}"));
        await box.PostAsync("/api/v1/peers/proxy-b/drain");
        box.Write(Samples.Plain.Replace("  proxy-b: {realm: core, uri: \"sip:127.0.0.22:5060\"}\n", "")
            .Replace(", proxy-b]", "]"));
        Assert.Equal(200, (await box.PostAsync("/api/v1/reload")).Status);
        Assert.Null(await box.MetricAsync("sbc_peer_up{peer=\"proxy-b\"}"));
        Assert.NotNull(await box.MetricAsync("sbc_peer_responses_total{peer=\"proxy-b\",class=\"2xx\"}"));
        box.Write(Samples.Plain);
        Assert.Equal(200, (await box.PostAsync("/api/v1/reload")).Status);
        JsonElement back = (await box.JsonAsync("/api/v1/peers")).GetProperty("peers")[1];
        Assert.False(back.GetProperty("draining").GetBoolean());
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_and_every_problem_is_told()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        box.Write(Samples.Plain.Replace("to: farm", "to: nowhere").Replace("workers: 2", "worker: 2"));
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(422, status);
        using JsonDocument report = JsonDocument.Parse(body);
        JsonElement problems = report.RootElement.GetProperty("problems");
        Assert.Contains(problems.EnumerateArray(), p => p.GetProperty("path").GetString() == "routes[0].to");
        Assert.Contains(problems.EnumerateArray(), p => p.GetProperty("line").GetInt32() == 1);
        Assert.Equal("1", await box.MetricAsync("sbc_config_generation"));
        Assert.Equal("1", await box.MetricAsync("sbc_config_reloads_total{result=\"refused\"}"));
        await box.UntilLoggedAsync("reload_refused");
    }

    [Theory]
    [InlineData("workers: 2\nmedia", "workers: 1\nmedia", "workers")]
    [InlineData("media_workers: 1", "media_workers: 2", "media_workers")]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:9061", "admin.listen")]
    [InlineData("trust: trusted", "trust: untrusted", "realms.core.trust")]
    [InlineData("media: {address: 127.0.0.2, ports: 20000-20099}", "media: {address: 127.0.0.4, ports: 20000-20099}",
        "realms.core.media.address")]
    public async Task What_needs_a_restart_is_refused_by_its_key(string old, string next, string path)
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        string changed = Samples.Plain.Replace(old, next);
        Assert.NotEqual(Samples.Plain, changed);
        box.Write(changed);
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(422, status);
        Assert.Contains($"\"path\":\"{path}\"", body);
        Assert.Contains("only by a restart", body);
        Assert.Equal(1, box.Server.Workers.Snapshots.Current.Generation);
    }

    [Fact]
    public async Task Realms_may_change_places_in_the_file()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        string yaml = Samples.To(proxy.Port);
        await using RunningBox box = await RunningBox.StartAsync(yaml);
        string[] lines = yaml.Split('\n');
        (lines[2], lines[3]) = (lines[3], lines[2]);
        box.Write(string.Join('\n', lines));
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.True(status == 200, body);
        phone.Invite(box.Listener(0), "swapped");
        await proxy.ReceiveAsync("INVITE");
    }

    [Fact]
    public async Task Reloads_at_the_same_time_follow_each_other()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        (int Status, string Body)[] answers =
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => box.PostAsync("/api/v1/reload")));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(8, answers.Select(answer => answer.Body).Distinct().Count());
        Assert.Equal("9", await box.MetricAsync("sbc_config_generation"));
    }
}
