namespace Sbc.Runtime;

/// <summary>A point on the process's monotonic clock, in microseconds since an arbitrary start.</summary>
/// <remarks>Protocol code gets it as an argument; only the host loop and the simulator make new ones.</remarks>
public readonly record struct Instant(long Microseconds) : IComparable<Instant>
{
    public static readonly Instant Never = new(long.MaxValue);

    public Instant AddMilliseconds(long milliseconds) => new(Microseconds + (milliseconds * 1000));

    public Instant AddMicroseconds(long microseconds) => new(Microseconds + microseconds);

    public long MillisecondsSince(Instant earlier) => (Microseconds - earlier.Microseconds) / 1000;

    public int CompareTo(Instant other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>Microseconds from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static long operator -(Instant left, Instant right) => left.Microseconds - right.Microseconds;

    public static bool operator <(Instant left, Instant right) => left.Microseconds < right.Microseconds;

    public static bool operator >(Instant left, Instant right) => left.Microseconds > right.Microseconds;

    public static bool operator <=(Instant left, Instant right) => left.Microseconds <= right.Microseconds;

    public static bool operator >=(Instant left, Instant right) => left.Microseconds >= right.Microseconds;
}
