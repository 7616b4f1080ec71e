using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>The real binary before a farm of two real SIPp proxies, one of which dies under load.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class FarmTests
{
    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public void A_proxy_that_dies_under_load_takes_no_call_with_it_that_is_offered_later(string signal)
    {
        using var lab = PeerLab.Farm(
            ", probe: {interval_seconds: 1, down_after: 2, up_after: 2}, failover: {silence_ms: 1000}");
        using PeerProcess first = lab.Sipp("callee", "127.2.0.21");
        using PeerProcess second = lab.Sipp("callee", "127.2.0.22");
        Assert.True(PeerLab.Within(20, () => lab.HasAnswered("proxy-a") && lab.HasAnswered("proxy-b")));

        using PeerProcess before = lab.Sipp("caller", "127.1.0.31", $"{PeerLab.Edge}:5060", "-m", "500", "-r", "200", "-d", "200");
        Assert.True(before.WaitForExit(60) == 0, before.Output);

        // Calls are being set up at 200 a second while the proxy goes; each lasts long enough to be cut if it was there.
        using PeerProcess during = lab.Sipp("caller", "127.1.0.33", $"{PeerLab.Edge}:5060", "-m", "2000", "-r", "200",
            "-d", "100", "-recv_timeout", "20000");
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_total", "answered") > 800));
        first.Signal(signal);
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_peer_up", "proxy-a") == 0));
        Assert.Equal(1, lab.Metric("sbc_peer_up", "proxy-b"));

        using PeerProcess after = lab.Sipp("caller", "127.1.0.34", $"{PeerLab.Edge}:5060", "-m", "1000", "-r", "200", "-d", "200");
        Assert.True(after.WaitForExit(60) == 0, after.Output + lab.ErrorsOf("caller", "127.1.0.34"));
        during.WaitForExit(120);
        Assert.True(PeerLab.Within(60, () => lab.Metric("sbc_calls_active") == 0));
        Assert.True(PeerLab.Within(10, () =>
            lab.Metric("sbc_peer_calls_active", "proxy-a") == 0 && lab.Metric("sbc_peer_calls_active", "proxy-b") == 0));
        Assert.Equal(0, lab.Metric("sbc_dropped_total", "reason=\"internal_error\""));
        // Only calls that were up on the dead proxy may have failed: their BYE found nobody.
        Assert.True(lab.Metric("sbc_calls_total", "failed") is double.NaN or 0, "a call in set-up failed");
    }

    [Fact]
    public void A_hundred_reloads_under_a_thousand_calls_a_second_cost_no_call()
    {
        const string Single = $"listen: [udp://{PeerLab.Edge}:5060]";
        const string Double = $"listen: [udp://{PeerLab.Edge}:5060, udp://{PeerLab.Edge}:5070]";
        using var lab = PeerLab.Farm();
        using PeerProcess first = lab.Sipp("callee", "127.2.0.21", "-buff_size", "4194304");
        using PeerProcess second = lab.Sipp("callee", "127.2.0.22", "-buff_size", "4194304");
        Assert.True(PeerLab.Within(20, () => lab.HasAnswered("proxy-a") && lab.HasAnswered("proxy-b")));
        using PeerProcess load = lab.Sipp("caller", "127.1.0.33", $"{PeerLab.Edge}:5060", "-m", "25000", "-r", "1000",
            "-d", "100", "-l", "25000", "-timer_resol", "1", "-buff_size", "4194304");
        // Listeners, the balance and a peer come and go.
        for (int i = 0; i < 50; i++)
        {
            Assert.True(lab.Reload(yaml => yaml.Replace(Single, Double).Replace("round_robin", "least_calls")
                .Replace("peers:\n", "peers:\n  spare: {realm: core, uri: \"sip:127.2.0.99\"}\n")));
            Assert.True(lab.Reload(yaml => yaml.Replace(Double, Single).Replace("least_calls", "round_robin")
                .Replace("  spare: {realm: core, uri: \"sip:127.2.0.99\"}\n", "")));
        }
        Assert.True(load.WaitForExit(120) == 0, load.Output + lab.ErrorsOf("caller", "127.1.0.33"));
        Assert.Equal(25000, lab.Metric("sbc_calls_total", "answered"));
        Assert.Equal(100, lab.Metric("sbc_config_reloads_total", "\"ok\""));
        Assert.Equal(0, lab.Metric("sbc_dropped_total", "reason=\"internal_error\""));
    }

    [Fact]
    public void Four_proxies_are_killed_and_restarted_in_turn_and_no_call_in_set_up_fails()
    {
        using var lab = PeerLab.Farm(
            ", probe: {interval_seconds: 1, down_after: 2, up_after: 2, slow_start_seconds: 1}, "
            + "failover: {silence_ms: 1000}", proxies: 4);
        PeerProcess[] proxies = [.. Enumerable.Range(0, 4).Select(i => lab.Sipp("callee", $"127.2.0.{21 + i}"))];
        string[] names = ["proxy-a", "proxy-b", "proxy-c", "proxy-d"];
        Assert.True(PeerLab.Within(20, () => names.All(lab.HasAnswered)));
        using PeerProcess load = lab.Sipp("caller", "127.1.0.33", $"{PeerLab.Edge}:5060", "-m", "6000", "-r", "150",
            "-d", "100", "-recv_timeout", "20000");
        for (int i = 0; i < 4; i++)
        {
            int one = i;
            double before = lab.Metric("sbc_calls_total", "answered");
            proxies[i].Signal("KILL");
            Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_peer_up", names[one]) == 0));
            proxies[i].WaitForExit(10);
            proxies[i] = lab.Sipp("callee", $"127.2.0.{21 + i}");
            Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_peer_up", names[one]) == 1));
            Assert.True(lab.Metric("sbc_calls_total", "answered") > before);
        }
        load.WaitForExit(120);
        Assert.True(PeerLab.Within(60, () => lab.Metric("sbc_calls_active") == 0));
        Assert.Equal(0, lab.Metric("sbc_dropped_total", "reason=\"internal_error\""));
        Assert.True(lab.Metric("sbc_calls_total", "failed") is double.NaN or 0, "a call in set-up failed");
        Assert.All(names, name => Assert.Equal(0, lab.Metric("sbc_peer_calls_active", name)));
    }
}
