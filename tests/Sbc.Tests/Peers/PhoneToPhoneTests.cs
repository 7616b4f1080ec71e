using System.Text;
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
        using var lab = new PeerLab();
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
        AssertHidden(lab.CaptureFile);
    }

    private static void Drain(PeerLab lab, string peer)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer =
            http.PostAsync(new Uri($"http://127.0.0.1:9060/api/v1/peers/{peer}/drain"), null).GetAwaiter().GetResult();
        answer.EnsureSuccessStatusCode();
        Assert.Equal(1, lab.Metric("sbc_peer_up", peer));
    }

    /// <summary>Every byte of SIP on one side is looked through for the addresses of the other.</summary>
    private static void AssertHidden(string file)
    {
        int edge = 0, core = 0;
        foreach (CapturedDatagram datagram in Pcap.Read(file))
        {
            string text = Encoding.Latin1.GetString(datagram.Payload);
            if (datagram.FromPort != 5060 && datagram.ToPort != 5060) continue;
            bool onEdge = datagram.From == PeerLab.Edge || datagram.To == PeerLab.Edge;
            // Bob's address in the Request-URI is what the core itself asks for: it knows the phone.
            if (!onEdge)
            {
                core++;
                Assert.DoesNotContain("127.1.0.1:", text, StringComparison.Ordinal);
                Assert.DoesNotContain("127.1.0.31", text, StringComparison.Ordinal);
            }
            else
            {
                edge++;
                Assert.DoesNotContain("127.2.0.", text, StringComparison.Ordinal);
                if (datagram.From == PeerLab.Edge) Assert.DoesNotContain("farm of", text, StringComparison.Ordinal);
            }
        }
        Assert.True(edge > Calls * 10 && core > Calls * 10, $"{edge} on the edge, {core} in the core were captured");
    }
}
