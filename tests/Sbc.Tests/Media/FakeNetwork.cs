using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

/// <summary>A datagram that left the box.</summary>
internal readonly record struct Sent(TransportAddress From, TransportAddress To, byte[] Bytes);

/// <summary>
/// The kernel's sockets for media, without a kernel: bound addresses, queues, and loopback between them.
/// </summary>
internal sealed class FakeNetwork : IPortBinder
{
    private readonly List<Socket> _sockets = [];
    private readonly Dictionary<TransportAddress, int> _bound = [];

    public List<Sent> Sent { get; } = [];

    /// <summary>Addresses another program holds.</summary>
    public HashSet<TransportAddress> Taken { get; } = [];

    /// <summary>Off where a test counts allocated bytes.</summary>
    public bool KeepsSent { get; set; } = true;

    /// <summary>How many datagrams of each Send are skipped.</summary>
    public int SkipsOfSend { get; set; }

    public int SocketsOpen => _bound.Count;

    public int BindsLeft { get; set; } = int.MaxValue;

    public bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error)
    {
        handle = -1;
        error = 98;
        if (BindsLeft == 0 || Taken.Contains(local) || !_bound.TryAdd(local, _sockets.Count)) return false;
        BindsLeft--;
        handle = _sockets.Count;
        error = 0;
        _sockets.Add(new Socket { Local = local });
        return true;
    }

    public void Release(int handle)
    {
        Assert.Null(_sockets[handle].Worker);
        Shut(handle);
    }

    /// <summary>A datagram from outside; false where nothing listens.</summary>
    public bool Deliver(in TransportAddress from, in TransportAddress to, byte[] bytes)
    {
        if (!_bound.TryGetValue(to, out int handle)) return false;
        _sockets[handle].Queue.Enqueue((from, bytes));
        _sockets[handle].Worker?.Ready.Enqueue(handle);
        return true;
    }

    private void Shut(int handle)
    {
        Assert.True(_bound.Remove(_sockets[handle].Local), "a socket was closed twice");
        _sockets[handle].Queue.Clear();
    }

    private sealed class Socket
    {
        public TransportAddress Local;
        public int Key;
        public WorkerPorts? Worker;
        public Queue<(TransportAddress From, byte[] Bytes)> Queue = new();
    }

    /// <summary>The sockets of one media worker.</summary>
    internal sealed class WorkerPorts(FakeNetwork network) : IPacketPorts
    {
        public Queue<int> Ready { get; } = new();

        public void Adopt(int handle, int key)
        {
            Socket socket = network._sockets[handle];
            Assert.Null(socket.Worker);
            socket.Worker = this;
            socket.Key = key;
            for (int i = 0; i < socket.Queue.Count; i++) Ready.Enqueue(handle);
        }

        public void Rekey(int handle, int key)
        {
            Assert.Same(this, network._sockets[handle].Worker);
            network._sockets[handle].Key = key;
        }

        public void Close(int handle)
        {
            Assert.Same(this, network._sockets[handle].Worker);
            network.Shut(handle);
        }

        public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
        {
            int count = 0;
            while (count < slots.Length && Ready.TryDequeue(out int handle))
            {
                Socket socket = network._sockets[handle];
                if (!socket.Queue.TryDequeue(out (TransportAddress From, byte[] Bytes) datagram)) continue;
                int slot = slots[count++];
                ref PacketHeader header = ref pool.Header(slot);
                int length = Math.Min(datagram.Bytes.Length, pool.SlotBytes);
                header = new PacketHeader
                {
                    Length = length,
                    Port = socket.Key,
                    Remote = datagram.From,
                    Truncated = length < datagram.Bytes.Length,
                };
                datagram.Bytes.AsSpan(0, length).CopyTo(pool.Bytes(slot));
            }
            return count;
        }

        public int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots)
        {
            Socket socket = network._sockets[handle];
            int count = Math.Max(0, slots.Length - network.SkipsOfSend);
            if (!network.KeepsSent) return count;
            foreach (int slot in slots[..count])
            {
                byte[] bytes = pool.Datagram(slot).ToArray();
                TransportAddress to = pool.Header(slot).Remote;
                network.Sent.Add(new Sent(socket.Local, to, bytes));
                network.Deliver(socket.Local, to, bytes);
            }
            return count;
        }
    }
}
