using System.Runtime.CompilerServices;
using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>Which realm a side of a session is in, and which of its addresses is used there.</summary>
public readonly record struct MediaEnd(MediaRealm Realm, bool IsIPv6 = false)
{
    internal TransportAddress Address => IsIPv6 ? Realm.IPv6 : Realm.IPv4;
}

/// <summary>What a stream carries.</summary>
/// <param name="ClockHz">Of the first payload type; jitter is measured in its units.</param>
public readonly record struct StreamSetup(StreamKind Kind = StreamKind.Rtp, int ClockHz = 8000);

/// <summary>
/// The ports a stream was given: A's are written into what side A is sent, B's into what side B is sent.
/// </summary>
public readonly record struct StreamPorts(PortPair A, PortPair B);

/// <summary>Where one side receives, as its SDP says, and what may be made of it.</summary>
public readonly record struct StreamTarget
{
    /// <summary>None where c= holds a name: then its latch is waited for.</summary>
    public TransportAddress Rtp { get; init; }

    public TransportAddress Rtcp { get; init; }

    /// <summary>The address signalling of this side comes from: its media may, too, in mode signalling.</summary>
    public TransportAddress Signalling { get; init; }

    /// <summary>
    /// Whether both addresses may be sent to before anything came from them: false for the core's, private and our
    /// own addresses in a stranger's SDP. Leave Rtcp None where only RTP's may. The stream's own ports are never
    /// sent to, whatever this says.
    /// </summary>
    public bool MaySend { get; init; }

    /// <summary>c=0.0.0.0, or a refused line: nothing is sent to this side, latched or not.</summary>
    public bool IsMuted { get; init; }

    /// <summary>sendonly or inactive: no RTP is sent to this side; RTCP is (RFC 3264 6.1).</summary>
    public bool IsHeld { get; init; }

    /// <summary>What is checked from now on, once both descriptions tell; null: as before. No RTP stays none.</summary>
    public StreamKind? Kind { get; init; }

    /// <summary>a=rtcp-mux stands in this side's description; in force where it stands in the other's, too.</summary>
    public bool IsMux { get; init; }

    /// <summary>
    /// RTP and RTCP share a port between this side and the box, whatever the other side does: this side offered it and
    /// our answer had it, or the other way round (RFC 5761 5.1.1). Takes the place of <see cref="IsMux"/>.
    /// </summary>
    public bool IsMuxAgreed { get; init; }

    /// <summary>
    /// Packets a second that may be sent to this side, as its description limits them, with room for bursts; on a port
    /// that RTP and RTCP share both count. 0: <see cref="MediaLimits.PacketsPerSecondMax"/>.
    /// </summary>
    public int PacketsPerSecondMax { get; init; }

    /// <summary>Bits a second that may be sent to this side, headers of IP and UDP included as b=AS counts them; 0: no
    /// limit.</summary>
    public int BitsPerSecondMax { get; init; }

    /// <summary>0: as before.</summary>
    public int ClockHz { get; init; }
}

/// <summary>Why no session or stream was opened. Nothing is held afterwards.</summary>
public enum MediaError : byte
{
    None,
    TooManySessions,
    TooManyStreams,

    /// <summary>The realm has no address of the family that was asked for.</summary>
    NoAddress,

    /// <summary>Every pair of a realm is in use.</summary>
    NoPorts,

    /// <summary>Ports could not be bound, several in a row.</summary>
    BindFailed,

    /// <summary>The media worker does not keep up.</summary>
    RingFull,

    /// <summary>As many early dialogs share the ports already as may.</summary>
    TooManyForks,

    /// <summary>The session has ended.</summary>
    NoSession,
}

/// <summary>What a call learns of its media.</summary>
public struct MediaEvent
{
    /// <summary>
    /// Silent: every stream of the session is. Closed: this stream's ports are back, with its final statistics.
    /// </summary>
    public RelayEventKind Kind;
    public MediaSide Side;
    public MediaComponent Component;

    /// <summary>Closed: it was the last stream of a session that was closed; the handle is stale now.</summary>
    public bool IsLast;

    /// <summary>The stream's place in its session.</summary>
    public int Stream;
    public Handle Session;
    public long Owner;
    public TransportAddress Address;
    public PortStatistics A;
    public PortStatistics B;
}

/// <summary>A call's media as its signalling worker keeps it.</summary>
internal struct MediaSession
{
    public long Owner;
    public int Link;
    public bool IsClosing;
    public bool IsArmed;

    /// <summary>Streams whose Closed has not come.</summary>
    public int StreamCount;
    public StreamIndices Streams;
}

/// <summary>Index + 1 of each stream of a session in the slab of streams; 0 is none.</summary>
[InlineArray(MediaLimits.StreamsPerSessionMax)]
internal struct StreamIndices
{
    private int _first;
}

/// <summary>One stream as its signalling worker keeps it.</summary>
internal struct MediaStream
{
    public Handle Session;
    public int Ordinal;
    public int SliceA;
    public int SliceB;
    public PortPair A;
    public PortPair B;
    public TransportAddress AddressA;
    public TransportAddress AddressB;
    public bool IsSilent;

    /// <summary>
    /// The next stream of another session that shares the pair of side B, in a ring; index + 1, 0 is none.
    /// </summary>
    public int NextSharing;

    /// <summary>As last told; see <see cref="RelayEventKind.Measured"/>.</summary>
    public PortStatistics MeasuredA;
    public PortStatistics MeasuredB;

    /// <summary>Close was asked for, and posted or waiting for room.</summary>
    public bool IsClosing;

    /// <summary>Whether one of its own ports is bound there.</summary>
    public readonly bool Holds(in TransportAddress target) =>
        IsOf(A, AddressA, target) || IsOf(B, AddressB, target);

    private static bool IsOf(PortPair pair, in TransportAddress address, in TransportAddress target) =>
        target.SameAddress(address) && (target.Port == pair.Rtp || target.Port == pair.Rtcp);
}
