namespace Sbc.Engine.Config;

/// <summary>One entry of <c>routes</c>: where a new call from somewhere goes.</summary>
public sealed record RouteConfig
{
    /// <summary><c>name</c>: the metric label. Default <c>route-N</c>, counted from 1.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>from</c>: the name of a realm, peer or group. Required.</summary>
    public string From { get; init; } = "";

    /// <summary><c>to</c>: required; null only in a configuration that has been refused.</summary>
    public RouteTarget? To { get; init; }

    /// <summary><c>realm</c>: where <c>to: request_uri</c> sends out of.</summary>
    public string? Realm { get; init; }

    public RouteMode Mode { get; init; } = RouteMode.Call;

    /// <summary><c>fork</c>: whether the targets that <c>to</c> lists are tried one after the other or all at the same
    /// time. Null: <c>sequential</c>; with <c>to: registered</c> <c>parallel</c>, where contacts of one q ring
    /// together.</summary>
    public ForkMode? Fork { get; init; }

    /// <summary><c>fork_ringing_seconds</c>: how long a user's contacts ring before those of the next q do, or the next
    /// one does; the last ones ring as long as any call. Default 20: four or five rings.</summary>
    public int ForkRingingSeconds { get; init; } = 20;

    /// <summary><c>open_relay</c>: strangers may really be sent wherever their Request-URI says. Default
    /// false.</summary>
    public bool OpenRelay { get; init; }

    /// <summary><c>match</c>: what else must hold. Null: <c>from</c> is enough.</summary>
    public RouteMatchConfig? Match { get; init; }

    /// <summary><c>record_route</c>: in mode forward, stay in the path of the dialog. Null: where the target is in
    /// another realm, which often has no other way back.</summary>
    public bool? RecordRoute { get; init; }

    /// <summary><c>follow_redirects</c>: a 3xx is followed here and not passed on. Default false.</summary>
    public bool FollowRedirects { get; init; }

    /// <summary><c>duration_seconds_max</c>: in place of the one under <c>timers</c>. Null: that one.</summary>
    public int? DurationSecondsMax { get; init; }

    /// <summary><c>session_timer</c>: <c>pass</c> leaves it to the ends and watches it, a number of seconds makes the
    /// box the refresher of both legs with that session interval (RFC 4028). Default <c>pass</c>, here 0.</summary>
    public int SessionTimerSeconds { get; init; }

    /// <summary><c>calls_max</c>: calls at a time on this route. Null: no limit.</summary>
    public int? CallsMax { get; init; }

    /// <summary><c>calls_per_second</c>: new calls a second on this route. Null: no limit.</summary>
    public int? CallsPerSecond { get; init; }

    /// <summary><c>rewrite</c>: what changes in messages on this route. Null: nothing but what hiding does.</summary>
    public RewriteConfig? Rewrite { get; init; }

    /// <summary><c>codecs</c>: what descriptions on this route may name, beside what their realms permit. Null: all.
    /// </summary>
    public CodecsConfig? Codecs { get; init; }
}
