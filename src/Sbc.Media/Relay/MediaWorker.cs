using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>Relays the media of many calls on one thread: receive, obey, forward, send, watch for silence.</summary>
public sealed class MediaWorker : ITurn
{
    private readonly IPacketPorts _ports;
    private readonly PacketPool _pool;
    private readonly MediaLink[] _links;
    private readonly EventOutbox _outbox;
    private readonly RelayTable _table;
    private readonly int[] _slots;
    private readonly int[] _toSend;
    private readonly int[] _nextSlot;
    private readonly LoopGuard _loops = new();
    private readonly CanonicalNames _names;
    private readonly byte[] _rtcp = new byte[MediaLimits.DatagramBytesMax];

    // Ports with packets to send in this turn, as stream index * 4 + port.
    private readonly int[] _sending;
    private int _sendingCount;
    private Instant _sweepAt;
    private Instant _retryAt = Instant.Never;
    private int _sweepPart;
    private int _receivedSinceSweep;
    private int _packetsPerSecond;

    /// <param name="pool">This worker's alone. A batch of slots is taken from it once.</param>
    /// <param name="links">One to each signalling worker, in their order.</param>
    /// <param name="doorbell">The one the links name as <see cref="MediaLink.Media"/>.</param>
    /// <param name="realms">How many realms there are: the highest index plus one.</param>
    /// <param name="hash">Secret, and the same for all media workers of a box.</param>
    public MediaWorker(
        IPacketPorts ports, PacketPool pool, MediaLink[] links, Doorbell doorbell, int realms, SipHash hash,
        int batch = MediaLimits.BatchPackets)
    {
        _names = new CanonicalNames(hash);
        _ports = ports;
        _pool = pool;
        _links = links;
        Doorbell = doorbell;
        Counters = new MediaCounters(realms);
        _outbox = new EventOutbox(links, Counters);
        _table = new RelayTable(ports, links, _outbox, _loops, Counters.Quality);
        _slots = new int[batch];
        _toSend = new int[batch];
        _sending = new int[batch];
        _nextSlot = new int[pool.Slots];
        for (int i = 0; i < batch; i++)
        {
            bool isRented = pool.TryRent(out _slots[i]);
            Check.That(isRented);
        }
    }

    public MediaCounters Counters { get; }

    public Doorbell Doorbell { get; }

    public Instant NextDeadline
    {
        get
        {
            Instant sweep = _table.Count > 0 ? _sweepAt : Instant.Never;
            return _retryAt < sweep ? _retryAt : sweep;
        }
    }

    public bool HasWork
    {
        get
        {
            foreach (MediaLink link in _links)
            {
                if (!link.Commands.IsEmpty) return true;
            }
            return false;
        }
    }

    /// <summary>Bit 0 of <paramref name="ready"/> stands for all sockets of the worker.</summary>
    public ulong Turn(Instant now, ulong ready)
    {
        int received = (ready & 1) != 0 ? _ports.Receive(_pool, _slots) : 0;
        _receivedSinceSweep += received;
        // After the receive and before what it received: a packet never overtakes the command that explains it.
        Obey(now);
        for (int i = 0; i < received; i++) Forward(_slots[i], now);
        Send();
        if (now >= _sweepAt) Sweep(now);
        _table.FlushWaiting();
        Counters.SetStreams(_table.Count);
        // Without streams nothing is swept.
        if (_table.Count == 0) TellLoad(0);
        _retryAt = _table.IsEventWaiting ? now.AddMilliseconds(MediaLimits.EventRetryMilliseconds) : Instant.Never;
        _outbox.Ring();
        return received == _slots.Length ? 1ul : 0;
    }

    private void Obey(Instant now)
    {
        int before = _table.Count;
        for (int link = 0; link < _links.Length; link++)
        {
            SpscRing<RelayCommand> commands = _links[link].Commands;
            while (commands.TryPop(out RelayCommand command)) _table.Apply(link, command, now);
        }
        if (before == 0 && _table.Count > 0) _sweepAt = now.AddMilliseconds(MediaLimits.SweepMilliseconds);
    }

    private void Forward(int slot, Instant now)
    {
        ref PacketHeader header = ref _pool.Header(slot);
        if (!_table.TryFind(header.Port, out int index, out int port))
        {
            Counters.Receive(Counters.RealmNone, header.Length);
            Counters.Drop(Counters.RealmNone, DropReason.NoSession);
            return;
        }
        int realm = _table[index].Ports[port].Realm;
        Counters.Receive(realm, header.Length);
        index = _table.StreamOf(index, port, header.Remote, _pool.Datagram(slot));
        if (index < 0)
        {
            Counters.Drop(realm, DropReason.NotLatched);
            return;
        }
        ref RelayStream stream = ref _table[index];
        var arrival = new Arrival
        {
            Datagram = _pool.Datagram(slot), Source = header.Remote, IsTruncated = header.Truncated, Now = now,
        };
        DropReason reason = Forwarding.Step(ref stream, port, arrival, out Departure departure);
        if (reason == DropReason.None) reason = Look(stream, index, port, slot, departure, now);
        if (departure.IsNewSsrc) Counters.ChangeSsrc(realm);
        if (departure.IsLatched) TellLatched(stream, port);
        if (reason != DropReason.None)
        {
            if (reason == DropReason.SourceRefused) TellRefused(ref stream, port, header.Remote);
            Counters.Drop(realm, reason);
            return;
        }
        header.Remote = departure.Destination;
        Enqueue(ref stream.Ports[departure.Port], (index * RelayPorts.Count) + departure.Port, slot);
    }

