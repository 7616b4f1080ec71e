using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>Phone, box, a real Kamailio, box, phone: the call passes the box twice, with SIPp as the phones.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class PhoneToPhoneTests
{
    private const int Calls = 20;

    [Theory]
    [InlineData("caller", "callee")]
    [InlineData("caller_hung_up_on", "callee_hangs_up")]
    public void A_call_passes_the_box_twice_and_ends_from_either_side(string caller, string callee)
    {
        using var lab = PeerLab.Farm();
        using PeerProcess kamailio = lab.Kamailio("127.2.0.21");
        using PeerProcess second = lab.Sipp("callee", "127.2.0.22");
        Assert.True(PeerLab.Within(30, () => lab.HasAnswered("proxy-a") && lab.HasAnswered("proxy-b")), kamailio.Output);
        using PeerProcess capture = lab.Capture();
        using PeerProcess bob = lab.Sipp(callee, "127.1.0.32", "-rtp_echo", "-d", "1000");
        Drain(lab, "proxy-b");
        double free = lab.Metric("sbc_media_ports_free", "edge");
        using PeerProcess alice = lab.Sipp(
            caller, "127.1.0.31", $"{PeerLab.Edge}:5060", "-m", $"{Calls}", "-r", "10", "-d", "1000", "-rtp_echo");
        int exit = alice.WaitForExit(60);
        Assert.True(exit == 0, $"{alice.Output}\n{lab.ErrorsOf(caller, "127.1.0.31")}\n{lab.ErrorsOf(callee, "127.1.0.32")}");
        Assert.True(PeerLab.Within(10, () => lab.Metric("sbc_calls_active") == 0));
        Assert.True(PeerLab.Within(10, () => lab.Metric("sbc_media_ports_free", "edge") == free));
        Assert.Equal(2 * Calls, lab.Metric("sbc_calls_total", "result=\"answered\""));
        Assert.Equal(0, lab.Metric("sbc_dropped_total", "reason=\"internal_error\""));
        capture.Signal("INT");
        capture.WaitForExit(10);
        (int edge, int core) = Hiding.Check(lab.CaptureFile, ["127.1.0.1:", "127.1.0.31"], ["127.2.0."], "farm of");
        Assert.True(edge > Calls * 10 && core > Calls * 10, $"{edge} on the edge, {core} in the core were captured");
    }

    private static void Drain(PeerLab lab, string peer)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer =
            http.PostAsync(new Uri($"http://127.0.0.1:9060/api/v1/peers/{peer}/drain"), null).GetAwaiter().GetResult();
        answer.EnsureSuccessStatusCode();
        Assert.Equal(1, lab.Metric("sbc_peer_up", peer));
    }
}
