using System.Runtime.InteropServices;
using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// A realm's pairs of ports, shared by all signalling workers without a lock: a bit for each free pair, an owner for
/// each block of 16. Workers draw through a <see cref="PortSlice"/>.
/// </summary>
/// <remarks>
/// Which pair is free is decided by its bit alone, one atomic operation a call. A block's owner only keeps workers
/// out of each other's way: were it more, a worker that is out of ports would refuse calls while another sits on free
/// ones, and a realm of ten ports would serve one worker only.
/// </remarks>
public sealed class PortPool
{
    internal const long Fresh = long.MinValue / 2;

    private readonly int[] _free;
    private readonly int[] _owner;
    private readonly long[] _freedAt;
    private Counters _counters;

    /// <param name="portMin">First port of the realm's range; an odd one is left out.</param>
    /// <param name="portMax">Last port of the range; an even one is left out, as it has no partner.</param>
    public PortPool(int portMin, int portMax, int quarantineMilliseconds)
    {
        Check.That(portMin > 0 && portMin <= portMax && portMax <= ushort.MaxValue && quarantineMilliseconds >= 0);
        FirstPort = (portMin + 1) & ~1;
        Pairs = Math.Max(0, (portMax - FirstPort + 1) / 2);
        QuarantineMicroseconds = quarantineMilliseconds * 1000L;
        Blocks = (Pairs + MediaLimits.BlockPairs - 1) / MediaLimits.BlockPairs;
        _free = new int[Blocks];
        _owner = new int[Blocks];
        _freedAt = new long[Pairs];
        Array.Fill(_freedAt, Fresh);
        for (int pair = 0; pair < Pairs; pair++)
            _free[pair / MediaLimits.BlockPairs] |= 1 << (pair % MediaLimits.BlockPairs);
    }

    public int FirstPort { get; }

    public int Pairs { get; }

    /// <summary>Pairs no call holds; those in quarantine count as free. Exact, for any thread.</summary>
    public int PairsFree => Pairs - (int)Volatile.Read(ref _counters.InUse);

    /// <summary>Whether the port is one of a pair of this range.</summary>
    public bool Contains(int port) => port >= FirstPort && port < FirstPort + (2 * Pairs);

    /// <summary>Whether a call has the port; for any thread.</summary>
    public bool IsHeld(int port) => Contains(port) && !IsFree((port - FirstPort) / 2);

    internal int Blocks { get; }

    internal long QuarantineMicroseconds { get; }

    internal PortPair this[int pair] => new((ushort)(FirstPort + (2 * pair)));

    internal int IndexOf(PortPair pair) => (pair.Rtp - FirstPort) / 2;

    /// <summary>When the pair was given back; in the future for one that is set aside.</summary>
    internal long FreedAt(int pair) => Volatile.Read(ref _freedAt[pair]);

    internal bool IsFree(int pair) =>
        (Volatile.Read(ref _free[pair / MediaLimits.BlockPairs]) & (1 << (pair % MediaLimits.BlockPairs))) != 0;

    /// <summary>Free pairs of a block, a bit each.</summary>
    internal int FreeIn(int block) => Volatile.Read(ref _free[block]);

    /// <summary>True for exactly one of all who try.</summary>
    internal bool TryClaim(int pair)
    {
        int bit = 1 << (pair % MediaLimits.BlockPairs);
        if ((Interlocked.And(ref _free[pair / MediaLimits.BlockPairs], ~bit) & bit) == 0) return false;
        Interlocked.Increment(ref _counters.InUse);
        return true;
    }

    /// <returns>Whether its whole block is free now.</returns>
    internal bool GiveBack(int pair, long freedAt)
    {
        int block = pair / MediaLimits.BlockPairs, bit = 1 << (pair % MediaLimits.BlockPairs);
        Volatile.Write(ref _freedAt[pair], freedAt);
        int before = Interlocked.Or(ref _free[block], bit);
        Check.That((before & bit) == 0, "a pair of ports was given back twice");
        Interlocked.Decrement(ref _counters.InUse);
        int inBlock = Math.Min(MediaLimits.BlockPairs, Pairs - (block * MediaLimits.BlockPairs));
        return (before | bit) == (1 << inBlock) - 1;
    }

    /// <summary>Takes the block that has rested longest, as far as a cursor over all of them can tell.</summary>
    internal bool TryBorrow(int owner, out int block)
    {
        for (int i = 0; i < Blocks; i++)
        {
            block = (int)((uint)(Interlocked.Increment(ref _counters.Cursor) - 1) % (uint)Blocks);
            if (Volatile.Read(ref _owner[block]) == 0 && Interlocked.CompareExchange(ref _owner[block], owner, 0) == 0)
                return true;
        }
        block = -1;
        return false;
    }

    internal void Return(int block, int owner) => Interlocked.CompareExchange(ref _owner[block], 0, owner);

    internal bool IsOwner(int block, int owner) => Volatile.Read(ref _owner[block]) == owner;

    // Every call writes them, every scrape reads them: a cache line pair of their own.
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Counters
    {
        [FieldOffset(128)] public long InUse;
        [FieldOffset(136)] public int Cursor;
    }
}
