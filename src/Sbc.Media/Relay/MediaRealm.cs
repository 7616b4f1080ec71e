using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>What the relay needs of a realm's media configuration. Immutable; a reload makes new ones.</summary>
public sealed class MediaRealm
{
    /// <summary>The realm's place in the counters.</summary>
    public required ushort Index { get; init; }

    /// <summary>Shared by all workers; kept over a reload that does not change the range.</summary>
    public required PortPool Ports { get; init; }

    /// <summary>The realm's own IPv4 address (not the advertised one); None without.</summary>
    public TransportAddress IPv4 { get; init; }

    public TransportAddress IPv6 { get; init; }

    public LatchMode Latching { get; init; } = LatchMode.Signalling;

    /// <summary>
    /// Mode signalling: how many bits of an address must be those of the SDP's or the signalling's. Behind a carrier's
    /// NAT media may leave by a neighbouring address; all of them is the address itself.
    /// </summary>
    public byte LatchBitsIPv4 { get; init; } = 32;

    public byte LatchBitsIPv6 { get; init; } = 128;

    /// <summary>RTCP in the clear that goes there names nobody: for realms of strangers.</summary>
    public bool ReducesRtcp { get; init; }

    /// <summary>0 to 63.</summary>
    public byte Dscp { get; init; }

    /// <summary>0: not watched. Of a call's two realms the shorter one counts.</summary>
    public int SilenceSeconds { get; init; }
}
