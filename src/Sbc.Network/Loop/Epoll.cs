using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>An epoll descriptor with room for the events of one wait. For one thread.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>Data of an event that is about no port: a wake, or one that was forgotten.</summary>
    internal const ulong Nothing = ulong.MaxValue;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int EventStride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventStride - 8;

    private readonly int _eventsMax;
    private byte* _events;
    private bool _isPrecise;

    /// <param name="eventsMax">Events one wait may return.</param>
    /// <param name="isPrecise">Waits of microseconds where the host has them; else rounded up to milliseconds.</param>
    /// <exception cref="NetworkException">Out of descriptors or memory.</exception>
    internal Epoll(int eventsMax, bool isPrecise = true)
    {
        Descriptor = NetworkException.ThrowIfFailed(
            PollCalls.Create(PollCalls.CloseOnExec), "cannot create an epoll descriptor");
        _eventsMax = eventsMax;
        _isPrecise = isPrecise;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)eventsMax, (nuint)EventStride);
    }

    internal int Descriptor { get; private set; }

    /// <param name="data">Comes back with each event of this descriptor.</param>
    internal void Add(int descriptor, uint events, ulong data) =>
        Control(PollCalls.ControlAdd, descriptor, events, data);

    /// <summary>Other events or other data for a descriptor that was added.</summary>
    internal void Change(int descriptor, uint events, ulong data) =>
        Control(PollCalls.ControlModify, descriptor, events, data);

    private void Control(int operation, int descriptor, uint events, ulong data)
    {
        byte* pollEvent = stackalloc byte[16];
        Unsafe.WriteUnaligned(pollEvent, events);
        Unsafe.WriteUnaligned(pollEvent + DataOffset, data);
        NetworkException.ThrowIfFailed(
            PollCalls.Control(Descriptor, operation, descriptor, pollEvent), "cannot add to epoll");
    }

    internal void Remove(int descriptor)
    {
        byte* pollEvent = stackalloc byte[16];
        NetworkException.ThrowIfFailed(
            PollCalls.Control(Descriptor, PollCalls.ControlDelete, descriptor, pollEvent), "cannot remove from epoll");
    }

    /// <summary>Waits until something is ready or the time is over. A signal ends the wait: 0 events.</summary>
    /// <param name="timeoutMicroseconds">0: does not wait.</param>
    /// <param name="eventsMax">At most what the constructor made room for.</param>
    internal int Wait(long timeoutMicroseconds, int eventsMax)
    {
        Check.That(timeoutMicroseconds >= 0 && eventsMax > 0 && eventsMax <= _eventsMax);
        int count = timeoutMicroseconds > 0 && _isPrecise
            ? WaitPrecisely(timeoutMicroseconds, eventsMax)
            : WaitMilliseconds(timeoutMicroseconds, eventsMax);
        if (count >= 0) return count;
        int error = Errno.Last;
        if (error != Errno.Interrupted) throw new NetworkException("cannot wait for epoll", error);
        return 0;
    }

    /// <summary>The data given to <see cref="Add"/> of the i-th event of the last wait.</summary>
    internal ulong Data(int i) => Unsafe.ReadUnaligned<ulong>(_events + (i * EventStride) + DataOffset);

    /// <summary>The i-th event of the last wait is of nobody any more.</summary>
    internal void Forget(int i) => SetData(i, Nothing);

    internal void SetData(int i, ulong data) => Unsafe.WriteUnaligned(_events + (i * EventStride) + DataOffset, data);

    internal uint Flags(int i) => Unsafe.ReadUnaligned<uint>(_events + (i * EventStride));

    private int WaitMilliseconds(long timeoutMicroseconds, int eventsMax) =>
        PollCalls.Wait(Descriptor, _events, eventsMax, (int)((timeoutMicroseconds + 999) / 1000));

    private int WaitPrecisely(long timeoutMicroseconds, int eventsMax)
    {
        var timeout = new TimeSpecification
        {
            Seconds = timeoutMicroseconds / 1_000_000,
            Nanoseconds = timeoutMicroseconds % 1_000_000 * 1000,
        };
        try
        {
            int count = PollCalls.WaitPrecisely(Descriptor, _events, eventsMax, &timeout, null);
            if (count >= 0 || Errno.Last != Errno.NoSystemCall) return count;
        }
        catch (EntryPointNotFoundException)
        {
            // An older libc; the kernel may be older too. Milliseconds do.
        }
        _isPrecise = false;
        return WaitMilliseconds(timeoutMicroseconds, eventsMax);
    }

    public void Dispose()
    {
        if (_events == null) return;
        SocketCalls.Close(Descriptor);
        NativeMemory.Free(_events);
        _events = null;
    }
}
