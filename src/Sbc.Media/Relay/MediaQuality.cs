namespace Sbc.Media;

/// <summary>What is measured of each leg of a stream.</summary>
public enum MediaMeasure : byte
{
    /// <summary>Parts in ten thousand of what the leg sent.</summary>
    Loss,

    /// <summary>Microseconds.</summary>
    Jitter,

    /// <summary>Microseconds between the box and the leg, where RTCP tells it.</summary>
    RoundTrip,

    /// <summary>Hundredths of a mean opinion score; see <see cref="VoiceQuality"/>.</summary>
    Mos,
}

/// <summary>
/// Histograms by realm over the streams that have ended. Written by the media worker's thread only, read by any.
/// </summary>
public sealed class MediaQuality(int realms)
{
    public const int MeasureCount = 4;

    /// <summary>A stream of less is a ring-back tone or a try: it says nothing of the network.</summary>
    public const int PacketsMin = 50;

    private static readonly int[][] BoundsOf =
    [
        [0, 10, 50, 100, 200, 500, 1000, 2000, 5000],
        [1000, 2000, 5000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000],
        [5000, 10_000, 20_000, 50_000, 100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000],
        [150, 200, 250, 300, 350, 380, 400, 420, 430],
    ];

    private const int BucketsMax = 11;

    private readonly long[] _counts = new long[realms * MeasureCount * BucketsMax];
    private readonly long[] _sums = new long[realms * MeasureCount * BucketsMax];

    /// <summary>Upper bounds of the buckets; one more is open.</summary>
    public static ReadOnlySpan<int> Bounds(MediaMeasure measure) => BoundsOf[(int)measure];

    public long Count(int realm, MediaMeasure measure, int bucket) =>
        Volatile.Read(ref _counts[Cell(realm, measure, bucket)]);

    /// <summary>Of what fell into the bucket, in units of its bounds.</summary>
    public long Sum(int realm, MediaMeasure measure, int bucket) =>
        Volatile.Read(ref _sums[Cell(realm, measure, bucket)]);

    internal void Observe(in RelayStream stream)
    {
        Observe(stream.Ports[0].Realm, stream.Statistics(MediaSide.A));
        Observe(stream.Ports[2].Realm, stream.Statistics(MediaSide.B));
    }

    private void Observe(int realm, in PortStatistics leg)
    {
        if (leg.Packets < PacketsMin || leg.ClockHz == 0) return;
        Add(realm, MediaMeasure.Loss, (long)(leg.LossShare * 10_000));
        Add(realm, MediaMeasure.Jitter, (long)(leg.JitterMilliseconds * 1000));
        if (leg.RoundTripMicroseconds > 0) Add(realm, MediaMeasure.RoundTrip, leg.RoundTripMicroseconds);
        double mos = VoiceQuality.Mos(leg);
        if (mos > 0) Add(realm, MediaMeasure.Mos, (long)(mos * 100));
    }

    private void Add(int realm, MediaMeasure measure, long value)
    {
        ReadOnlySpan<int> bounds = Bounds(measure);
        int bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket]) bucket++;
        int cell = Cell(realm, measure, bucket);
        Volatile.Write(ref _counts[cell], _counts[cell] + 1);
        Volatile.Write(ref _sums[cell], _sums[cell] + value);
    }

    private static int Cell(int realm, MediaMeasure measure, int bucket) =>
        (((realm * MeasureCount) + (int)measure) * BucketsMax) + bucket;
}
