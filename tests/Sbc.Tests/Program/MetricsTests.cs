using Sbc.Engine.Worker;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class MetricsTests
{
    [Theory]
    [InlineData("sbc_calls_active")]
    [InlineData("sbc_calls_total{route=\"inbound\",result=\"no_answer\"}")]
    [InlineData("sbc_call_setup_seconds_bucket{stage=\"ringing\",le=\"0.001\"}")]
    [InlineData("sbc_call_setup_seconds_count{stage=\"answer\"}")]
    [InlineData("sbc_messages_received_total{realm=\"edge\",transport=\"udp\",method=\"INVITE\"}")]
    [InlineData("sbc_messages_received_total{realm=\"edge\",transport=\"udp\",method=\"other\"}")]
    [InlineData("sbc_messages_sent_total{realm=\"core\",transport=\"udp\",method=\"BYE\"}")]
    [InlineData("sbc_dropped_total{realm=\"edge\",reason=\"rate_limited\"}")]
    [InlineData("sbc_dropped_total{realm=\"core\",reason=\"internal_error\"}")]
    [InlineData("sbc_peer_up{peer=\"proxy-a\"}")]
    [InlineData("sbc_peer_calls_active{peer=\"proxy-b\"}")]
    [InlineData("sbc_peer_responses_total{peer=\"proxy-a\",class=\"1xx\"}")]
    [InlineData("sbc_peer_responses_total{peer=\"proxy-a\",class=\"timeout\"}")]
    [InlineData("sbc_peer_responses_total{peer=\"proxy-a\",class=\"transport\"}")]
    [InlineData("sbc_media_sessions_active")]
    [InlineData("sbc_media_ports_free{realm=\"edge\"}")]
    [InlineData("sbc_media_ports{realm=\"edge\"}")]
    [InlineData("sbc_media_loss_ratio_bucket{realm=\"edge\",le=\"0\"}")]
    [InlineData("sbc_media_jitter_seconds_count{realm=\"core\"}")]
    [InlineData("sbc_media_round_trip_seconds_count{realm=\"edge\"}")]
    [InlineData("sbc_media_mos_bucket{realm=\"edge\",le=\"4.3\"}")]
    [InlineData("sbc_rtp_sources_latched_total{realm=\"edge\"}")]
    [InlineData("sbc_rtp_ssrc_changes_total{realm=\"core\"}")]
    [InlineData("sbc_rtp_dropped_total{realm=\"edge\",reason=\"bit_rate_exceeded\"}")]
    [InlineData("sbc_rtp_packets_total{realm=\"edge\",direction=\"in\"}")]
    [InlineData("sbc_rtp_bytes_total{realm=\"core\",direction=\"out\"}")]
    [InlineData("sbc_rtp_dropped_total{realm=\"edge\",reason=\"source_refused\"}")]
    [InlineData("sbc_worker_busy_ratio{worker=\"sip-1\"}")]
    [InlineData("sbc_worker_busy_ratio{worker=\"rtp-0\"}")]
    [InlineData("sbc_udp_kernel_drops_total{realm=\"edge\"}")]
    [InlineData("sbc_config_generation")]
    [InlineData("sbc_config_reloads_total{result=\"ok\"}")]
    [InlineData("sbc_config_reloads_total{result=\"refused\"}")]
    [InlineData("sbc_packets_received_total{worker=\"sip-0\"}")]
    [InlineData("sbc_packets_handed_total{worker=\"sip-0\",direction=\"out\"}")]
    [InlineData("sbc_verdicts_total{worker=\"sip-0\",verdict=\"handed_over\"}")]
    [InlineData("sbc_log_dropped_total")]
    public async Task A_series_is_there_from_the_start(string series)
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        Assert.NotNull(await box.MetricAsync(series));
    }

    [Fact]
    public async Task No_other_names_than_ours_are_on_the_page()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        (int status, string page) = await box.GetAsync("/metrics");
        Assert.Equal(200, status);
        Assert.All(page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'),
            line => Assert.StartsWith("sbc_", line));
        Assert.Contains("sbc_build_info{version=\"", page);
    }

    [Fact]
    public async Task Buckets_and_sum_of_the_setup_histogram_are_exact()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        foreach (SignallingWorker worker in box.Server.Workers.Signalling)
        {
            foreach (long microseconds in new long[] { 900, 1000, 1001, 40_000, 90_000_000 })
                worker.Counters.CountSetup(SetupStage.Answer, microseconds);
        }
        // A scrape in between, so that the second adds to the first.
        Assert.Equal("4", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"0.001\"}"));
        box.Server.Workers.Signalling[0].Counters.CountSetup(SetupStage.Answer, 500);
        Assert.Equal("5", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"0.001\"}"));
        Assert.Equal("7", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"0.002\"}"));
        Assert.Equal("7", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"0.02\"}"));
        Assert.Equal("9", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"0.05\"}"));
        Assert.Equal("9", await box.MetricAsync("sbc_call_setup_seconds_bucket{stage=\"answer\",le=\"60\"}"));
        Assert.Equal("11", await box.MetricAsync("sbc_call_setup_seconds_count{stage=\"answer\"}"));
        string sum = (await box.MetricAsync("sbc_call_setup_seconds_sum{stage=\"answer\"}"))!;
        Assert.Equal(180.086302, double.Parse(sum), 9);
        Assert.Equal("0", await box.MetricAsync("sbc_call_setup_seconds_count{stage=\"ringing\"}"));
    }

    [Fact]
    public async Task A_call_is_counted_where_it_passes()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        phone.Invite(box.Listener(0), "counted");
        await proxy.ReceiveAsync("INVITE");
        Assert.Equal("1", await box.MetricAsync("sbc_calls_active"));
        Assert.Equal("1", await box.MetricAsync("sbc_peer_calls_active{peer=\"proxy\"}"));
        Assert.Equal("1", await box.MetricAsync(
            "sbc_messages_received_total{realm=\"edge\",transport=\"udp\",method=\"INVITE\"}"));
        Assert.Equal("1", await box.MetricAsync(
            "sbc_messages_sent_total{realm=\"core\",transport=\"udp\",method=\"INVITE\"}"));
    }
}
