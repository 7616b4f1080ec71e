using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary><c>media</c> of a realm: where its RTP is anchored.</summary>
public sealed record RealmMediaConfig
{
    /// <summary><c>address</c>: one, or a list of an IPv4 and an IPv6; port 0. Default: the addresses of the realm's
    /// listeners, the first of each family. The name of an interface may stand for its address.</summary>
    public IReadOnlyList<TransportAddress> Addresses { get; init; } = [];

    /// <summary><c>advertise</c>: what the SDP names in place of the address of its family, behind 1:1 NAT; one, or an
    /// IPv4 and an IPv6. Default: the address itself.</summary>
    public IReadOnlyList<TransportAddress> Advertise { get; init; } = [];

    /// <summary><c>ports</c>, used in pairs. Default 20000-31999: 6000 pairs, below the usual ephemeral
    /// ports.</summary>
    public PortRange Ports { get; init; } = new(20000, 31999);

    /// <summary><c>latching</c> as written; null where absent: see <see cref="RealmConfig.Latching"/>.</summary>
    public Latching? Latching { get; init; }

    /// <summary><c>latch_mask</c>: with latching signalling, how many bits of a source must be those of the SDP's or
    /// the signalling's address. Default: all; behind a carrier's NAT media may come from a neighbouring
    /// address.</summary>
    public LatchMask LatchMask { get; init; } = LatchMask.Whole;

    /// <summary><c>silence_seconds</c>: a call whose media is silent in both directions for so long, from the answer on
    /// and not on hold, is ended. Default 60: longer than any comfort-noise gap. 0 switches it off.</summary>
    public int SilenceSeconds { get; init; } = 60;

    /// <summary><c>quarantine_ms</c>: how long a closed port rests before another call gets it. Default 2000: the
    /// packets still under way to the old call have died out.</summary>
    public int QuarantineMs { get; init; } = 2000;

    /// <summary><c>dscp</c> of the RTP sent, 0 to 63. Default 46: expedited forwarding (RFC 4594 4.1).</summary>
    public int Dscp { get; init; } = 46;

    /// <summary>What the SDP names for one of <see cref="Addresses"/>.</summary>
    public TransportAddress Advertised(TransportAddress address)
    {
        foreach (TransportAddress advertised in Advertise)
            if (advertised.IsIPv4 == address.IsIPv4) return advertised;
        return address;
    }
}
