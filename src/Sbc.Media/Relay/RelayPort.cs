using System.Runtime.CompilerServices;
using Sbc.Runtime;

namespace Sbc.Media;

public enum MediaSide : byte
{
    A,
    B,
}

public enum MediaComponent : byte
{
    Rtp,
    Rtcp,
}

/// <summary>What is checked of a stream's packets.</summary>
public enum StreamKind : byte
{
    /// <summary>RTP/AVP and its like: RTP and RTCP in the clear.</summary>
    Rtp,

    /// <summary>RTP after a DTLS handshake on the same port, which crosses as it is.</summary>
    RtpOverDtls,

    /// <summary>UDPTL, DTLS/SCTP: only source, size and rate are looked at.</summary>
    Datagram,

    /// <summary>RTP/SAVP, keys in the SDP: RTCP passes as it is, for it is authenticated (RFC 3711 3.4).</summary>
    Srtp,
}

/// <summary>Whether RTP and RTCP share a port on one side (RFC 5761).</summary>
public enum RtcpMux : byte
{
    None,

    /// <summary>The side's description has it: in force where the other's has it, too.</summary>
    Described,

    /// <summary>Offered and answered between this side and the box, whatever the other side does.</summary>
    Agreed,
}

/// <summary>What one port received, for the record of a call.</summary>
public struct PortStatistics
{
    public long Packets;
    public long Bytes;

    /// <summary>RFC 3550 A.3.</summary>
    public long Lost;

    /// <summary>Packets of strangers.</summary>
    public long Refused;

    /// <summary>RFC 3550 A.8, in units of the media's clock.</summary>
    public uint Jitter;
    public uint SsrcChanges;

    /// <summary>0: no RTP.</summary>
    public int ClockHz;

    /// <summary>The side has sent report blocks, of which the next two are.</summary>
    public bool HasReport;

    /// <summary>In 256ths.</summary>
    public byte ReportedLoss;
    public uint ReportedJitter;

    /// <summary>Between the box and this side; 0 is not known.</summary>
    public int RoundTripMicroseconds;

    /// <summary>0 to 1, of what this side sent.</summary>
    public readonly double LossShare => Lost <= 0 ? 0 : (double)Lost / (Packets + Lost);

    /// <summary>0 to 1, of what this side was sent, as it says.</summary>
    public readonly double ReportedLossShare => ReportedLoss / 256.0;

    public readonly double JitterMilliseconds => ClockHz <= 0 ? 0 : Jitter * 1000.0 / ClockHz;

    public readonly double ReportedJitterMilliseconds => ClockHz <= 0 ? 0 : ReportedJitter * 1000.0 / ClockHz;
}

/// <summary>One socket of a stream: what it may send to, whom it listens to, what it saw.</summary>
public struct RelayPort
{
    public int Socket;
    public ushort Realm;
    public bool HasTarget;

    /// <summary>The target may be sent to before anything came from there.</summary>
    public bool MaySend;

    /// <summary>The side asked for silence (c=0.0.0.0): nothing is sent, latched or not.</summary>
    public bool IsMuted;

    /// <summary>The side asked for no media: RTCP is sent, RTP is not.</summary>
    public bool IsHeld;
    public bool IsRefusalReported;
    public LatchState Latch;
    public PortStatistics Counted;
    public RtpStatistics Rtp;
    public Instant LastPacket;

    /// <summary>What may come in here: the other side's limits.</summary>
    public RateBudget Budget;

    /// <summary>What this side says of the media it is sent; kept with its port of RTP.</summary>
    public RtcpFeedback Feedback;

    /// <summary>RTCP that leaves here names nobody.</summary>
    public bool ReducesRtcp;

    // Packets of this turn to be sent from here, linked by slot; slot + 1, 0 is none.
    internal int FirstToSend;
    internal int LastToSend;

    public readonly PortStatistics Statistics(int clockHz) => Counted with
    {
        Lost = Rtp.Lost,
        Jitter = Rtp.Jitter,
        ClockHz = clockHz,
        HasReport = Feedback.HasReport,
        ReportedLoss = Feedback.FractionLost,
        ReportedJitter = Feedback.Jitter,
        RoundTripMicroseconds = Feedback.RoundTripMicroseconds,
    };

    /// <summary>Where packets leave to: the latched source, else the SDP's target where that may be sent to.</summary>
    internal readonly DropReason Destination(out TransportAddress destination)
    {
        destination = default;
        if (IsMuted) return DropReason.NoTarget;
        // After a description that names another target, that one counts, or a new far end that waits for our media
        // would never get any, and the old one would hear on.
        bool isLatched = Latch.Phase != LatchPhase.Waiting && !(Latch.IsTargetChanged && MaySend);
        if (isLatched)
        {
            destination = Latch.Source;
            return DropReason.None;
        }
        if (!HasTarget) return DropReason.NoTarget;
        if (!MaySend) return DropReason.NotLatched;
        destination = Latch.Target;
        return DropReason.None;
    }
}

/// <summary>The four ports of a stream: A RTP, A RTCP, B RTP, B RTCP. A port's partner is its index ^ 2.</summary>
[InlineArray(Count)]
public struct RelayPorts
{
    public const int Count = 4;

    private RelayPort _first;

    public static int Index(MediaSide side, MediaComponent component) => ((int)side << 1) | (int)component;
}
