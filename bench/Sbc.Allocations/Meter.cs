using System.Diagnostics;
using Sbc.Bench.Ground;
using Sbc.Runtime;

namespace Sbc.Allocations;

/// <summary>Counts the bytes that this thread, which is the workers' thread here, allocates in an operation.</summary>
public static class Meter
{
    // 150 s of the virtual clock at 50 ms each: twice the longest time that anything is kept (64 s), so that slabs,
    // tables and free lists have grown to what they stay at. Clock, keys and messages are fixed: two runs are equal.
    private const int WarmUp = 3000;
    private const int Measured = 5000;

    public static IEnumerable<Measurement> All()
    {
        foreach (Func<Operation> make in Operations.All) yield return Measure(make());
    }

    /// <summary>Does one operation over and over, for a profiler.</summary>
    public static void Repeat(string name, int seconds)
    {
        Operation operation = Operations.All.Select(make => make()).First(made => made.Name == name);
        long end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        long count = 0;
        for (; Stopwatch.GetTimestamp() < end; count++) operation.Once();
        Console.WriteLine($"{name}: {count} times");
    }

    private static Measurement Measure(Operation operation)
    {
        for (int i = 0; i < WarmUp; i++) operation.Once();
        long ticks = Stopwatch.GetTimestamp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Measured; i++) operation.Once();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        double seconds = Stopwatch.GetElapsedTime(ticks).TotalSeconds;
        operation.AssertSound();
        Check.That(bytes >= 0);
        return new Measurement(operation.Name, (bytes + Measured - 1) / Measured, seconds * 1e6 / Measured);
    }
}
