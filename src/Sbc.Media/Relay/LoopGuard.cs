using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// Ends packets that go round: calls whose ports name each other would pass one for ever, for nothing in RTP counts
/// hops.
/// </summary>
/// <remarks>
/// A call that passes the box twice is none: its packets come from a port of the box, but each only once. So what comes
/// from an address of the box is looked at, and only that: the same bytes at the same port several times within half a
/// second have gone round. Over a translated address of the box the source is another; there the limit on rate is what
/// ends it.
/// </remarks>
internal sealed class LoopGuard
{
    private const int Entries = 4096;
    private const int RoundsMax = 4;
    private const long WindowMicroseconds = 500_000;

    // A packet is told by its beginning: sequence, time and source of RTP, time of a report, sequence of UDPTL.
    private const int BytesRead = 64;

    private readonly Entry[] _entries = new Entry[Entries];
    private ulong _own;

    /// <summary>An address of the box's own, to which this worker's sockets are bound.</summary>
    public void Learn(in TransportAddress address) => _own |= BitOf(address);

    /// <summary>Whether the source may be the box itself; mostly exact, never wrong about its own.</summary>
    public bool IsSuspect(in TransportAddress source) => (_own & BitOf(source)) != 0;

    public bool IsLoop(int port, ReadOnlySpan<byte> datagram, Instant now)
    {
        ulong hash = Hash(port, datagram);
        ref Entry entry = ref _entries[(int)(hash >> 32) & (Entries - 1)];
        bool isSame = entry.Hash == hash && now - entry.SeenAt < WindowMicroseconds;
        if (!isSame) entry = new Entry { Hash = hash };
        entry.SeenAt = now;
        return ++entry.Rounds > RoundsMax;
    }

    private static ulong Hash(int port, ReadOnlySpan<byte> datagram)
    {
        // FNV-1a: who may aim at one entry is the sender of an accepted stream, and only harms that.
        ulong hash = 14_695_981_039_346_656_037 ^ (uint)port ^ ((ulong)datagram.Length << 32);
        foreach (byte each in datagram[..Math.Min(datagram.Length, BytesRead)])
            hash = (hash ^ each) * 1_099_511_628_211;
        return hash ^ (hash >> 29);
    }

    private static ulong BitOf(in TransportAddress address)
    {
        ulong mixed = (address.Low ^ (address.High * 31)) * 0x9E37_79B9_7F4A_7C15;
        return 1UL << (int)(mixed >> 58);
    }

    private struct Entry
    {
        public ulong Hash;
        public Instant SeenAt;
        public int Rounds;
    }
}
