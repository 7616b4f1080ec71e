using System.Runtime.CompilerServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>The sockets of one media worker, thousands of them. All of it is that worker's thread's alone.</summary>
/// <remarks>
/// A handle is a descriptor. An event carries handle and key; those that wait for <see cref="Receive"/> are forgotten
/// with their socket, so nothing outlives a <see cref="Close"/>, however soon the kernel gives its number to another.
/// A <see cref="TurnLoop"/> that has nothing but this set waits on the set's own epoll descriptor and leaves it the
/// events. Nested descriptors need a second epoll_wait for each wake: about 1 us a packet more at 5000 packets/s in 100
/// sockets, nothing to be seen at 20,000 (medians of 5 on a busy machine: nested 15.9 and 7.4 us, this 14.1 and 7.5,
/// the same echo in C 12.9 and 6.7).
/// </remarks>
public sealed unsafe class UdpPortSet : IPacketPorts, IPollable, IDisposable
{
    private const int EventsMax = 128;

    private readonly Epoll _poll = new(EventsMax);
    private readonly MessageBatch _outgoing = new();
    private int _events;
    private int _at;

    /// <summary>Sockets adopted and not closed.</summary>
    public int Count { get; private set; }

    public int PollDescriptor => _poll.Descriptor;

    public void HintError()
    {
        // An epoll descriptor has no errors of its own.
    }

    /// <exception cref="NetworkException">No memory, fs.epoll.max_user_watches, a dead handle.</exception>
    public void Adopt(int handle, int key)
    {
        _poll.Add(handle, PollCalls.PollIn, ((ulong)(uint)handle << 32) | (uint)key);
        Count++;
    }

    /// <exception cref="NetworkException">A dead handle.</exception>
    public void Rekey(int handle, int key)
    {
        ulong renamed = ((ulong)(uint)handle << 32) | (uint)key;
        _poll.Change(handle, PollCalls.PollIn, renamed);
        for (int i = _at; i < _events; i++)
        {
            ulong data = _poll.Data(i);
            if (data != Epoll.Nothing && HandleOf(data) == handle) _poll.SetData(i, renamed);
        }
    }

    public void Close(int handle)
    {
        // Not left to close(2): a child process that is between fork and exec still holds the socket, and the kernel
        // would go on reporting events of a number that may be somebody else's by then.
        _poll.Remove(handle);
        SocketCalls.Close(handle);
        Count--;
        for (int i = _at; i < _events; i++)
        {
            ulong data = _poll.Data(i);
            if (data != Epoll.Nothing && HandleOf(data) == handle) _poll.Forget(i);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One datagram from each ready socket, in the order in which they became ready; a socket with more goes to the end
    /// of the kernel's list, so no stream starves another. One pass a call: what is left keeps the set readable.
    /// </remarks>
    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        if (!HasEvents) Wait(0);
        byte* name = stackalloc byte[RawAddress.Stride];
        int count = 0;
        while (HasEvents && count < slots.Length)
        {
            ulong data = _poll.Data(_at++);
            if (data == Epoll.Nothing) continue;
            int slot = slots[count];
            uint nameLength = RawAddress.Stride;
            // With MSG_TRUNC recvfrom returns the datagram's own length, whatever the slot holds.
            nint length = SocketCalls.ReceiveFrom(
                HandleOf(data), MessageBatch.SlotOf(pool, slot), (nuint)pool.SlotBytes,
                SocketNumbers.DontWait | SocketNumbers.Truncated, name, &nameLength);
            // Nothing there after all (a bad checksum) or interrupted: epoll tells again.
            if (length < 0) continue;
            ref PacketHeader header = ref pool.Header(slot);
            header.Length = (int)Math.Min(length, pool.SlotBytes);
            header.Port = (int)(uint)data;
            header.Remote = RawAddress.Read(name);
            header.Truncated = length > pool.SlotBytes;
            header.Error = 0;
            count++;
        }
        return count;
    }

    /// <summary>Lets the loop's wake event end <see cref="Wait"/>.</summary>
    internal void WakeBy(WakeEvent wake) =>
        _poll.Add(wake.Descriptor, PollCalls.PollIn | PollCalls.EdgeTriggered, Epoll.Nothing);

    /// <summary>Waits for sockets unless some are known to be ready. Returns whether any is.</summary>
    internal bool Wait(long timeoutMicroseconds)
    {
        // Events not yet served are kept: asking anew would put their sockets behind those that were served.
        if (HasEvents) return true;
        _events = _poll.Wait(timeoutMicroseconds, EventsMax);
        _at = 0;
        if (_events == 1 && _poll.Data(0) == Epoll.Nothing) _events = 0;
        return HasEvents;
    }

    private bool HasEvents => _at < _events;

    private static int HandleOf(ulong data) => (int)(data >> 32);

    public int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots)
    {
        if (slots.Length == 1) return SendOne(handle, pool, slots[0]);
        int sent = 0;
        for (int at = 0; at < slots.Length; at += MessageBatch.MessagesMax)
        {
            ReadOnlySpan<int> part = slots.Slice(at, Math.Min(MessageBatch.MessagesMax, slots.Length - at));
            if (part.IsEmpty) break;
            // A stream's packets go to one address; the kernel refuses those of the other family one by one.
            bool isIPv4 = pool.Header(part[0]).Remote.IsIPv4;
            sent += _outgoing.Send(handle, _outgoing.Load(pool, part, isIPv4)).Sent;
        }
        return sent;
    }

    /// <summary>The usual case of a relay: one packet, another socket for the next.</summary>
    private static int SendOne(int handle, PacketPool pool, int slot)
    {
        ref PacketHeader header = ref pool.Header(slot);
        Check.That((uint)header.Length <= (uint)pool.SlotBytes);
        byte* name = stackalloc byte[RawAddress.Stride];
        uint nameLength = RawAddress.Write(header.Remote, name);
        byte* bytes = MessageBatch.SlotOf(pool, slot);
        nint result;
        do
        {
            result = SocketCalls.SendTo(
                handle, bytes, (nuint)header.Length, SocketNumbers.DontWait, name, nameLength);
        }
        while (result < 0 && Errno.Last == Errno.Interrupted);
        return result < 0 ? 0 : 1;
    }

    /// <summary>Closes the epoll descriptor; sockets still adopted are their owner's to close before.</summary>
    public void Dispose()
    {
        _poll.Dispose();
        _outgoing.Dispose();
    }
}
