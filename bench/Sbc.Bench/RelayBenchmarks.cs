using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;

namespace Sbc.Bench;

/// <summary>RTP of one stream through a media worker's turn: alone, and in a batch as under load.</summary>
public class RelayBenchmarks
{
    private Box _box = null!;
    private MediaScript _media = null!;

    [Params(1, 64)]
    public int Packets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _box = new Box(new BoxPlan { HasMedia = true });
        new CallScript(_box, 1).Establish();
        _media = new MediaScript(_box);
        _media.Rtp(1);
    }

    [Benchmark(Description = "turn of a media worker, RTP relayed")]
    public void Relay()
    {
        _box.Advance(20_000);
        _media.Rtp(Packets);
    }
}