    /// <summary>What few packets need: those of the box itself, and RTCP that goes to strangers.</summary>
    private DropReason Look(
        in RelayStream stream, int index, int port, int slot, in Departure departure, Instant now)
    {
        ref PacketHeader header = ref _pool.Header(slot);
        if (_loops.IsSuspect(header.Remote)
            && _loops.IsLoop((index * RelayPorts.Count) + port, _pool.Datagram(slot), now)) return DropReason.Loop;
        bool isReduced = departure.IsRtcp && stream.Kind == StreamKind.Rtp && stream.Ports[departure.Port].ReducesRtcp;
        if (!isReduced) return DropReason.None;
        if (!RtcpReduction.TryWrite(_pool.Datagram(slot), _names, stream.Owner, _rtcp, out int written))
            return DropReason.RtpTooLong;
        _rtcp.AsSpan(0, written).CopyTo(_pool.Bytes(slot));
        header.Length = written;
        return DropReason.None;
    }

    private void Enqueue(ref RelayPort port, int name, int slot)
    {
        _nextSlot[slot] = 0;
        if (port.FirstToSend == 0)
        {
            port.FirstToSend = slot + 1;
            _sending[_sendingCount++] = name;
        }
        else
        {
            _nextSlot[port.LastToSend - 1] = slot + 1;
        }
        port.LastToSend = slot + 1;
    }

    /// <summary>One call for each port that has something, in the order of arrival.</summary>
    private void Send()
    {
        for (int i = 0; i < _sendingCount; i++)
        {
            ref RelayStream stream = ref _table[_sending[i] / RelayPorts.Count];
            int index = _sending[i] % RelayPorts.Count;
            ref RelayPort port = ref stream.Ports[index];
            int count = 0;
            long bytes = 0;
            for (int next = port.FirstToSend; next != 0; next = _nextSlot[next - 1])
            {
                _toSend[count++] = next - 1;
                bytes += _pool.Header(next - 1).Length;
            }
            port.FirstToSend = 0;
            port.LastToSend = 0;
            int sent = _ports.Send(port.Socket, _pool, _toSend.AsSpan(0, count));
            // Which of them were skipped is not told: the bytes of a partial send are in proportion.
            if (sent < count) bytes = bytes * sent / count;
            // All packets of a port came in at the other side, so in one realm.
            int from = stream.Ports[index ^ 2].Realm;
            Counters.Send(from, port.Realm, sent, bytes);
            if (sent < count) Counters.Drop(from, DropReason.SendFailed, count - sent);
        }
        _sendingCount = 0;
    }

    private void Sweep(Instant now)
    {
        _sweepAt = now.AddMilliseconds(MediaLimits.SweepMilliseconds);
        for (int index = _sweepPart; index < _table.Created; index += MediaLimits.SweepParts)
        {
            if (!_table.IsOpen(index)) continue;
            ref RelayStream stream = ref _table[index];
            Measure(ref stream, now);
            bool isSilent = stream.IsSilent(now);
            if (isSilent == stream.IsSilentReported) continue;
            RelayEventKind kind = isSilent ? RelayEventKind.Silent : RelayEventKind.Heard;
            var happened = new RelayEvent { Kind = kind, Stream = stream.Client, Owner = stream.Owner };
            // Where the ring is full the next sweep tells it.
            if (_outbox.TryPush(stream.Link, happened)) stream.IsSilentReported = isSilent;
        }
        _sweepPart = (_sweepPart + 1) % MediaLimits.SweepParts;
        TellLoad(_receivedSinceSweep * (1000 / MediaLimits.SweepMilliseconds));
        _receivedSinceSweep = 0;
    }

    private void TellLoad(int packetsPerSecond)
    {
        if (packetsPerSecond == _packetsPerSecond) return;
        _packetsPerSecond = packetsPerSecond;
        foreach (MediaLink link in _links) link.PacketsPerSecond = packetsPerSecond;
    }

    private void Measure(ref RelayStream stream, Instant now)
    {
        if (now - stream.MeasuredAt < MediaLimits.MeasureSeconds * 1_000_000L || stream.LastPacket < stream.MeasuredAt)
            return;
        if (_outbox.TryPush(stream.Link, RelayTable.Summary(stream, RelayEventKind.Measured))) stream.MeasuredAt = now;
    }

    private void TellLatched(in RelayStream stream, int port)
    {
        Counters.Latch(stream.Ports[port].Realm);
        _outbox.Push(stream.Link, About(stream, port, RelayEventKind.Latched, stream.Ports[port].Latch.Source));
    }

    private void TellRefused(ref RelayStream stream, int port, in TransportAddress source)
    {
        // Once: a flood of strangers must not fill the ring.
        if (stream.Ports[port].IsRefusalReported) return;
        stream.Ports[port].IsRefusalReported = true;
        _outbox.Push(stream.Link, About(stream, port, RelayEventKind.SourceRefused, source));
    }

    private static RelayEvent About(
        in RelayStream stream, int port, RelayEventKind kind, in TransportAddress address) => new()
    {
        Kind = kind,
        Side = (MediaSide)(port >> 1),
        Component = (MediaComponent)(port & 1),
        Stream = stream.Client,
        Owner = stream.Owner,
        Address = address,
    };
}
