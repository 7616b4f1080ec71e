using System.Numerics;

namespace Sbc.Runtime;

/// <summary>Names bytes of a <see cref="BufferPool"/>. The default value is the empty reference.</summary>
public readonly record struct BufferRef(int Block, int Length)
{
    public static readonly BufferRef None = default;

    public bool IsNone => Block == 0;
}

/// <summary>Bytes of a worker's state in size classes of powers of two, cut from large arrays; one owner thread.</summary>
public sealed class BufferPool
{
    private const int SmallestBits = 6;
    private const int LargestBits = 16;
    private const int ClassCount = LargestBits - SmallestBits + 1;
    private const int ArenaBits = 20;

    // A block number is arena << 14 | offset in units of 64 bytes; block 0 of arena 0 is never handed out.
    private const int UnitsInArenaBits = ArenaBits - SmallestBits;

    private readonly List<byte[]> _arenas = [];
    private readonly int[][] _free = new int[ClassCount][];
    private readonly int[] _freeCount = new int[ClassCount];
    private readonly long _bytesMax;
    private int _arenaUsed = 1 << ArenaBits;

    public BufferPool(long bytesMax)
    {
        _bytesMax = bytesMax;
        for (int i = 0; i < ClassCount; i++) _free[i] = new int[64];
    }

    /// <summary>Blocks in use; zero when nothing is alive.</summary>
    public int Count { get; private set; }

    public long BytesReserved => (long)_arenas.Count << ArenaBits;

    /// <summary>Copies <paramref name="bytes"/> into a block. False when the limit of memory is reached or it is too long.</summary>
    public bool TryStore(ReadOnlySpan<byte> bytes, out BufferRef reference)
    {
        if (!TryRent(bytes.Length, out reference)) return false;
        bytes.CopyTo(Bytes(reference));
        return true;
    }

    public bool TryRent(int length, out BufferRef reference)
    {
        reference = BufferRef.None;
        if ((uint)length > 1 << LargestBits) return false;
        int sizeClass = ClassOf(length);
        if (_freeCount[sizeClass] > 0)
        {
            reference = new BufferRef(_free[sizeClass][--_freeCount[sizeClass]], length);
        }
        else
        {
            int size = 1 << (sizeClass + SmallestBits);
            if (_arenaUsed + size > 1 << ArenaBits && !TryAddArena()) return false;
            reference = new BufferRef(((_arenas.Count - 1) << UnitsInArenaBits) | (_arenaUsed >> SmallestBits), length);
            _arenaUsed += size;
        }
        Count++;
        return true;
    }

    public Span<byte> Bytes(BufferRef reference)
    {
        return Segment(reference).AsSpan();
    }

    /// <summary>The same bytes as an array's part, for what keeps positions and not spans.</summary>
    public ArraySegment<byte> Segment(BufferRef reference)
    {
        if (reference.IsNone) return ArraySegment<byte>.Empty;
        int offset = (reference.Block & ((1 << UnitsInArenaBits) - 1)) << SmallestBits;
        return new ArraySegment<byte>(_arenas[reference.Block >> UnitsInArenaBits], offset, reference.Length);
    }

    /// <summary>Gives the block back and clears the reference; does nothing for the empty one.</summary>
    public void Return(ref BufferRef reference)
    {
        if (reference.IsNone) return;
        int sizeClass = ClassOf(reference.Length);
        ref int[] free = ref _free[sizeClass];
        if (_freeCount[sizeClass] == free.Length) Array.Resize(ref free, free.Length * 2);
        free[_freeCount[sizeClass]++] = reference.Block;
        reference = BufferRef.None;
        Count--;
    }

    private static int ClassOf(int length) =>
        length <= 1 << SmallestBits ? 0 : BitOperations.Log2((uint)length - 1) + 1 - SmallestBits;

    private bool TryAddArena()
    {
        if (BytesReserved + (1 << ArenaBits) > _bytesMax) return false;
        // What is left of the last arena is given to the free lists, largest pieces first, so that nothing is lost.
        if (_arenas.Count > 0) ReleaseRemainder();
        _arenas.Add(GC.AllocateUninitializedArray<byte>(1 << ArenaBits, pinned: true));
        _arenaUsed = _arenas.Count == 1 ? 1 << SmallestBits : 0;
        return true;
    }

    private void ReleaseRemainder()
    {
        while ((1 << ArenaBits) - _arenaUsed is var left && left >= 1 << SmallestBits)
        {
            int bits = Math.Min(BitOperations.Log2((uint)left), LargestBits);
            int sizeClass = bits - SmallestBits;
            if (_freeCount[sizeClass] == _free[sizeClass].Length)
                Array.Resize(ref _free[sizeClass], _free[sizeClass].Length * 2);
            _free[sizeClass][_freeCount[sizeClass]++] =
                ((_arenas.Count - 1) << UnitsInArenaBits) | (_arenaUsed >> SmallestBits);
            _arenaUsed += 1 << bits;
        }
    }
}
