namespace Sbc.Engine.Routing;

/// <summary>A rule as one worker asks it.</summary>
/// <param name="Route">What it leads to.</param>
/// <param name="Match">Null: it takes everything.</param>
/// <param name="UserStart">What the user of the Request-URI begins with wherever it matches; empty: not known.</param>
public sealed record RouteEntry(Route Route, RouteMatch? Match, byte[] UserStart);

/// <summary>The rules for what comes from one realm or peer, in order.</summary>
/// <remarks>
/// Most rules of a long list begin with a number. Their beginnings are a table that gives for a number the few rules
/// that can match it, in order, so that a thousand rules cost hardly more than ten.
/// </remarks>
public sealed class RouteList
{
    private const int IndexedFrom = 8;

    private readonly RouteEntry[] _all;
    private readonly NumberTable? _starts;
    private readonly RouteEntry[][] _candidates = [];

    public RouteList(IEnumerable<RouteEntry> entries)
    {
        // Behind one that takes everything nothing is reached.
        RouteEntry[] all = [.. entries];
        int end = Array.FindIndex(all, entry => entry.Match is null && entry.Route.Table is null);
        _all = end < 0 ? all : all[..(end + 1)];
        byte[][] starts = [.. _all.Select(entry => entry.UserStart).Where(start => start.Length > 0)
            .DistinctBy(System.Text.Encoding.Latin1.GetString)];
        if (_all.Length < IndexedFrom || starts.Length == 0) return;
        var builder = new NumberTableBuilder();
        builder.Add(default, 0);
        var candidates = new List<RouteEntry[]> { CandidatesOf([]) };
        foreach (byte[] start in starts)
        {
            builder.Add(start, candidates.Count);
            candidates.Add(CandidatesOf(start));
        }
        _starts = builder.Build(out _);
        _candidates = [.. candidates];
    }

    public Route? Match(scoped in RouteQuestion question)
    {
        RouteEntry[] entries = _starts is null ? _all : _candidates[_starts.Find(question.User)];
        foreach (RouteEntry entry in entries)
        {
            if (entry.Match is not null && !entry.Match.Holds(question)) continue;
            if (entry.Route.Table is not { } table) return entry.Route;
            int value = table.Find(question.User);
            if (value >= 0) return entry.Route.ByValue[value];
        }
        return null;
    }

    /// <summary>The rules that a user with this beginning, and no longer one, can match.</summary>
    private RouteEntry[] CandidatesOf(byte[] start) =>
        [.. _all.Where(entry => start.AsSpan().StartsWith(entry.UserStart))];
}
