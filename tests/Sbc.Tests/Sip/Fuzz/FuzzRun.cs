using System.Diagnostics;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>Mutants by the count, or for as long as wanted: SBC_FUZZ_SECONDS, 60 without it.</summary>
internal static class FuzzRun
{
    /// <summary>A new one each time, so that what a long run finds is found again only with what it prints.</summary>
    public static ulong NewSeed() => (ulong)Stopwatch.GetTimestamp();

    /// <param name="compare">Says whether the mutant was whole; throws where the two readers differ.</param>
    /// <param name="count">0: for as long as wanted.</param>
    public static void Run(
        ITestOutputHelper log, ulong seed, IReadOnlyList<byte[]> messages, int count,
        Func<byte[], string, bool> compare, IReadOnlyList<byte[]>? tokens = null)
    {
        log.WriteLine($"seed {seed}");
        var mutator = new Mutator(seed, messages, tokens);
        string seconds = Environment.GetEnvironmentVariable("SBC_FUZZ_SECONDS") ?? "60";
        TimeSpan time = count > 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(double.Parse(seconds));
        long start = Stopwatch.GetTimestamp();
        int whole = 0, done = 0;
        while ((count == 0 || done < count) && Stopwatch.GetElapsedTime(start) < time)
        {
            if (compare(mutator.Next(), $"seed {seed}, mutant {done}")) whole++;
            done++;
        }
        log.WriteLine($"{done} mutants, {whole} without an error");
        Xunit.Assert.True(whole > done / 20, $"only {whole} of {done} mutants parse: the mutator tests nothing");
    }
}
