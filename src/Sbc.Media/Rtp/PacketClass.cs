using System.Buffers.Binary;

namespace Sbc.Media;

/// <summary>What a datagram on a media port is, told by its first bytes (RFC 7983 7, RFC 5761 4).</summary>
public enum PacketClass : byte
{
    Rtp,
    Rtcp,
    Stun,
    Dtls,
    Empty,

    /// <summary>
    /// A few bytes without meaning that hold a NAT binding open (RFC 6263 4.1 and what phones made of it).
    /// </summary>
    KeepAlive,
    Other,
}

public static class PacketClasses
{
    private const uint StunMagicCookie = 0x2112_A442;

    public static PacketClass Of(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty) return PacketClass.Empty;
        if (datagram.Length <= 4) return PacketClass.KeepAlive;
        switch (datagram[0])
        {
            case <= 3:
                return datagram.Length >= 20 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == StunMagicCookie
                    ? PacketClass.Stun
                    : PacketClass.Other;
            case >= 20 and <= 63:
                return datagram.Length >= 13 ? PacketClass.Dtls : PacketClass.Other;
            case >= 128 and <= 191:
                // 64 to 95 with the marker bit are not to be used as payload types for this reason (RFC 5761 4).
                return datagram[1] is >= 192 and <= 223 ? PacketClass.Rtcp : PacketClass.Rtp;
            default:
                return PacketClass.Other;
        }
    }
}
