using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>What one side says of the media it is sent, and how far away it is (RFC 3550 6.4.1).</summary>
/// <remarks>
/// Reports pass between the far ends, so what a side reports lost was lost anywhere on its way here or on from here;
/// the round trip is this leg's alone, from when the report left here to its echo.
/// </remarks>
public struct RtcpFeedback
{
    /// <summary>A round trip above it is a lie or a clock that was set.</summary>
    private const long RoundTripMicrosecondsMax = 10_000_000;

    public bool HasReport;

    /// <summary>In 256ths, of the last interval.</summary>
    public byte FractionLost;

    /// <summary>In units of the media's clock.</summary>
    public uint Jitter;

    /// <summary>0: not known.</summary>
    public int RoundTripMicroseconds;

    // The last sender report that went to this side: the middle of its time, and when.
    private uint _sent;
    private Instant _sentAt;

    /// <summary>Reads a compound packet in the clear from one side, about the other's media.</summary>
    public static void Read(ReadOnlySpan<byte> compound, Instant now, ref RtcpFeedback from, ref RtcpFeedback to)
    {
        var walk = new RtcpWalk(compound);
        while (walk.TryNext(out RtcpPacket packet))
        {
            if (packet.Type is not (RtcpPacket.SenderReport or RtcpPacket.ReceiverReport)) continue;
            if (packet.Type == RtcpPacket.SenderReport)
            {
                to._sent = BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes[10..]);
                to._sentAt = now;
            }
            for (int i = 0; i < packet.Count; i++)
                from.Take(packet.Bytes.Slice(packet.BlocksAt + (i * RtcpPacket.BlockBytes)), now, isFirst: i == 0);
        }
    }

    private void Take(ReadOnlySpan<byte> block, Instant now, bool isFirst)
    {
        // Of several sources in one report the worst counts.
        byte fractionLost = block[4];
        uint jitter = BinaryPrimitives.ReadUInt32BigEndian(block[12..]);
        FractionLost = isFirst ? fractionLost : Math.Max(FractionLost, fractionLost);
        Jitter = isFirst ? jitter : Math.Max(Jitter, jitter);
        HasReport = true;
        uint echoed = BinaryPrimitives.ReadUInt32BigEndian(block[16..]);
        if (echoed == 0 || echoed != _sent) return;
        long held = BinaryPrimitives.ReadUInt32BigEndian(block[20..]) * 1_000_000L / 65_536;
        long roundTrip = now - _sentAt - held;
        if (roundTrip is >= 0 and <= RoundTripMicrosecondsMax) RoundTripMicroseconds = (int)roundTrip;
    }
}
