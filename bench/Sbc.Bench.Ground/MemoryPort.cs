using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>A worker's port without a kernel: peers put datagrams in and look at what came out.</summary>
public sealed class MemoryPort(TransportAddress local) : IPacketPort
{
    private const int DatagramBytes = 4096;
    private const int Capacity = 256;

    private int _taken;

    public TransportAddress Local => local;

    public Mail Inbound { get; } = new(Capacity, DatagramBytes);

    public Mail Sent { get; } = new(Capacity, DatagramBytes);

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots)
    {
        int count = Math.Min(slots.Length, Inbound.Count - _taken);
        for (int i = 0; i < count; i++)
        {
            ref PacketHeader header = ref pool.Header(slots[i]);
            header.Length = Inbound.Length(_taken);
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

    public int Send(PacketPool pool, ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots) Sent.Add(pool.Datagram(slot), pool.Header(slot).Remote);
        return slots.Length;
    }

    public int ReceiveErrors(PacketPool pool, ReadOnlySpan<int> slots) => 0;
}
