using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A bound UDP socket: with a sink (an agent) or with a receive buffer (a worker's port).</summary>
public sealed class VirtualSocket
{
    // What the kernel charges a buffer for beside the payload (skb and its data's rounding).
    private const int OverheadBytes = 256;

    private readonly VirtualNetwork _network;
    private readonly IDatagramSink? _sink;
    private readonly Queue<Datagram> _received = new();
    private readonly Queue<(TransportAddress To, byte[] Quoted)> _errors = new();
    private readonly int _bufferBytes;
    private int _bufferedBytes;

    internal VirtualSocket(VirtualNetwork network, TransportAddress local, IDatagramSink? sink, int bufferBytes)
    {
        _network = network;
        _sink = sink;
        _bufferBytes = bufferBytes;
        Local = local;
    }

    public TransportAddress Local { get; }

    public bool Closed { get; private set; }

    /// <summary>Datagrams that found the receive buffer full (SO_RXQ_OVFL).</summary>
    public long KernelDrops { get; private set; }

    /// <summary>Told of every datagram that is put into the buffer.</summary>
    internal Action? Buffered { get; set; }

    internal int BufferedCount => _received.Count;

    internal bool HasErrors => _errors.Count > 0;

    public void Send(in TransportAddress to, byte[] bytes) => _network.Send(this, to, bytes);

    public void Close()
    {
        Check.That(!Closed);
        Closed = true;
        _network.Unbind(this);
    }

    internal void Arrive(Datagram datagram)
    {
        if (_sink != null)
        {
            _sink.Received(datagram);
            return;
        }
        int charge = datagram.Bytes.Length + OverheadBytes;
        if (_bufferedBytes + charge > _bufferBytes)
        {
            KernelDrops++;
            return;
        }
        _bufferedBytes += charge;
        _received.Enqueue(datagram);
        Buffered?.Invoke();
    }

    internal void ArriveError(TransportAddress to, byte[] quoted)
    {
        if (_sink != null) _sink.Unreachable(to, quoted);
        else if (_errors.Count < 64) _errors.Enqueue((to, quoted));
    }

    internal bool TryTake(out Datagram? datagram)
    {
        if (!_received.TryDequeue(out datagram)) return false;
        _bufferedBytes -= datagram.Bytes.Length + OverheadBytes;
        return true;
    }

    internal bool TryTakeError(out TransportAddress to, out byte[] quoted)
    {
        bool taken = _errors.TryDequeue(out (TransportAddress To, byte[] Quoted) error);
        to = error.To;
        quoted = error.Quoted ?? [];
        return taken;
    }
}
