using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>What real programs send, through a whole call: all of it arrives, in order, byte for byte.</summary>
public class RecordedMediaTests : MediaLadder
{
    private const string Strict =
        "media: {address: 192.0.2.10, ports: 20000-20100, quarantine_ms: 100, latching: strict}";

    private const string Audio = "m=audio 9000 RTP/AVP 0";
    private const string AliceHost = "203.0.113.7", BobHost = "10.0.0.21", StrangerAddress = "203.0.113.66:4000";

    private readonly Dictionary<string, List<byte[]>> _expected = [];
    private int _strangers;

    public RecordedMediaTests()
        : base(edge: Strict)
    {
    }

    [Fact]
    public void Video_and_voice_of_ffmpeg_pass_both_ways_at_once()
    {
        // As ffmpeg describes them, with their bandwidth.
        const string video = "RTP/AVP 96\nb=AS:60\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1";
        Call(Alice($"{Audio}\nb=AS:64\nm=video 9002 {video}"), "m=audio {b} RTP/AVP 0\nm=video {d} RTP/AVP 96",
            Bob($"m=audio 8000 RTP/AVP 0\nb=AS:64\nm=video 8002 {video}"), "m=audio {a} *\nm=video {c} RTP/AVP 96");
        IReadOnlyList<RecordedPacket> packets = Recording.Read("video.pcap");
        Assert.Equal((38, 164, 4), (
            packets.Count(packet => packet.To == 4000), packets.Count(packet => packet.To == 4002),
            packets.Count(packet => packet.To % 2 == 1)));
        foreach (RecordedPacket packet in packets)
        {
            // Recorded: video at 4000, voice at 4002; here voice is the first line.
            int line = packet.To < 4002 ? 2 : 0, component = packet.To % 2;
            int alices = 9000 + line + component, bobs = 8000 + line + component;
            string edge = line == 0 ? "a" : "c", core = line == 0 ? "b" : "d";
            Play(packet, $"{AliceHost}:{alices}", $"192.0.2.10:{Port(edge) + component}", $"{BobHost}:{bobs}");
            Play(packet, $"{BobHost}:{bobs}", $"10.0.0.10:{Port(core) + component}", $"{AliceHost}:{alices}");
            if (packet.To == 4000) Stranger(packet, edge);
        }
        AssertHeard(isReduced: address => address.StartsWith(AliceHost, StringComparison.Ordinal));
        HangUp();
    }

    [Theory]
    [InlineData("m=image 9000 udptl t38", "m=image {f} udptl t38", "m=image 8000 udptl t38", 9000, 8000)]
    [InlineData("m=audio 0 RTP/AVP 0\nm=image 9004 UDPTL t38", "m=audio 0 *\nm=image {f} UDPTL t38",
        "m=audio 0 RTP/AVP 0\nm=image 8004 UDPTL t38", 9004, 8004)]
    public void A_fax_of_spandsp_passes_after_speech_has_become_an_image(
        string offer, string offered, string answer, int alices, int bobs)
    {
        const string fax = "\na=T38FaxVersion:0\na=T38MaxBitRate:14400\na=T38FaxUdpEC:t38UDPRedundancy";
        Call(Alice(Audio), "m=audio {b} RTP/AVP 0", Bob("m=audio 8000 RTP/AVP 0"), "m=audio {a} RTP/AVP 0");
        Assert.Equal(3, Heard($"{AliceHost}:9000", $"{BobHost}:8000", $"10.0.0.10:{Port("b")}"));
        Assert.Equal(3, Heard($"{BobHost}:8000", $"{AliceHost}:9000", $"192.0.2.10:{Port("a")}"));
        Reinvite(2, Alice(offer + fax, 2), offered, "200 OK", Bob(answer + fax, 2),
            offered.Replace("{f}", "{e}", StringComparison.Ordinal));
        At($"{AliceHost}:{alices}").All.Clear();
        At($"{BobHost}:{bobs}").All.Clear();
        IReadOnlyList<RecordedPacket> packets = Recording.Read("fax.pcap");
        Assert.Equal(273, packets.Count);
        foreach (RecordedPacket packet in packets)
        {
            string alice = $"{AliceHost}:{alices}", bob = $"{BobHost}:{bobs}";
            if (packet.From == 4000) Play(packet, alice, $"192.0.2.10:{Port("e")}", bob);
            else Play(packet, bob, $"10.0.0.10:{Port("f")}", alice);
            Stranger(packet, "e");
        }
        AssertHeard(isReduced: _ => false);
        // Back to speech, in the line that was speech.
        Reinvite(3, Alice("m=audio 9000 RTP/AVP 0" + (alices == 9000 ? "" : "\nm=image 0 UDPTL t38"), 3),
            "m=audio {b2} RTP/AVP 0", "200 OK",
            Bob("m=audio 8000 RTP/AVP 0" + (alices == 9000 ? "" : "\nm=image 0 UDPTL t38"), 3),
            "m=audio {a2} RTP/AVP 0");
        Assert.Equal(3, Heard($"{AliceHost}:9000", $"{BobHost}:8000", $"10.0.0.10:{Port("b2")}"));
        Assert.Equal(3, Heard($"{BobHost}:8000", $"{AliceHost}:9000", $"192.0.2.10:{Port("a2")}"));
        HangUp(4);
    }

    private int Port(string name) => int.Parse(Ladder.Value(name));

    private void Play(RecordedPacket packet, string from, string to, string heardAt)
    {
        Simulator.AfterMicroseconds(packet.Microseconds, () => At(from).Send(to, packet.Bytes));
        At(heardAt);
        if (!_expected.TryGetValue(heardAt, out List<byte[]>? expected)) _expected.Add(heardAt, expected = []);
        expected.Add(packet.Bytes);
    }

    /// <summary>The same packet from elsewhere, just before.</summary>
    private void Stranger(RecordedPacket packet, string edge)
    {
        _strangers++;
        Simulator.AfterMicroseconds(Math.Max(0, packet.Microseconds - 1), () =>
            At(StrangerAddress).Send($"192.0.2.10:{Port(edge)}", packet.Bytes));
    }

    private void AssertHeard(Func<string, bool> isReduced)
    {
        Simulator.RunFor(60_000);
        foreach ((string address, List<byte[]> expected) in _expected)
        {
            // Reports that name people are ours at an edge: of those the number counts.
            bool isReport = int.Parse(address.Split(':')[1]) % 2 == 1;
            if (isReport && isReduced(address)) Assert.Equal(expected.Count, At(address).All.Count);
            else Assert.Equal(expected, At(address).All);
        }
        Assert.Empty(At(StrangerAddress).All);
        Assert.Equal(_strangers, Box.Workers.Media.Sum(worker => worker.Counters.Dropped(0, DropReason.SourceRefused)));
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            long dropped = Box.Workers.Media.Sum(worker => worker.Counters.Dropped(0, reason)
                + worker.Counters.Dropped(1, reason));
            Assert.Equal(reason == DropReason.SourceRefused ? _strangers : 0, dropped);
        }
    }
}
