using Sbc.Sip.Sdp;

namespace Sbc.Engine.Routing;

public enum RouteTarget : byte
{
    Group,
    RequestUri,

    /// <summary>Where the user of the Request-URI has registered.</summary>
    Registered,
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

    /// <summary>Groups to try, in order; empty for the other kinds of target.</summary>
    public Group[] Groups { get; init; } = [];

    /// <summary>All of them get a request at the same time, and the first one that answers has it.</summary>
    public bool ForksParallel { get; init; }

    /// <summary>Milliseconds that the contacts of one q ring before the next ones do.</summary>
    public int ForkRinging { get; init; }

    /// <summary>The first of them.</summary>
    public Group? Group => Groups.Length > 0 ? Groups[0] : null;

    public CallLimits Limits { get; init; }

    /// <summary>Mode forward: without state.</summary>
    public bool Forwards { get; init; }

    /// <summary>In that mode: stay in the path of dialogs; null: where the realms differ.</summary>
    public bool? RecordsRoute { get; init; }

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

    /// <summary>What descriptions on it may name; null: everything.</summary>
    public SdpCodecPolicy? Codecs { get; init; }

    public int RejectCode { get; init; }

    public byte[] RejectReason { get; init; } = [];

    /// <summary>The user of the Request-URI says by its longest prefix there which of <see cref="ByValue"/> it is;
    /// null: this route is itself.</summary>
    public NumberTable? Table { get; init; }

    /// <summary>By value of the table: this route with the target that the value names.</summary>
    public Route[] ByValue { get; init; } = [];

    /// <summary>Whether it is asked for what comes from there.</summary>
    /// <param name="realm">Where it came in.</param>
    /// <param name="source">The peer it is from; null: none that a rule names.</param>
    public bool TakesFrom(Realm realm, Peer? source)
    {
        if (FromRealm is not null) return FromRealm.Id == realm.Id;
        return FromPeers is null || (source is not null && Array.IndexOf(FromPeers, source) >= 0);
    }
}
