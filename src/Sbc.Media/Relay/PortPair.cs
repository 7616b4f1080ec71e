namespace Sbc.Media;

/// <summary>An even port for RTP and the next for RTCP (RFC 3550 11).</summary>
public readonly record struct PortPair(ushort Rtp)
{
    public ushort Rtcp => (ushort)(Rtp + 1);
}
