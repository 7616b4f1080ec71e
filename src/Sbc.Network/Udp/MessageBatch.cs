using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>
/// The arrays recvmmsg and sendmmsg work on, in native memory, allocated once; the bytes themselves stay in the
/// slots of a <see cref="PacketPool"/>, which are pinned.
/// </summary>
internal sealed unsafe class MessageBatch : IDisposable
{
    /// <summary>More in one call gains nothing: a call's fixed cost is shared by 64 already.</summary>
    internal const int MessagesMax = 64;

    private const int BytesEach = 64 + 16 + RawAddress.Stride;

    private readonly IoVector* _vectors;
    private readonly byte* _names;
    private MultiMessage* _messages;

    internal MessageBatch()
    {
        Check.That(sizeof(MultiMessage) == 64 && sizeof(IoVector) == 16);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(MessagesMax * BytesEach, 64);
        NativeMemory.Clear(memory, MessagesMax * BytesEach);
        _messages = (MultiMessage*)memory;
        _vectors = (IoVector*)(memory + (MessagesMax * 64));
        _names = memory + (MessagesMax * (64 + 16));
        for (int i = 0; i < MessagesMax; i++)
        {
            _messages[i].Header.Name = _names + (i * RawAddress.Stride);
            _messages[i].Header.Vectors = _vectors + i;
            _messages[i].Header.VectorCount = 1;
        }
    }

    internal MultiMessage* Messages => _messages;

    /// <summary>Where a slot's bytes are. The pool's array is pinned, so the pointer outlives the call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte* SlotOf(PacketPool pool, int slot)
    {
        Check.That((uint)slot < (uint)pool.Slots);
        byte* memory = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pool.Memory));
        return memory + ((nint)slot * pool.SlotStride);
    }

    /// <summary>Makes message i receive into the i-th slot.</summary>
    internal void Arm(PacketPool pool, ReadOnlySpan<int> slots)
    {
        Check.That(slots.Length <= MessagesMax);
        for (int i = 0; i < slots.Length; i++)
        {
            _vectors[i].Base = SlotOf(pool, slots[i]);
            _vectors[i].Length = (nuint)pool.SlotBytes;
            _messages[i].Header.NameLength = RawAddress.Stride;
        }
    }

    /// <summary>Writes what message i received into its slot's header.</summary>
    internal void Take(int i, ref PacketHeader header)
    {
        header.Length = (int)_messages[i].Length;
        header.Remote = RawAddress.Read(_names + (i * RawAddress.Stride));
        header.Truncated = (_messages[i].Header.Flags & SocketNumbers.Truncated) != 0;
        header.Error = 0;
    }

    /// <summary>Makes the messages out of the slots whose Remote is of the socket's family. Returns how many.</summary>
    /// <remarks>
    /// The others are left out here, because an IPv6-only socket answers ENETUNREACH to an IPv4 address, which looks
    /// like a pending ICMP error and would be tried again.
    /// </remarks>
    internal int Load(PacketPool pool, ReadOnlySpan<int> slots, bool isIPv4)
    {
        Check.That(slots.Length <= MessagesMax);
        int count = 0;
        foreach (int slot in slots)
        {
            ref PacketHeader header = ref pool.Header(slot);
            Check.That((uint)header.Length <= (uint)pool.SlotBytes);
            if (header.Remote.IsIPv4 != isIPv4) continue;
            _vectors[count].Base = SlotOf(pool, slot);
            _vectors[count].Length = (nuint)header.Length;
            _messages[count].Header.NameLength = RawAddress.Write(header.Remote, _names + (count * RawAddress.Stride));
            count++;
        }
        return count;
    }

    /// <summary>Sends the first <paramref name="count"/> messages.</summary>
    internal SendProgress Send(int descriptor, int count)
    {
        var progress = new SendProgress(count);
        while (!progress.IsDone)
        {
            int result = SocketCalls.SendMany(
                descriptor, _messages + progress.Next, (uint)(count - progress.Next), SocketNumbers.DontWait);
            progress.Take(result, result < 0 ? Errno.Last : 0);
        }
        return progress;
    }

    public void Dispose()
    {
        if (_messages == null) return;
        NativeMemory.AlignedFree(_messages);
        _messages = null;
    }
}
