namespace Sbc.Engine.Routing;

public enum RouteTarget : byte
{
    Group,
    RequestUri,
    Reject,
}

/// <summary>One rule, compiled.</summary>
public sealed class Route
{
    /// <summary>Row in the counters.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Null: any realm.</summary>
    public Realm? FromRealm { get; init; }

    /// <summary>Null: any source; else one of these peers.</summary>
    public Peer[]? FromPeers { get; init; }

    public required RouteTarget Target { get; init; }

    public Group? Group { get; init; }

    /// <summary>Where calls to their Request-URI go out.</summary>
    public Realm? EgressRealm { get; init; }

    /// <summary>A 3xx is followed here and not passed on.</summary>
    public bool FollowsRedirects { get; init; }

    /// <summary>Longest duration of its calls in milliseconds; 0: the one of the timers.</summary>
    public long DurationMax { get; init; }

    /// <summary>
    /// The box refreshes its calls with this session interval in seconds (RFC 4028); 0: it only watches.
    /// </summary>
    public int SessionSeconds { get; init; }

    public int RejectCode { get; init; }

    public byte[] RejectReason { get; init; } = [];

    public bool Matches(Realm realm, Peer? source)
    {
        if (FromRealm is not null && !ReferenceEquals(FromRealm, realm)) return false;
        return FromPeers is null || (source is not null && Array.IndexOf(FromPeers, source) >= 0);
    }
}
