using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>The sockets of one media worker and what binds them, without a kernel.</summary>
public sealed class MemoryMedia : IPacketPorts, IPortBinder
{
    private const int SocketsMax = 16_384;

    private readonly TransportAddress[] _bound = new TransportAddress[SocketsMax];
    private readonly int[] _keys = new int[SocketsMax];
    private readonly int[] _free = new int[SocketsMax];
    private int _freeCount = SocketsMax;
    private int _taken;

    public MemoryMedia()
    {
        // Lowest handle first, so that a run is easy to read in a debugger.
        for (int i = 0; i < SocketsMax; i++) _free[i] = SocketsMax - 1 - i;
    }

    public Mail Inbound { get; } = new(256, 2048);

    /// <summary>What left; its key is the socket.</summary>
    public Mail Sent { get; } = new(256, 2048);

    public int Open => SocketsMax - _freeCount;

    public bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error)
    {
        Check.That(_freeCount > 0);
        handle = _free[--_freeCount];
        _bound[handle] = local;
        error = 0;
        return true;
    }

    public void Release(int handle) => Close(handle);

    public void Adopt(int handle, int key) => _keys[handle] = key;

    public void Rekey(int handle, int key) => _keys[handle] = key;

    public void Close(int handle)
    {
        Check.That(!_bound[handle].IsNone);
        _bound[handle] = default;
        _free[_freeCount++] = handle;
    }

    /// <summary>The socket that is bound there: a walk, for the start of a benchmark only.</summary>
    public int SocketAt(in TransportAddress local)
    {
        for (int handle = 0; handle < SocketsMax; handle++)
        {
            if (_bound[handle] == local) return handle;
        }
        throw new InvalidOperationException($"nothing is bound at {local}");
    }

    /// <summary>The datagram arrives at the socket in the worker's next turn.</summary>
    public void Deliver(int socket, in TransportAddress from, ReadOnlySpan<byte> datagram) =>
        Inbound.Add(datagram, from, socket);

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int count = Math.Min(slots.Length, Inbound.Count - _taken);
        for (int i = 0; i < count; i++)
        {
            ref PacketHeader header = ref pool.Header(slots[i]);
            header.Length = Inbound.Length(_taken);
            header.Port = _keys[Inbound.Key(_taken)];
            header.Remote = Inbound.Address(_taken);
            header.Error = 0;
            header.Truncated = false;
            Inbound[_taken++].CopyTo(pool.Bytes(slots[i]));
        }
        if (_taken < Inbound.Count) return count;
        Inbound.Clear();
        _taken = 0;
        return count;
    }

    public int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots) Sent.Add(pool.Datagram(slot), pool.Header(slot).Remote, handle);
        return slots.Length;
    }
}
