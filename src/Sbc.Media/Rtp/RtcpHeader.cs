using System.Buffers.Binary;

namespace Sbc.Media;

/// <summary>
/// The first header of a compound RTCP packet (RFC 3550 6.4). Under SRTCP it is plain, too (RFC 3711 3.4).
/// </summary>
public readonly ref struct RtcpHeader
{
    public const int FixedBytes = 8;

    public byte PacketType { get; private init; }

    public uint Ssrc { get; private init; }

    /// <summary>
    /// Version 2, a type of the range set aside for RTCP (RFC 5761 4), and a length within the datagram. The first
    /// type is not held to SR or RR: reduced-size RTCP (RFC 5506) starts with feedback.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out RtcpHeader header)
    {
        header = default;
        if (datagram.Length < FixedBytes || datagram[0] >> 6 != 2 || datagram[1] is < 192 or > 223) return false;
        if ((BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) + 1) * 4 > datagram.Length) return false;
        header = new RtcpHeader
        {
            PacketType = datagram[1],
            Ssrc = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
        };
        return true;
    }
}
