using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Sdp;
using Sbc.Tests.Sip.Corpus;
using Sbc.Tests.Sip.Sdp;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The fast reader of SDP against a slow one, and its edits against a description put together anew.</summary>
public sealed class SdpOracleTests(ITestOutputHelper log)
{
    private static readonly byte[][] Tokens =
    [.. new[]
    {
        "\r\n", "\n", "\r", "\0", " ", "\t", "=", ":", "/", "m=audio 5004 RTP/AVP 0 8\r\n",
        "m=video 0/2 RTP/SAVPF 96\r\n",
        "c=IN IP4 0.0.0.0\r\n", "c=IN IP6 2001:db8::9\r\n", "c=in ip4 192.0.2.1/127/3\r\n", "c=IN IP4 host.example\r\n",
        "c=IN IP6 fe80::1%1\r\n", "a=rtcp:5009\r\n", "a=rtcp:5009 IN IP4 192.0.2.77\r\n", "a=rtcp:0\r\n", "a=rtcp\r\n",
        "a=rtcp-mux\r\n", "a=RTCP: 70000\r\n", "a=sendonly\r\n", "a=Inactive \r\n", "a=recvonly:x\r\n",
        "a=candidate:1 1 UDP 1 10.9.9.9 5 typ host\r\n", "a=ice-ufrag:x\r\n", "a=group: bundle 0\r\n",
        "a=group:LS 1\r\n",
        "a=path:msrp://10.1.1.1/x;tcp\r\n", "u=http://10.1.1.1\r\n", "v=0\r\n", "o=- 1 1 IN IP4 10.1.1.1\r\n", "a=\r\n",
        "b=AS:1\r\n", "65536", "000000000", "9999999999", "O=x\r\n",
    }.Select(Encoding.Latin1.GetBytes)];

    private readonly SdpDescription _fast = new();
    private readonly SdpDescription _again = new();
    private readonly byte[] _output = new byte[1 << 18];
    private readonly byte[] _twice = new byte[1 << 18];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Both_readers_read_and_rewrite_mutants_alike(ulong seed) =>
        FuzzRun.Run(log, seed, Seeds(), 10_000, Compare, Tokens);

    [Fact]
    [Trait("tier", "long")]
    public void Both_readers_read_and_rewrite_mutants_alike_for_as_long_as_wanted() =>
        FuzzRun.Run(log, FuzzRun.NewSeed(), Seeds(), 0, Compare, Tokens);

    [Fact]
    public void Both_readers_read_and_rewrite_every_description_of_the_corpus_alike()
    {
        foreach (byte[] body in Seeds()) Compare(body, Encoding.Latin1.GetString(body));
    }

    private List<byte[]> Seeds()
    {
        List<byte[]> seeds = [SdpSamples.Bytes(SdpSamples.Audio), SdpSamples.Bytes(SdpSamples.AudioAndVideo, "\n")];
        if (CorpusFolder.Find("sdp") is { } folder)
        {
            seeds.AddRange(Directory.EnumerateFiles(folder, "*.sdp", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        }
        else
        {
            log.WriteLine(CorpusFolder.Absent("sdp"));
        }
        return seeds;
    }

    private bool Compare(byte[] body, string name)
    {
        try
        {
            SlowSdp slow = SlowSdp.Parse(body);
            _fast.TryParse(body, out SdpError error);
            Assert.Equal(slow.Error, error);
            if (error != SdpError.None) return false;
            Assert.Equal(slow.Media.Count, _fast.Media.Length);
            for (int i = 0; i < slow.Media.Count; i++) Compare(slow, slow.Media[i], _fast.Media[i], body);
            CompareRewritten(slow, body, SdpSamples.Ours, ports: body.Length % 5);
            CompareRewritten(slow, body, SdpSamples.Ours6, ports: SdpLimits.MediaMax);
            return true;
        }
        catch (Exception failure)
        {
            string text = Encoding.Latin1.GetString(body);
            throw new Xunit.Sdk.XunitException($"{name}: {failure.Message}\n{text}\n{failure.StackTrace}");
        }
    }

    private static void Compare(SlowSdp slow, SlowMedia expected, SdpMedia found, byte[] body)
    {
        Assert.Equal((expected.Port, expected.PortCount), (found.Port, found.PortCount));
        string formats = Encoding.Latin1.GetString(found.Formats.Of(body));
        Assert.Equal(expected.Formats, formats);
        int count = expected.Formats.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length;
        Assert.Equal(count, found.FormatCount);
        Assert.Equal(slow.DirectionOf(expected), found.Direction);
        Assert.Equal((expected.HasRtcpMux, expected.RtcpPort), (found.HasRtcpMux, found.RtcpPort));
        TransportAddress? connection = slow.ConnectionOf(expected);
        Assert.Equal(connection is { IsUnspecified: true }, found.HasUnspecifiedConnection);
        Assert.Equal(At(connection, expected.Port), found.Address);
        TransportAddress? rtcp = expected.RtcpConnection is { IsUnspecified: false } own ? own : connection;
        int rtcpPort = expected.RtcpPort != 0 ? expected.RtcpPort : expected.Port + 1;
        Assert.Equal(expected.Port == 0 ? default : At(rtcp, rtcpPort > 65535 ? 0 : rtcpPort), found.RtcpAddress);
    }

    private static TransportAddress At(TransportAddress? address, int port) =>
        address is { IsUnspecified: false } known && port != 0 ? known.WithPort((ushort)port) : default;

    /// <summary>The edit is what a rebuild gives, and to edit it again changes nothing.</summary>
    private void CompareRewritten(SlowSdp slow, byte[] body, TransportAddress ours, int ports)
    {
        var media = new SdpMediaPorts[ports];
        for (int i = 0; i < ports; i++) media[i] = new SdpMediaPorts((ushort)(20000 + (2 * i)), (ushort)(30001 + i));
        var rewrite = new SdpRewrite(ours, 7, 8);
        Assert.True(SdpEditor.TryRewrite(_fast, body, rewrite, media, _output, out int written));
        string rebuilt = slow.Rebuild(ours, media);
        Assert.Equal(rebuilt, Encoding.Latin1.GetString(_output, 0, written));
        byte[] again = _output[..written];
        Assert.True(_again.TryParse(again, out SdpError error), error.ToString());
        Assert.Equal(_fast.Media.Length, _again.Media.Length);
        Assert.True(SdpEditor.TryRewrite(_again, again, rewrite, media, _twice, out int length));
        Assert.Equal(rebuilt, Encoding.Latin1.GetString(_twice, 0, length));
    }
}
