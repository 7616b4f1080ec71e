using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>A media worker's streams: opened, directed and closed by the commands of the signalling workers.</summary>
/// <remarks>
/// A command names its stream as its sender does; one that comes after the stream's end finds nothing. A packet names
/// its port by the key its socket was adopted with, which holds bits of the stream's generation: a datagram received
/// in the same turn in which its stream ended and another took the slot hits nothing either.
/// </remarks>
internal sealed class RelayTable
{
    private const int PortBits = 2;
    private const int GenerationMask = 0x7FF;

    private readonly IPacketPorts _ports;
    private readonly MediaLink[] _links;
    private readonly EventOutbox _outbox;
    private readonly LoopGuard _loops;
    private readonly MediaQuality _quality;
    private readonly Pool<RelayStream> _streams;
    private readonly SharedSide _sharing;

    // For each link: the sender's index to ours + 1.
    private readonly int[][] _byClient;
    private int _firstWaiting;
    private int _lastWaiting;

    public RelayTable(
        IPacketPorts ports, MediaLink[] links, EventOutbox outbox, LoopGuard loops, MediaQuality quality)
    {
        int limit = 0;
        foreach (MediaLink link in links) limit += link.StreamsMax;
        Check.That(limit is > 0 and <= MediaLimits.StreamsPerWorkerMax);
        _ports = ports;
        _links = links;
        _outbox = outbox;
        _loops = loops;
        _quality = quality;
        _streams = new Pool<RelayStream>(limit);
        _sharing = new SharedSide(_streams);
        _byClient = new int[links.Length][];
        for (int i = 0; i < links.Length; i++) _byClient[i] = new int[64];
    }

    /// <summary>Streams open, and those whose last event waits.</summary>
    public int Count => _streams.Count;

    public int Created => _streams.Created;

    public bool IsEventWaiting => _firstWaiting != 0;

    public ref RelayStream this[int index] => ref _streams[index];

    public bool IsOpen(int index) => _streams.IsLive(index) && !_streams[index].IsClosed;

    /// <summary>The stream and the port of a key that was given to <see cref="IPacketPorts.Adopt"/>.</summary>
    public bool TryFind(int key, out int index, out int port)
    {
        port = key & ((1 << PortBits) - 1);
        index = (key >> PortBits) & (MediaLimits.StreamsPerWorkerMax - 1);
        return IsOpen(index) && Key(_streams.HandleOf(index), port) == key;
    }

    /// <summary>Whose packet it is that came to a port of <paramref name="index"/>; -1 where none can tell.</summary>
    public int StreamOf(int index, int port, in TransportAddress source, ReadOnlySpan<byte> datagram) =>
        port >= 2 && _streams[index].NextSharing != 0 ? _sharing.Choose(index, port, source, datagram) : index;

    public void Apply(int link, in RelayCommand command, Instant now)
    {
        if (command.Verb is RelayVerb.Open or RelayVerb.OpenFork)
        {
            Open(link, command, now);
            return;
        }
        int index = Find(link, command.Stream);
        if (index < 0) return;
        ref RelayStream stream = ref _streams[index];
        switch (command.Verb)
        {
            case RelayVerb.SetTarget:
                SetTarget(ref stream, command);
                break;
            case RelayVerb.Allow:
                Allow(ref stream, command.Side);
                break;
            case RelayVerb.Arm:
                if (!stream.IsArmed) stream.ArmedAt = now;
                stream.IsArmed = true;
                break;
            case RelayVerb.Disarm:
                stream.IsArmed = false;
                stream.IsSilentReported = false;
                break;
            case RelayVerb.Report:
                _outbox.Push(link, Summary(stream, RelayEventKind.Report));
                break;
            default:
                Close(index);
                break;
        }
    }

    /// <summary>Tells of streams that ended while their ring was full; the oldest first.</summary>
    public void FlushWaiting()
    {
        while (_firstWaiting != 0)
        {
            int index = _firstWaiting - 1;
            ref RelayStream stream = ref _streams[index];
            int next = stream.NextWaiting;
            if (!_outbox.TryPush(stream.Link, Summary(stream, RelayEventKind.Closed))) return;
            _firstWaiting = next;
            if (next == 0) _lastWaiting = 0;
            _streams.Return(_streams.HandleOf(index));
        }
    }

    private void Open(int link, in RelayCommand command, Instant now)
    {
        // The client counts its streams at this link and stays within its share.
        bool isRented = _streams.TryRent(out Handle handle);
        Check.That(isRented);
        ref RelayStream stream = ref _streams[handle.Index];
        stream.Link = link;
        stream.Client = command.Stream;
        stream.Owner = command.Owner;
        stream.Kind = command.Kind;
        stream.ClockHz = command.ClockHz;
        stream.SilenceSeconds = command.SilenceSeconds;
        stream.IsArmed = command.IsArmed;
        stream.ArmedAt = now;
        if (command.Verb == RelayVerb.OpenFork)
        {
            // Its sender closes nothing that it names as a sibling before this command.
            int sibling = Find(link, command.Sibling);
            Check.That(sibling >= 0);
            _sharing.Join(handle.Index, sibling);
        }
        stream.MeasuredAt = now;
        _loops.Learn(command.LocalA);
        OpenPort(handle, 0, command.SocketARtp, command);
        OpenPort(handle, 1, command.SocketARtcp, command);
        if (command.Verb == RelayVerb.Open)
        {
            stream.HoldsKeys = true;
            _loops.Learn(command.LocalB);
            OpenPort(handle, 2, command.SocketBRtp, command);
            OpenPort(handle, 3, command.SocketBRtcp, command);
        }

        ref int[] map = ref _byClient[link];
        while (map.Length <= command.Stream.Index) Array.Resize(ref map, map.Length * 2);
        Check.That(map[command.Stream.Index] == 0, "a stream was opened twice");
        map[command.Stream.Index] = handle.Index + 1;
    }

