using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>A datagram at a port of ours.</summary>
public readonly ref struct Arrival
{
    public ReadOnlySpan<byte> Datagram { get; init; }

    public TransportAddress Source { get; init; }

    public bool IsTruncated { get; init; }

    public Instant Now { get; init; }
}

/// <summary>Where a forwarded datagram leaves, and what was learned.</summary>
public struct Departure
{
    /// <summary>Index of the port it leaves from.</summary>
    public int Port;
    public TransportAddress Destination;

    /// <summary>Set whatever the verdict.</summary>
    public bool IsLatched;
    public bool IsNewSsrc;
    public bool IsRtcp;
}

/// <summary>
/// The life of one media packet: check, latch, rewrite, verdict. Touches nothing but the stream's state.
/// </summary>
public static class Forwarding
{
    public static DropReason Step(ref RelayStream stream, int port, in Arrival arrival, out Departure departure)
    {
        departure = default;
        ref RelayPort from = ref stream.Ports[port];

        DropReason reason = Inspect(stream, port, arrival, out LatchInput packet, out bool isRtcp, out uint timestamp);
        if (reason != DropReason.None) return reason;

        LatchVerdict verdict = Latch.Step(ref from.Latch, LatchEvent.Packet, packet);
        if (verdict == LatchVerdict.Refused)
        {
            from.Counted.Refused++;
            return DropReason.SourceRefused;
        }
        departure.IsLatched = verdict == LatchVerdict.Latched;
        reason = from.Budget.Take(arrival.Datagram.Length, arrival.Source.IsIPv4, arrival.Now);
        if (reason != DropReason.None) return reason;
        departure.IsNewSsrc = Count(ref from, stream.ClockHz, packet, isRtcp, timestamp, arrival);

        departure.Port = port ^ 2;
        departure.IsRtcp = isRtcp;
        if (isRtcp)
        {
            // With rtcp-mux RTCP shares the port of RTP (RFC 5761); else it has its own.
            departure.Port = (departure.Port & 2) | (stream.IsMux((MediaSide)(departure.Port >> 1)) ? 0 : 1);
            if (stream.Kind == StreamKind.Rtp)
            {
                RtcpFeedback.Read(arrival.Datagram, arrival.Now,
                    ref stream.Ports[port & 2].Feedback, ref stream.Ports[departure.Port & 2].Feedback);
            }
        }
        ref readonly RelayPort to = ref stream.Ports[departure.Port];
        // Whoever holds asked for no media, and still for reports (RFC 3264 6.1).
        if (to.IsHeld && packet.HasSequence) return DropReason.NoTarget;
        return to.Destination(out departure.Destination);
    }

    private static DropReason Inspect(
        in RelayStream stream, int port, in Arrival arrival, out LatchInput packet, out bool isRtcp, out uint timestamp)
    {
        packet = default;
        timestamp = 0;
        isRtcp = (port & 1) != 0;
        if (arrival.IsTruncated || arrival.Datagram.Length > MediaLimits.DatagramBytesMax) return DropReason.RtpTooLong;
        PacketClass packetClass = PacketClasses.Of(arrival.Datagram);
        if (packetClass == PacketClass.Empty) return DropReason.Empty;
        if (packetClass == PacketClass.Stun) return DropReason.Stun;
        // The shortest of UDPTL has five bytes (T.38 9.1), and of DTLS thirteen.
        if (packetClass == PacketClass.KeepAlive) return DropReason.KeepAlive;
        bool isOpaque = stream.Kind == StreamKind.Datagram
            || (stream.Kind == StreamKind.RtpOverDtls && packetClass == PacketClass.Dtls);
        TransportAddress sibling = isRtcp ? stream.Ports[port & 2].Latch.Source : default;
        if (isOpaque)
        {
            packet = new LatchInput { Source = arrival.Source, Sibling = sibling };
            return DropReason.None;
        }
        bool isMux = (port & 2) == 0 ? stream.MuxA != RtcpMux.None : stream.MuxB != RtcpMux.None;
        // What cannot be RTP is a report that took the wrong port: some share it unasked. As RTP it would pass unread.
        isMux |= packetClass == PacketClass.Rtcp && stream.Kind == StreamKind.Rtp
            && RtcpWalk.IsWellFormed(arrival.Datagram);
        if (isRtcp || (isMux && packetClass == PacketClass.Rtcp))
        {
            if (!RtcpHeader.TryParse(arrival.Datagram, out RtcpHeader rtcp)) return DropReason.RtcpMalformed;
            // Of SRTCP only the first header is in the clear (RFC 3711 3.4).
            if (stream.Kind == StreamKind.Rtp && !RtcpWalk.IsWellFormed(arrival.Datagram))
                return DropReason.RtcpMalformed;
            // On a shared port the SSRC of RTCP is one of several (a receiver's differs from its sender's at times):
            // continuity is RTP's alone there.
            packet = new LatchInput { Source = arrival.Source, Ssrc = rtcp.Ssrc, HasSsrc = isRtcp, Sibling = sibling };
            isRtcp = true;
            return DropReason.None;
        }
        if (!RtpHeader.TryParse(arrival.Datagram, out RtpHeader rtp)) return DropReason.RtpMalformed;
        timestamp = rtp.Timestamp;
        packet = new LatchInput
        {
            Source = arrival.Source, Ssrc = rtp.Ssrc, HasSsrc = true, Sequence = rtp.Sequence, HasSequence = true,
        };
        return DropReason.None;
    }

    private static bool Count(
        ref RelayPort port, int clockHz, in LatchInput packet, bool isRtcp, uint timestamp, in Arrival arrival)
    {
        port.Counted.Packets++;
        port.Counted.Bytes += arrival.Datagram.Length;
        port.LastPacket = arrival.Now;
        bool isNewSsrc = Latch.Follow(ref port.Latch, packet);
        if (isNewSsrc) port.Counted.SsrcChanges++;
        if (isRtcp || !packet.HasSequence) return isNewSsrc;
        if (isNewSsrc) port.Rtp.NewSource();
        port.Rtp.Receive(packet.Sequence, timestamp, clockHz, arrival.Now);
        return isNewSsrc;
    }
}
