using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>routes</c> to <see cref="RouteConfig"/>.</summary>
internal static class RouteBinder
{
    /// <summary>Known keys whose form is fixed with their feature.</summary>
    private static readonly string[] Later = ["rewrite", "codecs"];

    public static RouteConfig Bind(int index, MappingReader map)
    {
        var route = new RouteConfig
        {
            Name = map.Text("name") ?? $"route-{index + 1}",
            From = map.Text("from") ?? "",
            To = map.Value("to") is { } to ? Target(to) : null,
            Realm = map.Text("realm"),
            Mode = map.Word("mode", ConfigWords.RouteMode) ?? RouteMode.Call,
            OpenRelay = map.Flag("open_relay") ?? false,
            Match = map.Mapping("match") is { } match ? Match(match) : null,
            RecordRoute = map.Flag("record_route") ?? false,
            FollowRedirects = map.Flag("follow_redirects") ?? false,
            DurationSecondsMax = map.Whole("duration_seconds_max"),
            SessionTimerSeconds = map.Value("session_timer") is { } timer && !timer.IsWord("pass")
                ? timer.Whole("pass or a number of seconds") ?? 0
                : 0,
            LaterKeys = [.. Later.Where(key => map.Value(key) is not null)],
        };
        map.Done();
        return route;
    }

    private static RouteTarget? Target(ValueReader to)
    {
        if (!to.IsMapping) return to.Text() is { } word ? RouteTarget.Of(word) : null;
        MappingReader map = to.Mapping();
        int? status = map.Whole("reject");
        string? reason = map.Text("reason");
        map.Done();
        if (map.Value("reject") is null) to.Fail("a target in braces is {reject: STATUS, reason: TEXT}");
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
        if (map.Value("request_user") is { } user) user.HintAtDoubleQuotes();
        var headers = new Dictionary<string, string>();
        foreach ((string name, ValueReader value) in map.Named("header"))
        {
            value.HintAtDoubleQuotes();
            if (value.Text() is { } pattern) headers[name] = pattern;
        }
        var match = new RouteMatchConfig
        {
            Methods = map.Texts("method", single: true),
            RequestUser = map.Text("request_user"),
            Sources = map.List<IPPrefix>("source", IPPrefix.TryParse, single: true),
            Headers = headers,
        };
        map.Done();
        return match;
    }
}
