using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>One media worker's counters by realm. Written by its thread only, read by any.</summary>
/// <remarks>
/// Received = forwarded + dropped, for the realm a packet came in at; sent counts for the realm it left at. Packets
/// of sockets whose stream has ended since count under <see cref="RealmNone"/>, as nothing tells where they came in.
/// </remarks>
public sealed class MediaCounters
{
    private const int PacketsIn = 0;
    private const int BytesIn = 1;
    private const int Forwarded = 2;
    private const int PacketsOut = 3;
    private const int BytesOut = 4;
    private const int Latched = 5;
    private const int SsrcChanged = 6;
    private const int FirstReason = 8;

    // Rows start 128 bytes apart at least, and one unused row keeps the array's head from its neighbours.
    private readonly int _stride = (FirstReason + DropReasons.Count + 31) & ~15;
    private readonly long[] _cells;
    private long _streams;
    private long _eventsLost;

    public MediaCounters(int realms)
    {
        RealmNone = realms;
        _cells = new long[_stride * (realms + 2)];
        Quality = new MediaQuality(realms);
    }

    /// <summary>How good the streams were that have ended.</summary>
    public MediaQuality Quality { get; }

    /// <summary>The row of packets whose stream has ended.</summary>
    public int RealmNone { get; }

    /// <summary>Rows, <see cref="RealmNone"/> included.</summary>
    public int Rows => RealmNone + 1;

    /// <summary>Streams open, and those whose Closed waits for room.</summary>
    public long Streams => Volatile.Read(ref _streams);

    /// <summary>Events other than Closed that found their ring full.</summary>
    public long EventsLost => Volatile.Read(ref _eventsLost);

    public long ReceivedPackets(int realm) => Read(realm, PacketsIn);

    public long ReceivedBytes(int realm) => Read(realm, BytesIn);

    public long ForwardedPackets(int realm) => Read(realm, Forwarded);

    public long SentPackets(int realm) => Read(realm, PacketsOut);

    public long SentBytes(int realm) => Read(realm, BytesOut);

    public long Dropped(int realm, DropReason reason) => Read(realm, FirstReason + (int)reason);

    /// <summary>Sources learned, the first of each port included.</summary>
    public long SourcesLatched(int realm) => Read(realm, Latched);

    /// <summary>A locked source that changed its synchronization source: transfers and hold music do.</summary>
    public long SsrcChanges(int realm) => Read(realm, SsrcChanged);

    internal void Receive(int realm, int bytes)
    {
        Cell(realm, PacketsIn)++;
        Cell(realm, BytesIn) += bytes;
    }

    internal void Drop(int realm, DropReason reason, int packets = 1) =>
        Cell(realm, FirstReason + (int)reason) += packets;

    internal void Send(int from, int to, int packets, long bytes)
    {
        Cell(from, Forwarded) += packets;
        Cell(to, PacketsOut) += packets;
        Cell(to, BytesOut) += bytes;
    }

    internal void Latch(int realm) => Cell(realm, Latched)++;

    internal void ChangeSsrc(int realm) => Cell(realm, SsrcChanged)++;

    internal void SetStreams(int streams) => Volatile.Write(ref _streams, streams);

    internal void LoseEvent() => Volatile.Write(ref _eventsLost, _eventsLost + 1);

    private ref long Cell(int realm, int column) => ref _cells[((realm + 1) * _stride) + column];

    private long Read(int realm, int column) => Volatile.Read(ref _cells[((realm + 1) * _stride) + column]);
}
