namespace Sbc.Sip.Sdp;

/// <summary>The kind of media of an m-line (RFC 8866 5.14).</summary>
public enum SdpMediaKind : byte
{
    Other,
    Audio,
    Video,
    Image,
    Application,
    Text,
    Message,
}

/// <summary>The transport protocol of an m-line, as far as a relay treats them differently.</summary>
public enum SdpProfile : byte
{
    /// <summary>TCP, MSRP, ATM and whatever is new: not for a relay of datagrams.</summary>
    Other,
    RtpAvp,
    RtpAvpf,
    RtpSavp,
    RtpSavpf,
    UdpTlsRtpSavp,
    UdpTlsRtpSavpf,

    /// <summary>T.38 over UDPTL: datagrams, not RTP.</summary>
    Udptl,

    /// <summary>WebRTC data channels: datagrams, not RTP.</summary>
    UdpDtlsSctp,

    /// <summary>Bare UDP.</summary>
    Udp,
}

public static class SdpProfiles
{
    public static bool IsRtp(this SdpProfile profile) =>
        profile is >= SdpProfile.RtpAvp and <= SdpProfile.UdpTlsRtpSavpf;

    /// <summary>A DTLS handshake runs on the media port before any RTP (RFC 5764).</summary>
    public static bool IsDtls(this SdpProfile profile) =>
        profile is SdpProfile.UdpTlsRtpSavp or SdpProfile.UdpTlsRtpSavpf or SdpProfile.UdpDtlsSctp;

    /// <summary>Whether it travels in datagrams, so that it can be relayed at all.</summary>
    public static bool IsDatagram(this SdpProfile profile) => profile != SdpProfile.Other;

    /// <summary>Without regard to case: fax gateways write "UDPTL", the registration is "udptl".</summary>
    internal static SdpProfile Parse(ReadOnlySpan<byte> text)
    {
        if (Is(text, "RTP/AVP"u8)) return SdpProfile.RtpAvp;
        if (Is(text, "RTP/SAVP"u8)) return SdpProfile.RtpSavp;
        if (Is(text, "RTP/AVPF"u8)) return SdpProfile.RtpAvpf;
        if (Is(text, "RTP/SAVPF"u8)) return SdpProfile.RtpSavpf;
        if (Is(text, "UDP/TLS/RTP/SAVPF"u8)) return SdpProfile.UdpTlsRtpSavpf;
        if (Is(text, "UDP/TLS/RTP/SAVP"u8)) return SdpProfile.UdpTlsRtpSavp;
        if (Is(text, "udptl"u8)) return SdpProfile.Udptl;
        if (Is(text, "UDP/DTLS/SCTP"u8)) return SdpProfile.UdpDtlsSctp;
        return Is(text, "udp"u8) ? SdpProfile.Udp : SdpProfile.Other;
    }

    internal static SdpMediaKind ParseKind(ReadOnlySpan<byte> text)
    {
        if (Is(text, "audio"u8)) return SdpMediaKind.Audio;
        if (Is(text, "video"u8)) return SdpMediaKind.Video;
        if (Is(text, "image"u8)) return SdpMediaKind.Image;
        if (Is(text, "application"u8)) return SdpMediaKind.Application;
        if (Is(text, "text"u8)) return SdpMediaKind.Text;
        return Is(text, "message"u8) ? SdpMediaKind.Message : SdpMediaKind.Other;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        System.Text.Ascii.EqualsIgnoreCase(text, word);
}
