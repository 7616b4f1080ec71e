using Sbc.Engine.Routing;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// How many REGISTERs a second go to the core registrar, exact over all workers, and when those come back that had to
/// wait.
/// </summary>
/// <remarks>
/// The rate is GCRA (ITU-T I.371): a cell holds when the next one conforms. Who has to wait gets a place in a queue,
/// which is nothing but a second cell: the time of its last place. Places are as far apart as the rate wants: phones
/// that keep to their Retry-After come back as fast as they can be taken and no faster.
/// </remarks>
public sealed class RegistrationRate
{
    /// <summary>
    /// What may come at once, in time: a registrar that takes so many a second is not hit by all of them in a moment.
    /// </summary>
    private const long BurstMicroseconds = 100_000;

    /// <summary>The shortest Retry-After: less would only bring the same phone again.</summary>
    public const int WaitSecondsMin = 10;

    /// <summary>The longest one: a phone that is told more shows its owner that it is out of service.</summary>
    public const int WaitSecondsMax = 300;

    // Next conforming time, and the last place in the queue.
    private readonly Cell[] _cells = new Cell[2];

    /// <summary>Takes a place at the registrar; false takes none.</summary>
    /// <param name="perSecond">The rate.</param>
    /// <param name="now">Time of the turn.</param>
    /// <param name="isPatient">It can wait for all others: only what nobody else wants is for it.</param>
    public bool TryTake(int perSecond, Instant now, bool isPatient = false)
    {
        long interval = Interval(perSecond);
        long ahead = isPatient ? 0 : Math.Max(0, BurstMicroseconds - interval);
        ref long cell = ref _cells[0].Value;
        while (true)
        {
            long due = Volatile.Read(ref cell);
            if (due - now.Microseconds > ahead) return false;
            long next = Math.Max(due, now.Microseconds) + interval;
            if (Interlocked.CompareExchange(ref cell, next, due) == due) return true;
        }
    }

    /// <summary>
    /// Takes a place that has been promised: the answer to a challenge. Those that have none wait the longer for it.
    /// </summary>
    public void Take(int perSecond, Instant now)
    {
        long interval = Interval(perSecond);
        ref long cell = ref _cells[0].Value;
        while (true)
        {
            long due = Volatile.Read(ref cell);
            long next = Math.Max(due, now.Microseconds) + interval;
            if (Interlocked.CompareExchange(ref cell, next, due) == due) return;
        }
    }

    /// <summary>Seconds until one that was not taken shall come again.</summary>
    /// <param name="random">For those that find the queue full: they come back at any time of it.</param>
    public int WaitSeconds(int perSecond, Instant now, ulong random)
    {
        long first = now.Microseconds + (WaitSecondsMin * 1_000_000L);
        ref long cell = ref _cells[1].Value;
        while (true)
        {
            long last = Volatile.Read(ref cell);
            long place = Math.Max(last + Interval(perSecond), first);
            long wait = place - now.Microseconds;
            if (wait > WaitSecondsMax * 1_000_000L)
                return WaitSecondsMin + (int)(random % (WaitSecondsMax - WaitSecondsMin + 1));
            if (Interlocked.CompareExchange(ref cell, place, last) == last) return (int)((wait + 999_999) / 1_000_000);
        }
    }

    private static long Interval(int perSecond) => Math.Max(1, 1_000_000 / perSecond);
}
