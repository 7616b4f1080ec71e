using Prometheus;
using Sbc.Engine.Worker;

namespace Sbc.Program.Exposition;

/// <summary>One stage of the set-up histogram. The library takes observations and no counts, so it gets what each
/// bucket gained as that many times their mean, which lies in that bucket: counts and sum are exact.</summary>
internal sealed class SetupHistogram(IHistogram histogram, SetupStage stage)
{
    private static readonly int[] Bounds = WorkerCounters.SetupBoundsMilliseconds;

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private readonly long[] _microseconds = new long[Bounds.Length + 1];

    public void Collect(WorkerCounters[] workers)
    {
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            // Read before the count: a worker between its two writes is then behind in both.
            long microseconds = workers.Sum(worker => worker.SetupMicroseconds(stage, bucket));
            long count = workers.Sum(worker => worker.Setup(stage, bucket));
            long gained = count - _counts[bucket];
            if (gained == 0) continue;
            histogram.Observe(Mean(bucket, microseconds - _microseconds[bucket], gained), gained);
            _counts[bucket] = count;
            _microseconds[bucket] = microseconds;
        }
    }

    /// <summary>In seconds, and within the bucket even where a worker was between its two writes.</summary>
    private static double Mean(int bucket, long microseconds, long count)
    {
        double least = bucket == 0 ? 0 : Math.BitIncrement(Bounds[bucket - 1] / 1000.0);
        double most = bucket == Bounds.Length ? double.MaxValue : Bounds[bucket] / 1000.0;
        return Math.Clamp(microseconds / 1e6 / count, least, most);
    }
}
