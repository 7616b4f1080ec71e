using System.Text;
using Sbc.Tests.Media;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Keys beside a profile in the clear (RFC 8643): whose word counts, and who is named then.</summary>
public class BestEffortTests : MediaLadder
{
    private const string Crypto = "\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGw";
    private const string Fingerprint =
        "\na=fingerprint:SHA-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";
    private static readonly byte[] Report = [.. MediaRig.Rtcp(7), .. RtcpTests.Sdes(7, (1, "john@10.0.0.21"))];

    [Theory]
    [InlineData(Crypto, "", false)]
    [InlineData(Fingerprint, "", false)]
    [InlineData(Crypto, Crypto, true)]
    [InlineData(Fingerprint, Fingerprint, true)]
    [InlineData(Crypto, Fingerprint, false)]
    public void Reports_in_the_clear_name_nobody_whatever_was_offered(string offered, string answered, bool isSealed)
    {
        Call(Alice("m=audio 9000 RTP/AVP 0" + offered), "m=audio {b} RTP/AVP 0",
            Bob("m=audio 8000 RTP/AVP 0" + answered), "m=audio {a} RTP/AVP 0");
        Ear alice = At("203.0.113.7:9001");
        At("10.0.0.21:8001").Send($"10.0.0.10:{int.Parse(Ladder.Value("b")) + 1}", Report);
        Simulator.RunFor(100);
        Assert.Equal(1, alice.Count);
        Assert.Equal(isSealed, Encoding.Latin1.GetString(alice.Last).Contains("john", StringComparison.Ordinal));
        HangUp();
    }

    [Fact]
    public void The_name_of_a_source_is_the_same_in_the_description_and_in_its_reports()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0\na=ssrc:5 cname:alice@203.0.113.7"),
            "m=audio {b} RTP/AVP 0\na=ssrc:5 cname:alice@*",
            Bob("m=audio 8000 RTP/AVP 0\na=ssrc:7 cname:john@10.0.0.21"),
            "m=audio {a} RTP/AVP 0\na=ssrc:7 cname:{name}\n!*john*");
        Ear alice = At("203.0.113.7:9001");
        At("10.0.0.21:8001").Send($"10.0.0.10:{int.Parse(Ladder.Value("b")) + 1}", Report);
        Simulator.RunFor(100);
        Assert.Contains(Ladder.Value("name"), Encoding.Latin1.GetString(alice.Last), StringComparison.Ordinal);
        HangUp();
    }
}
