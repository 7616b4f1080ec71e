using System.Numerics;
using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// One signalling worker's share of a realm's ports: the least recently used pair first, after quarantine.
/// </summary>
/// <remarks>
/// The queue holds hints. A pair that a neighbour took meanwhile fails its claim and is skipped, so the worst a stale
/// hint costs is one atomic operation.
/// </remarks>
public sealed class PortSlice
{
    private readonly PortPool _pool;
    private readonly int _owner;
    private readonly int[] _fresh = new int[MediaLimits.BlockPairs];
    private readonly int[] _released;
    private readonly int _mask;
    private uint _head;
    private uint _tail;
    private int _freshCount;

    /// <param name="worker">Index of the signalling worker; each has one slice of a pool.</param>
    public PortSlice(PortPool pool, int worker)
    {
        _pool = pool;
        _owner = worker + 1;
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MediaLimits.BlockPairs, pool.Pairs));
        _released = new int[capacity];
        _mask = capacity - 1;
    }

    public PortPool Pool => _pool;

    /// <summary>False when every pair of the realm is in use or set aside.</summary>
    public bool TryTake(Instant now, out PortPair pair)
    {
        int index = TakeFresh(now);
        if (index < 0) index = TakeReleased(now);
        if (index < 0 && _pool.PairsFree > 0) index = TakeFromBlock(now);
        // Neighbours' free pairs that have rested; then, under pressure, whichever rested longest.
        if (index < 0 && _pool.PairsFree > 0) index = TakeOldest(now, _pool.QuarantineMicroseconds);
        if (index < 0 && _pool.PairsFree > 0) index = TakeOldest(now, 0);
        pair = index < 0 ? default : _pool[index];
        return index >= 0;
    }

    public void Release(PortPair pair, Instant now) => GiveBack(pair, now.Microseconds);

    /// <summary>
    /// Gives back a pair that another program has bound: nobody gets it for a while, not even under pressure.
    /// </summary>
    public void SetAside(PortPair pair, Instant now) =>
        GiveBack(pair, now.AddMilliseconds(MediaLimits.AsideMilliseconds).Microseconds);

    private void GiveBack(PortPair pair, long freedAt)
    {
        int index = _pool.IndexOf(pair);
        int block = index / MediaLimits.BlockPairs;
        // A full queue only loses the hint: the pair is found again by its bit.
        if (_tail - _head <= _mask) _released[(int)_tail++ & _mask] = index;
        bool isBlockFree = _pool.GiveBack(index, freedAt);
        if (isBlockFree && _pool.IsOwner(block, _owner)) _pool.Return(block, _owner);
    }

    private int TakeFresh(Instant now)
    {
        while (_freshCount > 0)
        {
            int index = _fresh[--_freshCount];
            if (IsRested(index, now) && TryClaim(index, now, _pool.QuarantineMicroseconds)) return index;
        }
        return -1;
    }

    private int TakeReleased(Instant now)
    {
        int looks = (int)(_tail - _head);
        while (looks-- > 0)
        {
            int index = _released[(int)_head & _mask];
            if (_pool.IsFree(index) && !IsRested(index, now))
            {
                // The others were released later. Only one that is set aside must not hold them up.
                if (_pool.FreedAt(index) <= now.Microseconds) return -1;
                _head++;
                continue;
            }
            _head++;
            if (TryClaim(index, now, _pool.QuarantineMicroseconds)) return index;
        }
        return -1;
    }

    private int TakeFromBlock(Instant now)
    {
        for (int tries = 0; tries < _pool.Blocks && _pool.TryBorrow(_owner, out int block); tries++)
        {
            int free = _pool.FreeIn(block);
            // Pushed from the top so that the lowest port comes first.
            for (int i = MediaLimits.BlockPairs - 1; i >= 0; i--)
            {
                int index = (block * MediaLimits.BlockPairs) + i;
                if ((free & (1 << i)) != 0 && IsRested(index, now)) _fresh[_freshCount++] = index;
            }
            int taken = TakeFresh(now);
            if (taken >= 0) return taken;
            // All of it in use or at rest: others need not pass it by because of us.
            _pool.Return(block, _owner);
        }
        return -1;
    }

    /// <summary>A walk over all pairs: only for a worker that would refuse a call otherwise.</summary>
    private int TakeOldest(Instant now, long restMicroseconds)
    {
        while (true)
        {
            int oldest = -1;
            long oldestAt = now.Microseconds - restMicroseconds;
            for (int block = 0; block < _pool.Blocks; block++)
            {
                for (int free = _pool.FreeIn(block); free != 0; free &= free - 1)
                {
                    int index = (block * MediaLimits.BlockPairs) + BitOperations.TrailingZeroCount(free);
                    long freedAt = _pool.FreedAt(index);
                    if (freedAt > oldestAt || (oldest >= 0 && freedAt == oldestAt)) continue;
                    oldest = index;
                    oldestAt = freedAt;
                }
            }
            if (oldest < 0) return -1;
            // Lost to a neighbour: then there may be another.
            if (TryClaim(oldest, now, restMicroseconds)) return oldest;
        }
    }

    /// <summary>The time is looked at again after the claim: a neighbour may have used the pair in between.</summary>
    private bool TryClaim(int index, Instant now, long restMicroseconds)
    {
        if (!_pool.TryClaim(index)) return false;
        long freedAt = _pool.FreedAt(index);
        if (freedAt <= now.Microseconds - restMicroseconds) return true;
        GiveBack(_pool[index], freedAt);
        return false;
    }

    private bool IsRested(int index, Instant now) =>
        _pool.FreedAt(index) <= now.Microseconds - _pool.QuarantineMicroseconds;
}
