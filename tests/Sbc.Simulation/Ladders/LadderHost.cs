using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A party of a ladder: keeps what it received until a step takes it.</summary>
internal sealed class LadderHost : IDatagramSink
{
    private readonly List<Datagram> _received = [];
    private readonly VirtualSocket _socket;

    public LadderHost(Simulator simulator, in TransportAddress local)
    {
        _socket = simulator.Network.Bind(local, this);
    }

    public TransportAddress Local => _socket.Local;

    public void Send(in TransportAddress to, byte[] bytes) => _socket.Send(to, bytes);

    public bool Has(TransportAddress from) => Peek(from) != null;

    public Datagram? Peek(TransportAddress from) => _received.Find(datagram => datagram.From == from);

    /// <param name="from">Null: from anywhere.</param>
    /// <param name="datagram">The oldest.</param>
    public bool TryTake(TransportAddress? from, out Datagram? datagram)
    {
        datagram = from is { } source ? Peek(source) : _received.FirstOrDefault();
        return datagram != null && _received.Remove(datagram);
    }

    void IDatagramSink.Received(Datagram datagram) => _received.Add(datagram);

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
    {
    }
}
