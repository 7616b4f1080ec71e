using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Rewriting;
using Sbc.Sip.Message;

namespace Sbc.Engine.Routing;

/// <summary>Compiles the rules for one worker: regular expressions are its own.</summary>
internal sealed class RouteTableBuilder(SbcConfig config, Realm[] realms, Peer[] peers, Route[] routes)
{
    /// <param name="byRow">All routes by row, those that number tables made too.</param>
    public RouteTable Build(Route?[] byRow)
    {
        RouteEntry[] entries = [.. config.Routes.Select((route, i) => Entry(route, routes[i]))];
        int rows = peers.Length == 0 ? 0 : peers.Max(peer => peer.Id) + 1;
        var byPeer = new RouteList?[rows];
        HashSet<Peer> named = [.. routes.SelectMany(route => route.FromPeers ?? [])];
        foreach (Peer peer in named)
            byPeer[peer.Id] = new RouteList(entries.Where(entry => entry.Route.TakesFrom(peer.Realm, peer)));
        var rewrites = new Rewrite?[byRow.Length];
        for (int i = 0; i < routes.Length; i++)
        {
            Rewrite? rewrite = RewriteCompiler.Compile(config.Routes[i].Rewrite);
            foreach (Route route in routes[i].ByValue.Append(routes[i])) rewrites[route.Id] = rewrite;
        }
        return new RouteTable
        {
            ByRealm = [.. realms.Select(realm =>
                new RouteList(entries.Where(entry => entry.Route.TakesFrom(realm, null))))],
            ByPeer = byPeer,
            Rewrites = rewrites,
        };
    }

    private RouteEntry Entry(RouteConfig route, Route compiled)
    {
        if (route.Match is not { } match) return new RouteEntry(compiled, null, []);
        string start = match.RequestUser is null ? "" : BytePattern.LiteralStart(match.RequestUser);
        TableConfig? table = match.Table is null ? null : config.FindTable(match.Table.Name);
        return new RouteEntry(
            compiled,
            new RouteMatch
            {
                Methods = Methods(match.Methods),
                Sources = [.. match.Sources.Select(source => new SourcePrefix(source.Address, source.Length, 0))],
                Minutes = Minutes(match.Times),
                RequestUser = Pattern(match.RequestUser),
                RequestUri = Pattern(match.RequestUri),
                From = Pattern(match.From),
                To = Pattern(match.To),
                Headers = [.. match.Headers.Select(header => new HeaderCondition(
                    HeaderNames.Parse(Encoding.ASCII.GetBytes(header.Key)), Encoding.ASCII.GetBytes(header.Key),
                    new BytePattern(header.Value)))],
                Table = table?.Numbers,
                TableValues = table is null || match.Table!.Values.Count == 0 ? []
                    : [.. match.Table.Values.Select(table.IndexOf)],
            },
            Encoding.Latin1.GetBytes(start));
    }

    private static BytePattern? Pattern(string? pattern) => pattern is null ? null : new BytePattern(pattern);

    private static uint Methods(IReadOnlyList<string> names)
    {
        uint methods = 0;
        foreach (string name in names) methods |= 1u << (int)SipMethods.Parse(Encoding.ASCII.GetBytes(name));
        return methods;
    }

    private static ulong[]? Minutes(IReadOnlyList<WeekHours> times)
    {
        if (times.Count == 0) return null;
        ulong[] minutes = new ulong[(WeekHours.MinutesOfWeek + 63) / 64];
        foreach (WeekHours time in times)
            foreach (int minute in time.Minutes) minutes[minute >> 6] |= 1UL << minute;
        return minutes;
    }
}
