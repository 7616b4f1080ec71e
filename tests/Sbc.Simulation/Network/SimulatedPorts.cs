using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Handles of media sockets: bound by a signalling worker, adopted and closed by a media worker.</summary>
public sealed class SimulatedHandles(Simulator simulator)
{
    private readonly Dictionary<int, VirtualSocket> _open = [];
    private int _next = 100;

    /// <summary>0 when nothing leaked.</summary>
    public int Open => _open.Count;

    public long KernelDrops { get; private set; }

    public IEnumerable<TransportAddress> OpenAddresses => _open.Values.Select(socket => socket.Local);

    /// <summary>rmem of a media socket: small, as calls have many.</summary>
    public int BufferBytes { get; init; } = 212_992;

    internal bool TryBind(in TransportAddress local, out int handle, out int error)
    {
        handle = -1;
        VirtualNetwork network = simulator.Network;
        if (!network.TryOpen(local, null, false, BufferBytes, out VirtualSocket? socket, out error)) return false;
        // Handles are never used again, so that a stale one is found out.
        handle = _next++;
        _open.Add(handle, socket);
        return true;
    }

    internal VirtualSocket Socket(int handle) =>
        _open.TryGetValue(handle, out VirtualSocket? socket)
            ? socket
            : throw simulator.Failure($"handle {handle} is not open");

    internal void Close(int handle)
    {
        VirtualSocket socket = Socket(handle);
        KernelDrops += socket.KernelDrops;
        socket.Close();
        _open.Remove(handle);
    }
}

/// <summary>Binds media sockets for a signalling worker.</summary>
public sealed class SimulatedPortBinder(SimulatedHandles handles) : IPortBinder
{
    public bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error)
    {
        Check.That(dscp <= 63);
        return handles.TryBind(local, out handle, out error);
    }

    public void Release(int handle)
    {
        Check.That(handles.Socket(handle).Buffered == null);
        handles.Close(handle);
    }
}

/// <summary>The sockets of one media worker.</summary>
public sealed class SimulatedPorts(SimulatedHandles handles) : IPacketPorts, IReadiness
{
    private readonly Dictionary<int, int> _keys = [];
    private readonly Queue<int> _arrivals = new();

    public bool HasPackets => _arrivals.Count > 0;

    public int Adopted => _keys.Count;

    public void Adopt(int handle, int key)
    {
        VirtualSocket socket = handles.Socket(handle);
        Check.That(socket.Buffered == null);
        _keys.Add(handle, key);
        socket.Buffered = () => _arrivals.Enqueue(handle);
        // What came between bind and adoption waited in the socket's buffer.
        for (int i = 0; i < socket.BufferedCount; i++) _arrivals.Enqueue(handle);
    }

    public void Rekey(int handle, int key)
    {
        Check.That(_keys.ContainsKey(handle));
        _keys[handle] = key;
    }

    public void Close(int handle)
    {
        bool adopted = _keys.Remove(handle);
        Check.That(adopted);
        handles.Close(handle);
    }

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int count = 0;
        while (count < slots.Length && _arrivals.TryDequeue(out int handle))
        {
            if (!_keys.TryGetValue(handle, out int key)) continue;
            if (!handles.Socket(handle).TryTake(out Datagram? datagram)) continue;
            SlotCopy.Into(pool, slots[count], datagram!.From, datagram.Bytes);
            pool.Header(slots[count++]).Port = key;
        }
        return count;
    }

    public int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots)
    {
        Check.That(_keys.ContainsKey(handle));
        VirtualSocket socket = handles.Socket(handle);
        int taken = 0;
        foreach (int slot in slots)
        {
            if (SlotCopy.Send(socket, pool, slot)) taken++;
        }
        return taken;
    }
}
