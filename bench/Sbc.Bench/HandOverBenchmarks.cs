using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;

namespace Sbc.Bench;

/// <summary>An OPTIONS that worker 0 received and worker 1 answers, against one that its receiver answers.</summary>
/// <remarks>Both workers on one thread: the ring's work is measured, not the wake of a sleeping thread.</remarks>
public class HandOverBenchmarks
{
    private readonly Operation _handedOver = Operations.HandOver();
    private readonly Operation _answered = Operations.OptionsAnswered(workers: 2);

    [Benchmark(Baseline = true, Description = "OPTIONS answered where it arrived, two workers turned")]
    public void Answered() => _answered.Once();

    [Benchmark(Description = "OPTIONS handed over and answered, two workers turned")]
    public void HandedOver() => _handedOver.Once();
}
