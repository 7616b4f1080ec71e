using System.Buffers.Binary;

namespace Sbc.Media;

/// <summary>The fixed header of RTP (RFC 3550 5.1), checked as A.1 says.</summary>
public readonly ref struct RtpHeader
{
    public const int FixedBytes = 12;

    public byte PayloadType { get; private init; }

    public ushort Sequence { get; private init; }

    public uint Timestamp { get; private init; }

    public uint Ssrc { get; private init; }

    /// <summary>Fixed header, contributing sources and extension.</summary>
    public int HeaderBytes { get; private init; }

    /// <summary>False where the version is not 2 or the header does not fit. Payload and padding are not looked at:
    /// under SRTP they are ciphertext.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out RtpHeader header)
    {
        header = default;
        if (datagram.Length < FixedBytes || datagram[0] >> 6 != 2) return false;
        int headerBytes = FixedBytes + ((datagram[0] & 0x0F) * 4);
        if ((datagram[0] & 0x10) != 0)
        {
            // Extension: 16 bits of profile, 16 bits of length in words (RFC 3550 5.3.1).
            if (datagram.Length < headerBytes + 4) return false;
            headerBytes += 4 + (BinaryPrimitives.ReadUInt16BigEndian(datagram[(headerBytes + 2)..]) * 4);
        }
        if (datagram.Length < headerBytes) return false;
        header = new RtpHeader
        {
            PayloadType = (byte)(datagram[1] & 0x7F),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]),
            Timestamp = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
            Ssrc = BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]),
            HeaderBytes = headerBytes,
        };
        return true;
    }
}