    private void OpenPort(Handle stream, int index, int socket, in RelayCommand command)
    {
        ref RelayPort port = ref _streams[stream.Index].Ports[index];
        bool isA = index < 2;
        port.Socket = socket;
        port.Realm = isA ? command.RealmA : command.RealmB;
        port.ReducesRtcp = isA ? command.ReducesRtcpA : command.ReducesRtcpB;
        port.Budget = RateBudget.Default;
        port.Latch.Mode = isA ? command.LatchA : command.LatchB;
        port.Latch.BitsIPv4 = isA ? command.LatchBitsIPv4A : command.LatchBitsIPv4B;
        port.Latch.BitsIPv6 = isA ? command.LatchBitsIPv6A : command.LatchBitsIPv6B;
        _ports.Adopt(socket, Key(stream, index));
    }

    private static void SetTarget(ref RelayStream stream, in RelayCommand command)
    {
        if (command.Side == MediaSide.A) stream.MuxA = command.Mux;
        else stream.MuxB = command.Mux;
        if (command.ClockHz > 0) stream.ClockHz = command.ClockHz;
        if (command.HasKind && stream.Kind != StreamKind.Datagram) stream.Kind = command.Kind;
        int first = RelayPorts.Index(command.Side, MediaComponent.Rtp);
        Direct(ref stream.Ports[first], command.Rtp, command);
        Direct(ref stream.Ports[first + 1], command.Rtcp, command);
        // What may be sent to this side is what may come in at the other.
        stream.Ports[first ^ 2].Budget.Set(command.PacketsPerSecondMax, command.BitsPerSecondMax);
    }

    private static void Direct(ref RelayPort port, in TransportAddress target, in RelayCommand command)
    {
        bool isChanged = port.Latch.Target != target;
        port.HasTarget = true;
        port.MaySend = command.MaySend && !target.IsNone && !target.IsUnspecified && target.Port != 0;
        port.IsMuted = command.IsMuted;
        port.IsHeld = command.IsHeld;
        port.Latch.Signalling = command.Signalling;
        // A hold by c=0.0.0.0 names no new place: the old one is kept, and the same again after the hold is no change.
        if (!isChanged || command.IsMuted) return;
        port.Latch.Target = target;
        port.IsRefusalReported = false;
        Latch.Step(ref port.Latch, LatchEvent.TargetChanged, default);
    }

    private static void Allow(ref RelayStream stream, MediaSide side)
    {
        for (int i = 0; i < 2; i++)
        {
            ref RelayPort port = ref stream.Ports[RelayPorts.Index(side, (MediaComponent)i)];
            port.IsRefusalReported = false;
            Latch.Step(ref port.Latch, LatchEvent.Allowed, default);
        }
    }

    private void Close(int index)
    {
        ref RelayStream stream = ref _streams[index];
        bool isShared = stream.NextSharing != 0;
        for (int i = 0; i < (isShared ? 2 : RelayPorts.Count); i++) _ports.Close(stream.Ports[i].Socket);
        if (isShared) Unshare(index);
        stream.IsClosed = true;
        _quality.Observe(stream);
        _byClient[stream.Link][stream.Client.Index] = 0;
        if (_lastWaiting == 0) _firstWaiting = index + 1;
        else _streams[_lastWaiting - 1].NextWaiting = index + 1;
        _lastWaiting = index + 1;
        FlushWaiting();
    }

    /// <summary>The shared sockets stay with the streams that are left, under a key of one of them.</summary>
    private void Unshare(int index)
    {
        int heir = _sharing.Leave(index);
        ref RelayStream stream = ref _streams[index];
        if (!stream.HoldsKeys) return;
        _streams[heir].HoldsKeys = true;
        for (int port = 2; port < RelayPorts.Count; port++)
            _ports.Rekey(stream.Ports[port].Socket, Key(_streams.HandleOf(heir), port));
    }

    private int Find(int link, Handle client)
    {
        int[] map = _byClient[link];
        if ((uint)client.Index >= (uint)map.Length) return -1;
        int index = map[client.Index] - 1;
        return index >= 0 && _streams[index].Client == client ? index : -1;
    }

    public static RelayEvent Summary(in RelayStream stream, RelayEventKind kind) => new()
    {
        Kind = kind,
        Stream = stream.Client,
        Owner = stream.Owner,
        A = stream.Statistics(MediaSide.A),
        B = stream.Statistics(MediaSide.B),
    };

    // A live generation is odd: its lowest bit tells nothing.
    private static int Key(Handle stream, int port) =>
        ((int)(stream.Generation >> 1 & GenerationMask) << (MediaLimits.StreamIndexBits + PortBits))
        | (stream.Index << PortBits) | port;
}
