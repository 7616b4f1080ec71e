namespace Sbc.Engine.Config;

/// <summary>Names of realms, peers, groups and routes: well-formed, and each means one thing.</summary>
internal static class NameRules
{
    private const int NameCharactersMax = 64;

    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        var known = new Dictionary<string, string>();
        foreach (RealmConfig realm in config.Realms) One(realm.Name, "realm", $"realms.{realm.Name}", known, problems);
        foreach (PeerConfig peer in config.Peers) One(peer.Name, "peer", $"peers.{peer.Name}", known, problems);
        foreach (GroupConfig group in config.Groups) One(group.Name, "group", $"groups.{group.Name}", known, problems);

        var tables = new Dictionary<string, string>();
        foreach (TableConfig table in config.Tables) One(table.Name, "table", $"tables.{table.Name}", tables, problems);
        var routes = new Dictionary<string, string>();
        for (int i = 0; i < config.Routes.Count; i++)
            One(config.Routes[i].Name, "route", $"routes[{i}].name", routes, problems);
    }

    private static void One(
        string name, string kind, string path, Dictionary<string, string> known, ConfigProblems problems)
    {
        if (!IsWellFormed(name))
        {
            problems.Error(path, $"\"{name}\" is no name; write letters, digits, \"-\" and \"_\", a letter or digit "
                + $"first, at most {NameCharactersMax}");
        }
        else if (name is RouteTarget.RequestUriWord or RouteTarget.RegisteredWord)
        {
            problems.Error(path, $"\"{name}\" is a word of its own in routes; choose another name");
        }
        if (!known.TryAdd(name, kind))
            problems.Error(path, $"the name \"{name}\" is already that of a {known[name]}; choose another");
    }

    /// <summary>It becomes a metric label and a part of admin URLs.</summary>
    private static bool IsWellFormed(string name) =>
        name.Length is > 0 and <= NameCharactersMax
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
