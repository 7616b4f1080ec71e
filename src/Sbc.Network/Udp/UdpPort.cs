using System.Runtime.CompilerServices;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>A worker's UDP socket for one listener. All but <see cref="KernelDrops"/> is its worker's alone.</summary>
/// <remarks>
/// With IP_RECVERR an ICMP error is queued with the datagram it quotes and its number is also left pending on the
/// socket, where the next send or receive, about whatever, fails with it once. Those calls are repeated.
/// </remarks>
public sealed unsafe class UdpPort : IPacketPort, IPollable, IDisposable
{
    private const int ControlBytes = 256;

    private readonly MessageBatch _incoming = new();
    private readonly MessageBatch _outgoing = new();
    private readonly bool _isIPv4;
    private int _descriptor;
    private bool _errorHint;
    private uint _dropsSeen;
    private ulong _drops;

    /// <param name="descriptor">A bound nonblocking socket, which this object closes.</param>
    internal UdpPort(int descriptor, in TransportAddress local)
    {
        _descriptor = descriptor;
        _isIPv4 = local.IsIPv4;
        Local = local;
    }

    public TransportAddress Local { get; }

    public int PollDescriptor => _descriptor;

    public void HintError() => _errorHint = true;

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int total = 0;
        while (total < slots.Length)
        {
            ReadOnlySpan<int> part = slots.Slice(total, Math.Min(MessageBatch.MessagesMax, slots.Length - total));
            _incoming.Arm(pool, part);
            int got = ReceiveArmed(part.Length);
            for (int i = 0; i < got; i++) _incoming.Take(i, ref pool.Header(part[i]));
            total += got;
            if (got < part.Length) break;
        }
        return total;
    }

    private int ReceiveArmed(int count)
    {
        int attempts = 0;
        while (true)
        {
            int got = SocketCalls.ReceiveMany(
                _descriptor, _incoming.Messages, (uint)count, SocketNumbers.DontWait, null);
            if (got >= 0) return got;
            int error = Errno.Last;
            if (error == Errno.Again) return 0;
            if (error == Errno.Interrupted) continue;
            _errorHint = true;
            // Datagrams may wait behind the error. What is left after these attempts, epoll reports again.
            if (!Errno.MayBePending(error) || ++attempts == SendProgress.AttemptsMax) return 0;
        }
    }

    public int Send(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int sent = 0;
        for (int at = 0; at < slots.Length; at += MessageBatch.MessagesMax)
        {
            ReadOnlySpan<int> part = slots.Slice(at, Math.Min(MessageBatch.MessagesMax, slots.Length - at));
            SendProgress progress = _outgoing.Send(_descriptor, _outgoing.Load(pool, part, _isIPv4));
            sent += progress.Sent;
            _errorHint |= progress.SawError;
        }
        return sent;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A worker calls this for each ready port: until the queue is empty epoll reports the port as ready. Routers quote
    /// at least 8 bytes of a datagram, Linux up to 548 (RFC 1812 4.3.2.3). A local error quotes nothing: Length
    /// and the port of Remote are 0.
    /// </remarks>
    public int ReceiveErrors(PacketPool pool, ReadOnlySpan<int> slots)
    {
        if (!_errorHint) return 0;
        byte* name = stackalloc byte[RawAddress.Stride];
        byte* control = stackalloc byte[ControlBytes];
        int count = 0;
        while (count < slots.Length)
        {
            int slot = slots[count];
            var vector = new IoVector { Base = MessageBatch.SlotOf(pool, slot), Length = (nuint)pool.SlotBytes };
            var message = new MessageHeader
            {
                Name = name, NameLength = RawAddress.Stride,
                Vectors = &vector, VectorCount = 1,
                Control = control, ControlLength = ControlBytes,
            };
            Unsafe.WriteUnaligned(name, (ushort)0);
            const int flags = SocketNumbers.ErrorQueue | SocketNumbers.DontWait;
            nint length = SocketCalls.ReceiveMessage(_descriptor, &message, flags);
            if (length < 0)
            {
                if (Errno.Last == Errno.Interrupted) continue;
                _errorHint = false;
                break;
            }
            int error = ErrorOf(message);
            if (error == 0) continue;
            ref PacketHeader header = ref pool.Header(slot);
            header.Length = (int)length;
            header.Remote = RawAddress.Read(name);
            header.Truncated = (message.Flags & SocketNumbers.Truncated) != 0;
            header.Error = error;
            count++;
        }
        return count;
    }

    /// <summary>errno of a local or ICMP error; 0 of anything else an error queue may hold.</summary>
    private static int ErrorOf(in MessageHeader message)
    {
        nuint at = 0;
        while (at + (nuint)sizeof(ControlHeader) <= message.ControlLength)
        {
            var control = (ControlHeader*)(message.Control + at);
            if (control->Length < (nuint)sizeof(ControlHeader)) return 0;
            bool isError = (control->Level, control->Type) is
                (SocketNumbers.LevelIPv4, SocketNumbers.ReceiveErrorsIPv4) or
                (SocketNumbers.LevelIPv6, SocketNumbers.ReceiveErrorsIPv6);
            if (isError && control->Length >= (nuint)(sizeof(ControlHeader) + sizeof(ExtendedError)))
            {
                var error = (ExtendedError*)(control + 1);
                bool ours = error->Origin is ExtendedError.OriginLocal or ExtendedError.OriginIcmp
                    or ExtendedError.OriginIcmp6;
                return ours ? (int)error->Error : 0;
            }
            at += (control->Length + 7) & ~(nuint)7;
        }
        return 0;
    }

    /// <summary>Datagrams the kernel dropped on this socket's full buffer. For one thread: the control one.</summary>
    /// <remarks>Polled: SO_RXQ_OVFL would add a control message to every packet. The kernel's 32 bits wrap.</remarks>
    public ulong KernelDrops
    {
        get
        {
            uint* numbers = stackalloc uint[SocketNumbers.MemoryInfoCount];
            uint length = SocketNumbers.MemoryInfoCount * sizeof(uint);
            int result = SocketCalls.GetOption(
                _descriptor, SocketNumbers.LevelSocket, SocketNumbers.MemoryInfo, numbers, &length);
            if (result < 0 || length < SocketNumbers.MemoryInfoCount * sizeof(uint)) return _drops;
            uint now = numbers[SocketNumbers.MemoryInfoDrops];
            _drops += unchecked(now - _dropsSeen);
            _dropsSeen = now;
            return _drops;
        }
    }

    public void Dispose()
    {
        if (_descriptor < 0) return;
        SocketCalls.Close(_descriptor);
        _descriptor = -1;
        _incoming.Dispose();
        _outgoing.Dispose();
    }
}
