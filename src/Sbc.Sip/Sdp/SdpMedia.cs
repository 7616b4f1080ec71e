using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>One m-line with what applies to it: its own lines, and the session's where it has none.</summary>
public struct SdpMedia
{
    public SdpMediaKind Kind { get; internal set; }

    public SdpProfile Profile { get; internal set; }

    public SdpDirection Direction { get; internal set; }

    public ushort Port { get; internal set; }

    /// <summary>m=audio 49170/2: how many consecutive ports; 1 where nothing is said.</summary>
    public int PortCount { get; internal set; }

    /// <summary>a=rtcp-mux (RFC 5761 5.1.1).</summary>
    public bool HasRtcpMux { get; internal set; }

    /// <summary>
    /// a=fingerprint, its own or the session's (RFC 8122 5): a DTLS handshake may come on the media's port, whatever
    /// the profile says (RFC 8643).
    /// </summary>
    public bool HasFingerprint { get; internal set; }

    /// <summary>a=crypto: keys of SRTP (RFC 4568 9.1).</summary>
    public bool HasCrypto { get; internal set; }

    /// <summary>
    /// Where the writer receives. None where c= holds a name or no Internet address, or the port is 0.
    /// </summary>
    public TransportAddress Address { get; internal set; }

    /// <summary>
    /// Where the writer receives RTCP: a=rtcp (RFC 3605) or the next port. rtcp-mux is left to whoever knows
    /// both sides.
    /// </summary>
    public TransportAddress RtcpAddress { get; internal set; }

    /// <summary>The port of a=rtcp; 0 without one.</summary>
    public ushort RtcpPort { get; internal set; }

    /// <summary>The format list: payload types for RTP.</summary>
    public SdpRange Formats { get; internal set; }

    public int FormatCount { get; internal set; }

    /// <summary>The whole of the m= line, without its end.</summary>
    public SdpRange Line { get; internal set; }

    public readonly bool IsRtp => Profile.IsRtp();

    /// <summary>Port 0: refused, or ended (RFC 3264 6 and 8.2).</summary>
    public readonly bool IsRejected => Port == 0;

    /// <summary>
    /// The writer asks for no media of ours, or for none both ways: sendonly, inactive, or the old c=0.0.0.0
    /// (RFC 3264 8.4), which also stops RTCP.
    /// </summary>
    public readonly bool IsHeld =>
        Direction is SdpDirection.SendOnly or SdpDirection.Inactive || HasUnspecifiedConnection;

    /// <summary>c=0.0.0.0 or c=::.</summary>
    public bool HasUnspecifiedConnection { get; internal set; }

    internal bool HasConnection;
    internal bool HasOwnDirection;
    internal TransportAddress Connection;
    internal TransportAddress RtcpConnection;
}
