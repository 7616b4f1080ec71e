using Prometheus;
using Sbc.Media;

namespace Sbc.Program.Exposition;

/// <summary>One measure of one realm's legs. Fed like <see cref="SetupHistogram"/>: counts and sum are exact.</summary>
/// <param name="unit">What one of the measure's own units is in the metric's.</param>
internal sealed class QualityHistogram(IHistogram histogram, int realm, MediaMeasure measure, double unit)
{
    private readonly long[] _counts = new long[MediaQuality.Bounds(measure).Length + 1];
    private readonly long[] _sums = new long[MediaQuality.Bounds(measure).Length + 1];

    public static double[] Buckets(MediaMeasure measure, double unit) =>
        [.. MediaQuality.Bounds(measure).ToArray().Select(bound => bound * unit)];

    public void Collect(MediaCounters[] workers)
    {
        ReadOnlySpan<int> bounds = MediaQuality.Bounds(measure);
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            long sum = workers.Sum(worker => worker.Quality.Sum(realm, measure, bucket));
            long count = workers.Sum(worker => worker.Quality.Count(realm, measure, bucket));
            long gained = count - _counts[bucket];
            if (gained == 0) continue;
            // A worker may be between its two writes: the mean stays in the bucket all the same.
            double least = bucket == 0 ? 0 : Math.BitIncrement(bounds[bucket - 1] * unit);
            double most = bucket == bounds.Length ? double.MaxValue : bounds[bucket] * unit;
            histogram.Observe(Math.Clamp((sum - _sums[bucket]) * unit / gained, least, most), gained);
            _counts[bucket] = count;
            _sums[bucket] = sum;
        }
    }
}
