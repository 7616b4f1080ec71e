using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>What takes the place of the writer's own description of itself.</summary>
/// <param name="Address">Ours as the receiver sees it (the advertised one); the port is not used.</param>
/// <param name="SessionId">Ours, the same for all of a leg's dialog (RFC 3264 5).</param>
/// <param name="SessionVersion">Ours; one more whenever the description differs from the last (RFC 3264 8).</param>
public readonly record struct SdpRewrite(TransportAddress Address, ulong SessionId, ulong SessionVersion);

/// <summary>Our ports for one m-line. 0 where it is not relayed: the line leaves with port 0.</summary>
/// <param name="AddsMux">
/// The receiver offered a=rtcp-mux and the writer did not accept it: we do, and speak two ports to the writer (RFC 5761
/// 5.1.1).
/// </param>
public readonly record struct SdpMediaPorts(ushort Rtp, ushort Rtcp, bool AddsMux = false)
{
    public static readonly SdpMediaPorts None = default;
}
