using Sbc.Runtime;

namespace Sbc.Program.Explaining;

/// <summary>A port that has one datagram to receive and keeps what is sent.</summary>
internal sealed class ExplainedPort(TransportAddress local) : IPacketPort
{
    private byte[]? _datagram;
    private TransportAddress _source;

    public TransportAddress Local => local;

    public List<(TransportAddress To, byte[] Message)> Sent { get; } = [];

    public void Deliver(byte[] datagram, TransportAddress source)
    {
        _datagram = datagram;
        _source = source;
    }

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        if (_datagram is not { } datagram || slots.Length == 0) return 0;
        ref PacketHeader header = ref pool.Header(slots[0]);
        header.Length = Math.Min(datagram.Length, pool.SlotBytes);
        header.Truncated = datagram.Length > pool.SlotBytes;
        header.Remote = _source;
        header.Error = 0;
        datagram.AsSpan(0, header.Length).CopyTo(pool.Bytes(slots[0]));
        _datagram = null;
        return 1;
    }

    public int Send(PacketPool pool, ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots) Sent.Add((pool.Header(slot).Remote, pool.Datagram(slot).ToArray()));
        return slots.Length;
    }

    public int ReceiveErrors(PacketPool pool, ReadOnlySpan<int> slots) => 0;
}
