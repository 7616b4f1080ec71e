namespace Sbc.Engine.Routing;

/// <summary>Calls at once and calls a second of peers, groups, routes or realms, by row; exact over all workers.
/// </summary>
/// <remarks>A place is taken by compare and swap: a call that is refused never makes another one be refused.</remarks>
public sealed class LimitCells(int rows)
{
    private readonly Cell[] _calls = new Cell[rows];
    private readonly Cell[] _due = new Cell[rows];

    public long Calls(int row) => Volatile.Read(ref _calls[row].Value);

    /// <summary>Counts calls that no limit is asked for, or gives places back.</summary>
    public void Add(int row, int change) => Interlocked.Add(ref _calls[row].Value, change);

    /// <summary>Takes a place and a token of the rate; false takes neither.</summary>
    public bool TryTake(int row, in CallLimits limits, long nowMicroseconds)
    {
        if (!TryTakePlace(row, limits.CallsMax)) return false;
        if (TryTakeRate(row, limits.CallsPerSecond, nowMicroseconds)) return true;
        Add(row, -1);
        return false;
    }

    /// <summary>Gives back what <see cref="TryTake"/> took for a call that then was not made.</summary>
    public void Undo(int row, in CallLimits limits)
    {
        Add(row, -1);
        if (limits.CallsPerSecond > 0) Interlocked.Add(ref _due[row].Value, -Interval(limits.CallsPerSecond));
    }

    /// <param name="callsMax">0: no limit.</param>
    public bool TryTakePlace(int row, long callsMax)
    {
        ref long cell = ref _calls[row].Value;
        if (callsMax == 0)
        {
            Interlocked.Increment(ref cell);
            return true;
        }
        while (true)
        {
            long calls = Volatile.Read(ref cell);
            if (calls >= callsMax) return false;
            if (Interlocked.CompareExchange(ref cell, calls + 1, calls) == calls) return true;
        }
    }

    /// <summary>A bucket of calls a second, as GCRA (ITU-T I.371): a cell holds when the next call conforms.</summary>
    public bool TryTakeRate(int row, int callsPerSecond, long nowMicroseconds)
    {
        if (callsPerSecond == 0) return true;
        long interval = Interval(callsPerSecond);
        ref long cell = ref _due[row].Value;
        while (true)
        {
            long due = Volatile.Read(ref cell);
            // A second's worth may come at once; beyond that calls must keep the interval.
            if (due - nowMicroseconds > 1_000_000 - interval) return false;
            long next = Math.Max(due, nowMicroseconds) + interval;
            if (Interlocked.CompareExchange(ref cell, next, due) == due) return true;
        }
    }

    private static long Interval(int callsPerSecond) => Math.Max(1, 1_000_000 / callsPerSecond);
}
