using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>routes</c> to <see cref="RouteConfig"/>.</summary>
internal static class RouteBinder
{
    public static RouteConfig Bind(int index, MappingReader map)
    {
        var route = new RouteConfig
        {
            Name = map.Text("name") ?? $"route-{index + 1}",
            From = map.Text("from") ?? "",
            To = map.Value("to") is { } to ? Target(to) : null,
            Realm = map.Text("realm"),
            Mode = map.Word("mode", ConfigWords.RouteMode) ?? RouteMode.Call,
            Fork = map.Word("fork", ConfigWords.Fork),
            ForkRingingSeconds = map.Whole("fork_ringing_seconds") ?? new RouteConfig().ForkRingingSeconds,
            OpenRelay = map.Flag("open_relay") ?? false,
            Match = map.Mapping("match") is { } match ? Match(match) : null,
            RecordRoute = map.Flag("record_route"),
            FollowRedirects = map.Flag("follow_redirects") ?? false,
            DurationSecondsMax = map.Whole("duration_seconds_max"),
            SessionTimerSeconds = map.Value("session_timer") is { } timer && !timer.IsWord("pass")
                ? timer.Whole("pass or a number of seconds") ?? 0
                : 0,
            CallsMax = map.Whole("calls_max"),
            CallsPerSecond = map.Whole("calls_per_second"),
            Rewrite = map.Mapping("rewrite") is { } rewrite ? RewriteBinder.Bind(rewrite) : null,
            Codecs = map.Mapping("codecs") is { } codecs ? CodecsBinder.Bind(codecs) : null,
        };
        map.Done();
        return route;
    }

    private static RouteTarget? Target(ValueReader to)
    {
        if (to.IsList) return RouteTarget.Named([.. to.Items().Select(item => item.Text()).OfType<string>()]);
        if (!to.IsMapping) return to.Text() is { } word ? RouteTarget.Of(word) : null;
        MappingReader map = to.Mapping();
        if (map.Text("table") is { } table)
        {
            map.Done();
            return new RouteTarget { Kind = RouteTargetKind.Table, Table = table };
        }
        int? status = map.Whole("reject");
        string? reason = map.Text("reason");
        map.Done();
        if (map.Value("reject") is null) 
            to.Fail("a target in braces is {reject: STATUS, reason: TEXT} or {table: NAME}");
        return status is { } number ? RouteTarget.Reject(number, reason) : Unread(to);
    }

    /// <summary>The error stands at the status; the target as a whole is not missing besides.</summary>
    private static RouteTarget? Unread(ValueReader to)
    {
        to.Reading.Broken(to.Path);
        return null;
    }

    private static RouteMatchConfig Match(MappingReader map)
    {
        var headers = new Dictionary<string, string>();
        foreach ((string name, ValueReader value) in map.Named("header"))
        {
            value.HintAtDoubleQuotes();
            if (value.Text() is { } pattern) headers[name] = pattern;
        }
        var match = new RouteMatchConfig
        {
            Methods = map.Texts("method", single: true),
            RequestUser = Pattern(map, "request_user"),
            RequestUri = Pattern(map, "request_uri"),
            From = Pattern(map, "from"),
            To = Pattern(map, "to"),
            Table = map.Value("table") is { } table ? Table(table) : null,
            Times = map.List<WeekHours>("time", WeekHours.TryParse, single: true),
            Sources = map.List<IPPrefix>("source", IPPrefix.TryParse, single: true),
            Headers = headers,
        };
        map.Done();
        return match;
    }

    private static string? Pattern(MappingReader map, string key)
    {
        if (map.Value(key) is { } value) value.HintAtDoubleQuotes();
        return map.Text(key);
    }

    private static TableMatchConfig? Table(ValueReader value)
    {
        if (!value.IsMapping) return value.Text() is { } only ? new TableMatchConfig(only, []) : null;
        MappingReader map = value.Mapping();
        var table = new TableMatchConfig(map.Text("name") ?? "", map.Texts("value", single: true));
        map.Done();
        return table;
    }
}
