using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;

namespace Sbc.Bench;

/// <summary>A refresh among few and among many bindings: what it costs must not depend on their number.</summary>
/// <remarks>Phones take turns, so that each refresh finds another binding, as far from the last as can be.</remarks>
public class RegisterBenchmarks
{
    private Registrants _phones = null!;
    private int _next;

    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Bindings { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _phones = new Registrants(new Box(new BoxPlan { Bindings = Bindings }));
        for (int user = 0; user < Bindings; user++) _phones.Register(user);
    }

    [Benchmark(Description = "REGISTER that refreshes")]
    public void Refresh()
    {
        // A step that meets every user and is near to none.
        _next = (_next + 381_001) % Bindings;
        _phones.Register(_next);
    }
}
