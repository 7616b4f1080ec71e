using Sbc.Engine.Pipeline;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Sources of wrong credentials (an IPv4 address, an IPv6 /64), one table for all workers: whoever guesses passwords
/// has few guesses, whatever users and methods he tries. What else is done to such a source is the guard's matter.
/// </summary>
/// <remarks>
/// Fixed size, four to a set, the one with the fewest failures goes. A success takes one failure back: an office with a
/// hundred phones and one wrong password is not locked out. Two workers at one entry lose a failure at most.
/// </remarks>
public sealed class FailedLogins(SipHash hash)
{
    private const int Ways = 4;
    private const int Sets = Limits.SourcesTracked / Ways;
    private const long Interval = Limits.FailedLoginSeconds * 1_000_000L;

    private readonly Entry[] _entries = new Entry[Limits.SourcesTracked];

    private struct Entry
    {
        public ulong Key;

        /// <summary>GCRA (ITU-T I.371): a failure each interval conforms.</summary>
        public long ConformsAt;
    }

    /// <summary>Whether credentials from there are looked at.</summary>
    public bool Admits(in TransportAddress source, Instant now) => Count(source, now) < Limits.FailedLoginsMax;

    /// <summary>Failures that are not forgotten yet.</summary>
    public int Count(in TransportAddress source, Instant now)
    {
        int at = Find(KeyOf(source), out bool isKnown);
        if (!isKnown) return 0;
        long ahead = Volatile.Read(ref _entries[at].ConformsAt) - now.Microseconds;
        return ahead <= 0 ? 0 : (int)((ahead + Interval - 1) / Interval);
    }

    public void Add(in TransportAddress source, Instant now)
    {
        ulong key = KeyOf(source);
        ref Entry entry = ref _entries[Find(key, out bool isKnown)];
        long from = isKnown ? Math.Max(Volatile.Read(ref entry.ConformsAt), now.Microseconds) : now.Microseconds;
        Volatile.Write(ref entry.Key, key);
        Volatile.Write(ref entry.ConformsAt, from + Interval);
    }

    /// <summary>Somebody there knew a password.</summary>
    public void TakeBack(in TransportAddress source)
    {
        int at = Find(KeyOf(source), out bool isKnown);
        if (isKnown) Volatile.Write(ref _entries[at].ConformsAt, Volatile.Read(ref _entries[at].ConformsAt) - Interval);
    }

    /// <summary>Its entry, or the one that it would take: that with the fewest failures.</summary>
    private int Find(ulong key, out bool isKnown)
    {
        int set = (int)(key % Sets) * Ways;
        int slot = set;
        isKnown = true;
        for (int i = set; i < set + Ways; i++)
        {
            if (Volatile.Read(ref _entries[i].Key) == key) return i;
            if (Volatile.Read(ref _entries[i].ConformsAt) < Volatile.Read(ref _entries[slot].ConformsAt)) slot = i;
        }
        isKnown = false;
        return slot;
    }

    private ulong KeyOf(in TransportAddress source) => SourceNetworks.KeyOf(source, hash) | 1;
}
