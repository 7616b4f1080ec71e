using System.Text;

namespace Sbc.Sip.Sdp;

internal enum SdpAttribute : byte
{
    Unknown,
    Direction,
    RtcpMux,
    Rtcp,
    Group,
    Fingerprint,
    Crypto,
    Removed,
}

/// <summary>The attributes an anchor understands. Names are compared without case: a lenient peer would, too.</summary>
internal static class SdpAttributes
{
    public static SdpAttribute Recognise(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return SdpAttribute.Unknown;
        switch (name[0] | 0x20)
        {
            case 's' when Is(name, "sendrecv"u8) || Is(name, "sendonly"u8):
            case 'r' when Is(name, "recvonly"u8):
            case 'i' when Is(name, "inactive"u8):
                return SdpAttribute.Direction;
            case 'r' when Is(name, "rtcp-mux"u8):
                return SdpAttribute.RtcpMux;
            case 'r' when Is(name, "rtcp"u8):
                return SdpAttribute.Rtcp;
            case 'g' when Is(name, "group"u8):
                return SdpAttribute.Group;
            case 'c' when Is(name, "crypto"u8):
                return SdpAttribute.Crypto;
            case 'f' when Is(name, "fingerprint"u8):
                return SdpAttribute.Fingerprint;
            default:
                return IsRemoved(name) ? SdpAttribute.Removed : SdpAttribute.Unknown;
        }
    }

    public static SdpDirection Direction(ReadOnlySpan<byte> name)
    {
        if (Is(name, "sendonly"u8)) return SdpDirection.SendOnly;
        if (Is(name, "recvonly"u8)) return SdpDirection.ReceiveOnly;
        return Is(name, "inactive"u8) ? SdpDirection.Inactive : SdpDirection.SendReceive;
    }

    /// <summary>
    /// BUNDLE (RFC 8843) puts several m-lines on one port. We give each its own, which the group would contradict;
    /// without it every m-line stands alone, as toward any peer that does not know the attribute.
    /// </summary>
    public static bool IsBundle(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart((byte)' ');
        return value.Length >= 6 && Is(value[..6], "BUNDLE"u8);
    }

    /// <summary>
    /// Lines that hold other ways to reach the writer. ICE (RFC 8839) is not terminated here, and its candidates
    /// would lead around the relay; so would altc (RFC 6947), alt (its forerunner), ccap (RFC 7006), path (RFC 4975)
    /// and source-filter (RFC 4570), which would also shut our own address out. bundle-only (RFC 8843 6) says that a
    /// port of 0 is none only where the group is known, which we take away.
    /// </summary>
    private static bool IsRemoved(ReadOnlySpan<byte> name) => (name[0] | 0x20) switch
    {
        'c' => Is(name, "candidate"u8) || Is(name, "ccap"u8),
        'r' => Is(name, "remote-candidates"u8),
        'e' => Is(name, "end-of-candidates"u8),
        'i' => name.Length >= 4 && Is(name[..4], "ice-"u8),
        'a' => Is(name, "alt"u8) || Is(name, "altc"u8),
        'b' => Is(name, "bundle-only"u8),
        'p' => Is(name, "path"u8),
        's' => Is(name, "source-filter"u8),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(name, word);
}
