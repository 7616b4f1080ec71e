using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>One m-line in the relay: four ports, and what concerns all of them.</summary>
public struct RelayStream
{
    /// <summary>The signalling worker it belongs to, by link, and the name it has there.</summary>
    public int Link;
    public Handle Client;
    public long Owner;
    public int ClockHz;
    public StreamKind Kind;
    public RtcpMux MuxA;
    public RtcpMux MuxB;
    public bool IsArmed;
    public bool IsSilentReported;

    /// <summary>Its sockets are closed; it waits for room for its last event.</summary>
    public bool IsClosed;
    public int SilenceSeconds;
    public Instant ArmedAt;
    public RelayPorts Ports;

    /// <summary>
    /// The next of the streams that share the ports of side B, in a ring; index + 1, 0 is none.
    /// </summary>
    internal int NextSharing;

    /// <summary>The key of the shared sockets is this stream's.</summary>
    internal bool HoldsKeys;

    /// <summary>When its statistics were last told.</summary>
    internal Instant MeasuredAt;

    // The next stream whose last event waits; index + 1, 0 is none.
    internal int NextWaiting;

    /// <summary>Whether RTCP to this side goes to its port of RTP.</summary>
    public readonly bool IsMux(MediaSide side)
    {
        RtcpMux own = side == MediaSide.A ? MuxA : MuxB, other = side == MediaSide.A ? MuxB : MuxA;
        return own == RtcpMux.Agreed || (own == RtcpMux.Described && other != RtcpMux.None);
    }

    /// <summary>What the RTP port of a side received.</summary>
    public readonly PortStatistics Statistics(MediaSide side) =>
        Ports[RelayPorts.Index(side, MediaComponent.Rtp)].Statistics(Kind == StreamKind.Datagram ? 0 : ClockHz);

    /// <summary>When media last came in, from either side.</summary>
    public readonly Instant LastPacket =>
        Ports[0].LastPacket > Ports[2].LastPacket ? Ports[0].LastPacket : Ports[2].LastPacket;

    /// <summary>Silent both ways for as long as was asked for, since it was armed at the earliest.</summary>
    public readonly bool IsSilent(Instant now)
    {
        if (!IsArmed || SilenceSeconds == 0) return false;
        Instant since = LastPacket > ArmedAt ? LastPacket : ArmedAt;
        return now - since >= SilenceSeconds * 1_000_000L;
    }
}
