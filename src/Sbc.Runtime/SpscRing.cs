using System.Runtime.InteropServices;

namespace Sbc.Runtime;

/// <summary>A bounded ring from exactly one producer thread to exactly one consumer thread; never waits.</summary>
public sealed class SpscRing<T>
    where T : unmanaged
{
    private readonly T[] _items;
    private readonly int _mask;
    private RingCursors _cursors;

    /// <param name="capacity">A power of two.</param>
    public SpscRing(int capacity)
    {
        Check.That(capacity > 0 && (capacity & (capacity - 1)) == 0);
        _items = new T[capacity];
        _mask = capacity - 1;
    }

    public int Capacity => _items.Length;

    /// <summary>Items waiting; exact for the consumer, a lower bound of what was pushed for others.</summary>
    public int Count => (int)(Volatile.Read(ref _cursors.Tail) - Volatile.Read(ref _cursors.Head));

    public bool IsEmpty => Count == 0;

    public bool TryPush(in T item)
    {
        long tail = _cursors.Tail;
        if (tail - _cursors.CachedHead >= _items.Length)
        {
            _cursors.CachedHead = Volatile.Read(ref _cursors.Head);
            if (tail - _cursors.CachedHead >= _items.Length) return false;
        }
        _items[(int)tail & _mask] = item;
        Volatile.Write(ref _cursors.Tail, tail + 1);
        return true;
    }

    public bool TryPop(out T item)
    {
        long head = _cursors.Head;
        if (head == _cursors.CachedTail)
        {
            _cursors.CachedTail = Volatile.Read(ref _cursors.Tail);
            if (head == _cursors.CachedTail)
            {
                item = default;
                return false;
            }
        }
        item = _items[(int)head & _mask];
        Volatile.Write(ref _cursors.Head, head + 1);
        return true;
    }
}

/// <summary>Of a ring: where its two threads are. Not nested, because a generic type can't have explicit layout.</summary>
// Producer and consumer write different cache lines (128 bytes: the prefetcher takes lines in pairs).
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct RingCursors
{
    [FieldOffset(128)] public long Tail;
    [FieldOffset(136)] public long CachedHead;
    [FieldOffset(256)] public long Head;
    [FieldOffset(264)] public long CachedTail;
}
