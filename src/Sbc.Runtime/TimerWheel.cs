using System.Numerics;

namespace Sbc.Runtime;

/// <summary>A timer that came due: what kind it is and whose.</summary>
public readonly record struct TimerEntry(byte Kind, Handle Owner, Instant Due);

/// <summary>Hierarchical timing wheel (Varghese, Lauck 1987) with ticks of one millisecond; one owner thread.</summary>
/// <remarks>A timer never fires early. Scheduling and cancelling cost the same whatever the number of timers.</remarks>
public sealed class TimerWheel
{
    private const int LevelBits = 8;
    private const int LevelSlots = 1 << LevelBits;
    private const int Levels = 4;
    private const int None = -1;

    private readonly Pool<Node> _nodes;
    private readonly int[] _heads = new int[Levels * LevelSlots];
    private readonly ulong[] _occupied = new ulong[Levels * LevelSlots / 64];
    private long _tick;

    public TimerWheel(int limit, Instant start)
    {
        _nodes = new Pool<Node>(limit);
        _tick = start.Microseconds / 1000;
        Array.Fill(_heads, None);
    }

    public int Count => _nodes.Count;

    /// <summary>A lower bound of when the next timer is due, exact within 256 ms; Never without timers.</summary>
    public Instant NextDeadline
    {
        get
        {
            if (_nodes.Count == 0) return Instant.Never;
            long earliest = long.MaxValue;
            for (int level = 0; level < Levels; level++)
            {
                // On an upper level the current slot has been cascaded: what is in it is a whole turn away.
                long position = (_tick >> (level * LevelBits)) + (level == 0 ? 0 : 1);
                int distance = DistanceToOccupied(level, (int)(position & (LevelSlots - 1)));
                if (distance >= 0) earliest = Math.Min(earliest, (position + distance) << (level * LevelBits));
            }
            return new Instant(earliest * 1000);
        }
    }

    /// <summary>Schedules a timer. The number it returns, never 0, cancels it.</summary>
    public int Schedule(Instant due, byte kind, Handle owner)
    {
        // Rounded up to the next tick, so that nothing fires early; the current tick has been served already.
        long tick = Math.Max((due.Microseconds + 999) / 1000, _tick);
        Check.That(_nodes.TryRent(out Handle handle));
        ref Node node = ref _nodes[handle.Index];
        node.Tick = tick;
        node.Kind = kind;
        node.Owner = owner;
        Link(handle.Index);
        return handle.Index + 1;
    }

    /// <summary>Cancels and clears the number; does nothing for 0.</summary>
    public void Cancel(ref int timer)
    {
        if (timer == 0) return;
        int index = timer - 1;
        timer = 0;
        Unlink(index);
        _nodes.Return(_nodes.HandleOf(index));
    }

    /// <summary>Takes one timer that is due; call until false. Its number is no longer valid.</summary>
    public bool TryExpire(Instant now, out TimerEntry entry)
    {
        long target = now.Microseconds / 1000;
        while (true)
        {
            int slot = (int)(_tick & (LevelSlots - 1));
            int index = _heads[slot];
            if (index != None && _nodes[index].Tick <= target)
            {
                entry = new TimerEntry(_nodes[index].Kind, _nodes[index].Owner, new Instant(_nodes[index].Tick * 1000));
                Unlink(index);
                _nodes.Return(_nodes.HandleOf(index));
                return true;
            }
            if (_tick >= target)
            {
                entry = default;
                return false;
            }
            Advance(target);
        }
    }

    private void Advance(long target)
    {
        if (_nodes.Count == 0)
        {
            _tick = target;
            return;
        }
        int slot = (int)(_tick & (LevelSlots - 1));
        int distance = DistanceToOccupied(0, slot + 1);
        // Jump over empty slots, but never over the end of the level: the next level cascades there.
        long next = distance >= 0 ? _tick + 1 + distance : (_tick | (LevelSlots - 1)) + 1;
        next = Math.Min(Math.Min(next, (_tick | (LevelSlots - 1)) + 1), target);
        _tick = next;
        for (int level = 1; level < Levels; level++)
        {
            if ((_tick & ((1L << (level * LevelBits)) - 1)) != 0) break;
            Cascade(level, (int)((_tick >> (level * LevelBits)) & (LevelSlots - 1)));
        }
    }

    private void Cascade(int level, int slot)
    {
        int index = _heads[(level * LevelSlots) + slot];
        while (index != None)
        {
            int next = _nodes[index].Next;
            Unlink(index);
            Link(index);
            index = next;
        }
    }

    private void Link(int index)
    {
        ref Node node = ref _nodes[index];
        long delta = node.Tick - _tick;
        int level = delta < LevelSlots ? 0 : Math.Min((63 - BitOperations.LeadingZeroCount((ulong)delta)) / LevelBits, Levels - 1);
        // A timer further away than the wheel reaches waits in the last slot of the top level and is linked again.
        long tick = delta >> (Levels * LevelBits) != 0 ? _tick + (1L << (Levels * LevelBits)) - 1 : node.Tick;
        node.Slot = (level * LevelSlots) + (int)((tick >> (level * LevelBits)) & (LevelSlots - 1));
        node.Previous = None;
        node.Next = _heads[node.Slot];
        if (node.Next != None) _nodes[node.Next].Previous = index;
        _heads[node.Slot] = index;
        _occupied[node.Slot >> 6] |= 1UL << (node.Slot & 63);
    }

    private void Unlink(int index)
    {
        ref Node node = ref _nodes[index];
        if (node.Previous != None) _nodes[node.Previous].Next = node.Next;
        else _heads[node.Slot] = node.Next;
        if (node.Next != None) _nodes[node.Next].Previous = node.Previous;
        if (_heads[node.Slot] == None) _occupied[node.Slot >> 6] &= ~(1UL << (node.Slot & 63));
    }

    /// <summary>Slots from <paramref name="from"/> to the first occupied one of the level, around its end; -1: none.</summary>
    private int DistanceToOccupied(int level, int from)
    {
        int origin = level * LevelSlots;
        for (int step = 0; step < LevelSlots;)
        {
            int slot = (from + step) & (LevelSlots - 1);
            ulong word = _occupied[(origin + slot) >> 6] >> (slot & 63);
            if (word != 0)
            {
                int distance = step + BitOperations.TrailingZeroCount(word);
                return distance < LevelSlots ? distance : -1;
            }
            step += 64 - (slot & 63);
        }
        return -1;
    }

    private struct Node
    {
        public long Tick;
        public Handle Owner;
        public int Previous;
        public int Next;
        public int Slot;
        public byte Kind;
    }
}
