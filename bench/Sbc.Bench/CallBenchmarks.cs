using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;

namespace Sbc.Bench;

/// <summary>Whole calls through a signalling worker, the phones' part included: it is measured alone as well.</summary>
/// <remarks>
/// One call at a time shows the cost of a turn for each datagram, 32 at once what batches save. 20 calls or 640 calls a
/// second on the virtual clock, so up to 20,000 transactions wait for their timers.
/// </remarks>
public class CallBenchmarks
{
    private Box _box = null!;
    private CallScript _script = null!;
    private Phones _phones = null!;

    [Params(1, 32)]
    public int AtOnce { get; set; }

    [Params(false, true)]
    public bool Media { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _box = new Box(new BoxPlan { HasMedia = Media });
        _script = new CallScript(_box, AtOnce);
        _phones = new Phones(_box, _script, AtOnce);
        // Until the first transactions have ended, every slab still grows.
        for (int i = 0; i < 1500; i++) WholeCall();
    }

    [Benchmark(Description = "calls: INVITE to BYE, 14 datagrams each")]
    public void WholeCall()
    {
        _box.Advance(50_000);
        _script.WholeCall();
    }

    [Benchmark(Description = "the phones of these calls alone")]
    public void PhonesAlone() => _phones.WholeCall();
}
