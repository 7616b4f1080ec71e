using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Which counts of which nonces were used (RFC 7616 5.12): one table for all workers, so that credentials that pass on
/// one worker are a replay on the next. Fixed size, no lock.
/// </summary>
/// <remarks>
/// Only who knows a secret makes an entry. A nonce that is not in the table counts from 1, so that what was pushed out
/// by younger ones is asked for again and not believed; a replay needs <see cref="Limits.NoncesTracked"/> / 4 users'
/// authentications within the life of its nonce, and its first count.
/// </remarks>
public sealed class NonceCounts(SipHash hash)
{
    private const int Ways = 4;
    private const int Sets = Limits.NoncesTracked / Ways;

    // One word: 24 bits that name the nonce, the highest count, and which of the 24 up to it were used. Two nonces of
    // one name in one set would only make one of them stale.
    private const int WindowBits = 24;
    private const int CountBits = 16;
    private const ulong WindowMask = (1UL << WindowBits) - 1;
    private const ulong CountMask = (1UL << CountBits) - 1;

    private readonly Entry[] _entries = new Entry[Limits.NoncesTracked];

    private struct Entry
    {
        public ulong Word;
        public long SeenAt;
    }

    /// <summary>Marks a count as used. False where it was already, or nobody can know any more.</summary>
    public bool TryUse(ReadOnlySpan<byte> nonce, uint count, Instant now)
    {
        if (count is 0 or > (uint)CountMask) return false;
        ulong key = hash.Hash(nonce);
        int set = (int)(key % Sets) * Ways;
        ulong name = (key >> (WindowBits + CountBits)) | 1;
        while (true)
        {
            int at = Find(set, name, out ulong word);
            if (at < 0)
            {
                if (count != 1) return false;
                at = OldestOf(set);
                word = Volatile.Read(ref _entries[at].Word);
                if (NameOf(word) == name) continue;
                if (!TrySwap(at, word, name << (WindowBits + CountBits) | 1UL << WindowBits | 1)) continue;
                Volatile.Write(ref _entries[at].SeenAt, now.Microseconds);
                if (IsAlone(set, at, name)) return true;
                // Two workers made an entry of it at once: neither is believed, and the phone gets another nonce.
                Volatile.Write(ref _entries[at].Word, name << (WindowBits + CountBits) | CountMask << WindowBits);
                return false;
            }
            if (!TryMark(word, count, out ulong marked)) return false;
            if (TrySwap(at, word, marked)) return true;
        }
    }

    private int Find(int set, ulong name, out ulong word)
    {
        for (int at = set; at < set + Ways; at++)
        {
            word = Volatile.Read(ref _entries[at].Word);
            if (NameOf(word) == name) return at;
        }
        word = 0;
        return -1;
    }

    private bool IsAlone(int set, int at, ulong name)
    {
        for (int other = set; other < set + Ways; other++)
        {
            if (other != at && NameOf(Volatile.Read(ref _entries[other].Word)) == name) return false;
        }
        return true;
    }

    private int OldestOf(int set)
    {
        int oldest = set;
        for (int at = set + 1; at < set + Ways; at++)
        {
            if (Volatile.Read(ref _entries[at].SeenAt) < Volatile.Read(ref _entries[oldest].SeenAt)) oldest = at;
        }
        return oldest;
    }

    private static bool TryMark(ulong word, uint count, out ulong marked)
    {
        uint highest = (uint)(word >> WindowBits & CountMask);
        ulong window = word & WindowMask;
        marked = 0;
        if (count > highest)
        {
            uint step = count - highest;
            window = step >= WindowBits ? 1 : (window << (int)step | 1) & WindowMask;
            highest = count;
        }
        else
        {
            uint back = highest - count;
            if (back >= WindowBits || (window >> (int)back & 1) != 0) return false;
            window |= 1UL << (int)back;
        }
        marked = NameOf(word) << (WindowBits + CountBits) | (ulong)highest << WindowBits | window;
        return true;
    }

    private bool TrySwap(int at, ulong from, ulong to) =>
        Interlocked.CompareExchange(ref _entries[at].Word, to, from) == from;

    private static ulong NameOf(ulong word) => word >> (WindowBits + CountBits);
}
