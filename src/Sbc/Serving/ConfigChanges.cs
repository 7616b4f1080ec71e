using System.Text.Json.Serialization;
using Sbc.Engine.Config;

namespace Sbc.Program.Serving;

/// <summary>What is different between two configurations, by name.</summary>
/// <param name="RoutesReordered">The routes that both have stand in another order, which decides who matches
/// first.</param>
/// <param name="Sections">Other sections that changed: timers, drain, log, admin, guard.</param>
public sealed record ConfigChanges(
    NameChanges Realms, NameChanges Peers, NameChanges Groups, NameChanges Routes, bool RoutesReordered,
    IReadOnlyList<string> Sections)
{
    [JsonIgnore]
    public bool IsNone => Realms.IsNone && Peers.IsNone && Groups.IsNone && Routes.IsNone && !RoutesReordered
        && Sections.Count == 0;

    public static ConfigChanges Between(SbcConfig old, SbcConfig next) => new(
        NameChanges.Between(old.Realms, next.Realms, realm => realm.Name, Same),
        NameChanges.Between(old.Peers, next.Peers, peer => peer.Name, Same),
        NameChanges.Between(old.Groups, next.Groups, group => group.Name, Same),
        NameChanges.Between(old.Routes, next.Routes, route => route.Name, Same),
        Reordered(old.Routes, next.Routes),
        [.. ChangedSections(old, next)]);

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            .. Words("realm", Realms), .. Words("peer", Peers), .. Words("group", Groups), .. Words("route", Routes),
            .. RoutesReordered ? ["order of routes"] : Array.Empty<string>(),
            .. Sections.Select(name => $"{name} changed"),
        ];
        return parts.Length == 0 ? "nothing changed" : string.Join(", ", parts);
    }

    private static IEnumerable<string> Words(string kind, NameChanges changes) =>
        changes.Added.Select(name => $"{kind} {name} added")
            .Concat(changes.Removed.Select(name => $"{kind} {name} removed"))
            .Concat(changes.Changed.Select(name => $"{kind} {name} changed"));

    private static bool Reordered(IReadOnlyList<RouteConfig> old, IReadOnlyList<RouteConfig> next)
    {
        string[] before = [.. old.Select(route => route.Name)];
        string[] after = [.. next.Select(route => route.Name)];
        return !before.Intersect(after).SequenceEqual(after.Intersect(before));
    }

    private static IEnumerable<string> ChangedSections(SbcConfig old, SbcConfig next)
    {
        if (!old.Tables.SequenceEqual(next.Tables, new SameTable())) yield return "tables";
        if (!old.Dns.Servers.SequenceEqual(next.Dns.Servers)) yield return "dns";
        if (!Same(old.Registrar, next.Registrar)) yield return "registrar";
        if (old.Timers != next.Timers) yield return "timers";
        if (old.Drain != next.Drain) yield return "drain";
        if (old.Log != next.Log) yield return "log";
        if (old.Admin != next.Admin) yield return "admin";
        if (old.Guard != next.Guard) yield return "guard";
    }

    // A record compares its lists by identity: they are compared here, and then taken out of the comparison.
    private static bool Same(PeerConfig a, PeerConfig b) =>
        a.Source.SequenceEqual(b.Source) && a with { Source = b.Source } == b;

    private static bool Same(RegistrarConfig? a, RegistrarConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.Domains.SequenceEqual(b.Domains) && a.Algorithms.SequenceEqual(b.Algorithms)
            && a.Users.SequenceEqual(b.Users) && a.FileUsers.SequenceEqual(b.FileUsers)
            && Same(a.UsersTable, b.UsersTable)
            && a with
            {
                Domains = b.Domains, Algorithms = b.Algorithms, Users = b.Users, FileUsers = b.FileUsers,
                UsersTable = b.UsersTable,
            } == b;
    }

    private static bool Same(UsersTableConfig? a, UsersTableConfig? b) => a is null || b is null
        ? a is null && b is null
        : a.File == b.File && a.Query == b.Query && a.Users.IsSameAs(b.Users);

    private static bool Same(GroupConfig a, GroupConfig b) =>
        a.Peers.SequenceEqual(b.Peers) && a.Failover.OnStatuses.SequenceEqual(b.Failover.OnStatuses)
        && a.Probe.DownOn.SequenceEqual(b.Probe.DownOn)
        && a with
        {
            Peers = b.Peers,
            Probe = a.Probe with { DownOn = b.Probe.DownOn },
            Failover = a.Failover with { OnStatuses = b.Failover.OnStatuses },
        } == b;

    private static bool Same(RouteConfig a, RouteConfig b) =>
        Same(a.Codecs, b.Codecs) && Same(a.To, b.To) && Same(a.Match, b.Match) && Same(a.Rewrite, b.Rewrite)
        && a with { Codecs = b.Codecs, To = b.To, Match = b.Match, Rewrite = b.Rewrite } == b;

    private static bool Same(RouteTarget? a, RouteTarget? b) =>
        a is null || b is null ? a == b : a.Names.SequenceEqual(b.Names) && a with { Names = b.Names } == b;

    private static bool Same(RouteMatchConfig? a, RouteMatchConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.Methods.SequenceEqual(b.Methods) && a.Times.SequenceEqual(b.Times)
            && a.Sources.SequenceEqual(b.Sources) && a.Headers.SequenceEqual(b.Headers) && Same(a.Table, b.Table)
            && a with
            {
                Methods = b.Methods, Times = b.Times, Sources = b.Sources, Headers = b.Headers, Table = b.Table,
            } == b;
    }

    private static bool Same(TableMatchConfig? a, TableMatchConfig? b) =>
        a is null || b is null ? a == b : a.Name == b.Name && a.Values.SequenceEqual(b.Values);

    private static bool Same(RewriteConfig? a, RewriteConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.ToTarget.SequenceEqual(b.ToTarget) && a.ToCaller.SequenceEqual(b.ToCaller)
            && a.Statuses.SequenceEqual(b.Statuses);
    }

    private static bool Same(CodecsConfig? a, CodecsConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.Allow.SequenceEqual(b.Allow) && a.Deny.SequenceEqual(b.Deny) && a.Order.SequenceEqual(b.Order);
    }

    private static bool Same(RealmConfig a, RealmConfig b) =>
        a.Listen.SequenceEqual(b.Listen) && a.Names.SequenceEqual(b.Names) && Same(a.Media, b.Media)
        && Same(a.Codecs, b.Codecs)
        && a with
        {
            Listen = b.Listen, Names = b.Names, Media = b.Media, Codecs = b.Codecs, Allow = b.Allow, Deny = b.Deny,
        } == b;

    private static bool Same(RealmMediaConfig? a, RealmMediaConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.Addresses.SequenceEqual(b.Addresses) && a.Advertise.SequenceEqual(b.Advertise)
            && a with { Addresses = b.Addresses, Advertise = b.Advertise } == b;
    }

    /// <summary>By what can be told without a million comparisons: file, values and number of prefixes.</summary>
    private sealed class SameTable : IEqualityComparer<TableConfig>
    {
        public bool Equals(TableConfig? a, TableConfig? b) => a!.Name == b!.Name && a.File == b.File
            && a.Numbers.Prefixes == b.Numbers.Prefixes && a.Values.SequenceEqual(b.Values);

        public int GetHashCode(TableConfig table) => 0;
    }
}
