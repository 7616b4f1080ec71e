using System.Runtime.InteropServices;

namespace Sbc.Runtime;

/// <summary>What is known of a datagram beside its bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PacketHeader
{
    /// <summary>Bytes of the datagram in the slot.</summary>
    public int Length;

    /// <summary>Which of a worker's ports it came from or goes to: a listener's index, or the key given to Adopt.</summary>
    public int Port;

    /// <summary>Received: where it came from. To be sent: where it goes. Of an error: where the quoted one went.</summary>
    public TransportAddress Remote;

    /// <summary>errno of an ICMP error, whose quoted datagram is in the slot; 0 for a datagram.</summary>
    public int Error;

    /// <summary>No datagram: the slot carries what one worker asks another, and back what it answers.</summary>
    public bool IsQuestion;

    /// <summary>The datagram was longer than the slot (MSG_TRUNC).</summary>
    public bool Truncated;
}

/// <summary>A worker's slots for datagrams, in one pinned array; one owner thread rents and returns.</summary>
public sealed class PacketPool
{
    /// <summary>The largest UDP payload fits. Untouched pages of a slot are never resident.</summary>
    public const int DatagramBytesMax = 65_536;

    private readonly PacketHeader[] _headers;
    private readonly int[] _free;
    private int _freeCount;

    /// <param name="slotBytes">Bytes a slot holds; a longer datagram is truncated and marked so.</param>
    public PacketPool(int slots, int slotBytes = DatagramBytesMax)
    {
        Check.That(slots > 0 && slotBytes > 0);
        SlotBytes = slotBytes;
        // One cache line and a page's odd part are added so that slots do not all start in the same cache sets.
        SlotStride = slotBytes + 320;
        Memory = GC.AllocateUninitializedArray<byte>(checked(slots * SlotStride), pinned: true);
        _headers = GC.AllocateArray<PacketHeader>(slots, pinned: true);
        _free = new int[slots];
        for (int i = 0; i < slots; i++) _free[i] = slots - 1 - i;
        _freeCount = slots;
    }

    public int SlotBytes { get; }

    public int SlotStride { get; }

    /// <summary>The pinned array that all slots are cut from; slot s starts at s * <see cref="SlotStride"/>.</summary>
    public byte[] Memory { get; }

    public int Slots => _headers.Length;

    public int Free => _freeCount;

    public bool TryRent(out int slot)
    {
        if (_freeCount == 0)
        {
            slot = -1;
            return false;
        }
        slot = _free[--_freeCount];
        return true;
    }

    public void Return(int slot)
    {
        Check.That(_freeCount < _free.Length && (uint)slot < (uint)_headers.Length);
        _free[_freeCount++] = slot;
    }

    public ref PacketHeader Header(int slot) => ref _headers[slot];

    /// <summary>The whole slot, to be written to.</summary>
    public Span<byte> Bytes(int slot) => Memory.AsSpan(slot * SlotStride, SlotBytes);

    /// <summary>The datagram in the slot.</summary>
    public Span<byte> Datagram(int slot) => Memory.AsSpan(slot * SlotStride, _headers[slot].Length);
}
