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
        if (old.Timers != next.Timers) yield return "timers";
        if (old.Drain != next.Drain) yield return "drain";
        if (old.Log != next.Log) yield return "log";
        if (old.Admin != next.Admin) yield return "admin";
        if (old.Guard != next.Guard) yield return "guard";
    }

    // A record compares its lists by identity: they are compared here, and then taken out of the comparison.
    private static bool Same(PeerConfig a, PeerConfig b) =>
        a.Source.SequenceEqual(b.Source) && a with { Source = b.Source } == b;

    private static bool Same(GroupConfig a, GroupConfig b) =>
        a.Peers.SequenceEqual(b.Peers) && a.Failover.OnStatuses.SequenceEqual(b.Failover.OnStatuses)
        && a with { Peers = b.Peers, Failover = a.Failover with { OnStatuses = b.Failover.OnStatuses } } == b;

    private static bool Same(RouteConfig a, RouteConfig b) =>
        a.LaterKeys.SequenceEqual(b.LaterKeys) && a with { LaterKeys = b.LaterKeys } == b;

    private static bool Same(RealmConfig a, RealmConfig b) =>
        a.Listen.SequenceEqual(b.Listen) && a.Names.SequenceEqual(b.Names) && Same(a.Media, b.Media)
        && a with { Listen = b.Listen, Names = b.Names, Media = b.Media, Allow = b.Allow, Deny = b.Deny } == b;

    private static bool Same(RealmMediaConfig? a, RealmMediaConfig? b)
    {
        if (a is null || b is null) return a is null && b is null;
        return a.Addresses.SequenceEqual(b.Addresses) && a.Advertise.SequenceEqual(b.Advertise)
            && a with { Addresses = b.Addresses, Advertise = b.Advertise } == b;
    }
}
