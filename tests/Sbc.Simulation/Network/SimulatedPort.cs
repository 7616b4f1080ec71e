using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One signalling worker's socket for one listener. Several may share an address (SO_REUSEPORT).</summary>
public sealed class SimulatedPort : IPacketPort, IReadiness
{
    private const int ErrnoConnectionRefused = 111;

    private readonly VirtualSocket _socket;
    private readonly Xoshiro _random;

    /// <param name="simulator">Whose network it is bound on.</param>
    /// <param name="local">Port 0 takes a free one.</param>
    /// <param name="bufferBytes">SO_RCVBUF; a datagram that finds it full is a kernel drop.</param>
    public SimulatedPort(Simulator simulator, in TransportAddress local, int bufferBytes = 4 * 1024 * 1024)
    {
        if (!simulator.Network.TryOpen(local, null, true, bufferBytes, out VirtualSocket? socket, out int error))
        {
            throw simulator.Failure($"{local} cannot be bound, errno {error}");
        }
        _socket = socket;
        _random = simulator.Network.ForkRandom();
    }

    public TransportAddress Local => _socket.Local;

    public bool HasPackets => _socket.BufferedCount > 0 || _socket.HasErrors;

    public long KernelDrops => _socket.KernelDrops;

    /// <summary>The share of datagrams the kernel refuses to send, as with a full send buffer.</summary>
    public double SendRefusal { get; set; }

    public void Close() => _socket.Close();

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int count = 0;
        while (count < slots.Length && _socket.TryTake(out Datagram? datagram))
        {
            SlotCopy.Into(pool, slots[count++], datagram!.From, datagram.Bytes);
        }
        return count;
    }

    public int Send(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int taken = 0;
        foreach (int slot in slots)
        {
            if (_random.Chance(SendRefusal)) continue;
            if (SlotCopy.Send(_socket, pool, slot)) taken++;
        }
        return taken;
    }

    public int ReceiveErrors(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int count = 0;
        while (count < slots.Length && _socket.TryTakeError(out TransportAddress to, out byte[] quoted))
        {
            SlotCopy.Into(pool, slots[count], to, quoted);
            pool.Header(slots[count++]).Error = ErrnoConnectionRefused;
        }
        return count;
    }
}

/// <summary>Copies between the network and a worker's slots.</summary>
internal static class SlotCopy
{
    public static void Into(PacketPool pool, int slot, in TransportAddress remote, byte[] bytes)
    {
        int length = Math.Min(bytes.Length, pool.SlotBytes);
        bytes.AsSpan(0, length).CopyTo(pool.Bytes(slot));
        ref PacketHeader header = ref pool.Header(slot);
        header.Length = length;
        header.Remote = remote;
        header.Error = 0;
        header.Truncated = bytes.Length > length;
    }

    public static bool Send(VirtualSocket socket, PacketPool pool, int slot)
    {
        TransportAddress to = pool.Header(slot).Remote;
        // EAFNOSUPPORT and EINVAL of the kernel: nothing leaves.
        if (to.Port == 0 || to.IsIPv4 != socket.Local.IsIPv4) return false;
        socket.Send(to, pool.Datagram(slot).ToArray());
        return true;
    }
}
