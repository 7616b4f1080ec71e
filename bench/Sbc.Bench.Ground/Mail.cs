using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>Datagrams in fixed memory, in order: nothing is allocated after the constructor.</summary>
public sealed class Mail(int capacity, int datagramBytes)
{
    private readonly byte[] _memory = GC.AllocateArray<byte>(capacity * datagramBytes, pinned: true);
    private readonly int[] _lengths = new int[capacity];
    private readonly int[] _keys = new int[capacity];
    private readonly TransportAddress[] _addresses = new TransportAddress[capacity];

    public int Count { get; private set; }

    /// <summary>Forgets when it is full, and does not fail: where nobody looks at what was sent.</summary>
    public bool Discards { get; set; }

    /// <summary>The array that all datagrams are in; the i-th starts at <see cref="Offset"/>.</summary>
    public byte[] Memory => _memory;

    public int Offset(int index) => index * datagramBytes;

    public int Length(int index) => _lengths[index];

    public ReadOnlySpan<byte> this[int index] => _memory.AsSpan(Offset(index), _lengths[index]);

    public TransportAddress Address(int index) => _addresses[index];

    public int Key(int index) => _keys[index];

    /// <summary>Room for one more; kept by <see cref="Commit"/>.</summary>
    public Span<byte> Open()
    {
        if (Discards && Count == capacity) Count = 0;
        Check.That(Count < capacity);
        return _memory.AsSpan(Offset(Count), datagramBytes);
    }

    /// <param name="address">Received: where it came from. Sent: where it went.</param>
    /// <param name="key">For media: the socket.</param>
    public void Commit(int length, in TransportAddress address, int key = 0)
    {
        Check.That(length > 0 && length <= datagramBytes);
        _lengths[Count] = length;
        _addresses[Count] = address;
        _keys[Count++] = key;
    }

    public void Add(ReadOnlySpan<byte> datagram, in TransportAddress address, int key = 0)
    {
        datagram.CopyTo(Open());
        Commit(datagram.Length, address, key);
    }

    /// <summary>Keeps a copy in a certain place, for what is needed later in a call.</summary>
    public void Set(int index, ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_memory.AsSpan(Offset(index), datagramBytes));
        _lengths[index] = datagram.Length;
    }

    public void Clear() => Count = 0;
}
