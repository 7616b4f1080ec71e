using System.Text;
using Sbc.Engine.Routing;
using Sbc.Sip.Message;

namespace Sbc.Engine.Config;

/// <summary>What must hold for <c>match</c> of routes, and for the tables they ask.</summary>
internal static class MatchRules
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        for (int i = 0; i < config.Routes.Count; i++)
        {
            RouteConfig route = config.Routes[i];
            if (route.Match is { } match) Check(config, match, $"routes[{i}].match", problems);
            if (route.To is { Kind: RouteTargetKind.Table }) Target(config, route, $"routes[{i}].to", problems);
        }
    }

    private static void Check(SbcConfig config, RouteMatchConfig match, string path, ConfigProblems problems)
    {
        for (int i = 0; i < match.Methods.Count; i++)
        {
            if (SipMethods.Parse(Encoding.ASCII.GetBytes(match.Methods[i])) != SipMethod.Other) continue;
            problems.Error($"{path}.method[{i}]", $"\"{match.Methods[i]}\" is no method that this program knows; "
                + "write one such as INVITE, in capitals");
        }
        Pattern(match.RequestUser, $"{path}.request_user", problems);
        Pattern(match.RequestUri, $"{path}.request_uri", problems);
        Pattern(match.From, $"{path}.from", problems);
        Pattern(match.To, $"{path}.to", problems);
        foreach ((string name, string pattern) in match.Headers)
        {
            if (!Grammar.IsToken(Encoding.UTF8.GetBytes(name)))
                problems.Error($"{path}.header.{name}", $"\"{name}\" is no name of a header field");
            Pattern(pattern, $"{path}.header.{name}", problems);
        }
        if (match.Table is not { } asked) return;
        if (config.FindTable(asked.Name) is not { } table)
        {
            NoTable(config, asked.Name, $"{path}.table", problems);
            return;
        }
        foreach (string value in asked.Values)
        {
            if (table.IndexOf(value) < 0)
                problems.Warning($"{path}.table", $"no prefix of table \"{table.Name}\" has the value \"{value}\"");
        }
    }

    /// <summary>What an expression would do to strangers' texts is linear: those that backtrack are not offered.
    /// </summary>
    public static void Pattern(string? pattern, string path, ConfigProblems problems)
    {
        if (pattern is null) return;
        try
        {
            BytePattern.Parse(pattern);
        }
        catch (ArgumentException broken)
        {
            problems.Error(path, $"this is no regular expression: {broken.Message}");
        }
        catch (NotSupportedException broken)
        {
            problems.Error(path, $"this expression needs backtracking, which a stranger could make slow: "
                + $"{broken.Message}");
        }
    }

    private static void Target(SbcConfig config, RouteConfig route, string path, ConfigProblems problems)
    {
        if (config.FindTable(route.To!.Table) is not { } table)
        {
            NoTable(config, route.To.Table, path, problems);
            return;
        }
        foreach (TableValue value in table.Values)
        {
            if (config.FindPeer(value.Text) is not null || config.FindGroup(value.Text) is not null) continue;
            string[] names = [.. config.Peers.Select(p => p.Name), .. config.Groups.Select(g => g.Name)];
            problems.Error(path, $"{table.File}:{value.Line}: there is no peer or group \"{value.Text}\""
                + NearestName.Hint(value.Text, names));
        }
    }

    private static void NoTable(SbcConfig config, string name, string path, ConfigProblems problems) =>
        problems.Error(path, $"there is no table \"{name}\""
            + NearestName.Hint(name, [.. config.Tables.Select(table => table.Name)]));
}
