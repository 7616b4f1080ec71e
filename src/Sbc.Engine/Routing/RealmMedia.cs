using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Where and how a realm's media is anchored, compiled.</summary>
public sealed class RealmMedia
{
    /// <summary>Address to bind for IPv4; none when the realm has none.</summary>
    public TransportAddress BindIPv4 { get; init; }

    public TransportAddress BindIPv6 { get; init; }

    /// <summary>What SDP says instead of the bound address; equal to it without `advertise`.</summary>
    public TransportAddress AdvertisedIPv4 { get; init; }

    public TransportAddress AdvertisedIPv6 { get; init; }

    public required int FirstPort { get; init; }

    public required int LastPort { get; init; }

    public required LatchingMode Latching { get; init; }

    public required int SilenceSeconds { get; init; }

    public required int QuarantineMilliseconds { get; init; }

    public required byte Dscp { get; init; }
}

/// <summary>From where a stream may be learnt, as the operator says it.</summary>
public enum LatchingMode : byte
{
    Strict,
    Signalling,
    Open,
}
