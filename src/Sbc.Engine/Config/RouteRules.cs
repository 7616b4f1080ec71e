namespace Sbc.Engine.Config;

/// <summary>What must hold for routes.</summary>
internal static class RouteRules
{
    private const int ReasonCharactersMax = 128;

    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        var froms = new Dictionary<string, string>();
        for (int i = 0; i < config.Routes.Count; i++)
        {
            RouteConfig route = config.Routes[i];
            string path = $"routes[{i}]";
            From(config, route, path, problems);
            To(config, route, path, problems);
            problems.Range($"{path}.calls_max", route.CallsMax, 1, 10_000_000);
            problems.Range($"{path}.calls_per_second", route.CallsPerSecond, 1, 1_000_000);
            problems.Range($"{path}.duration_seconds_max", route.DurationSecondsMax, 1, 31_536_000);
            if (route.SessionTimerSeconds != 0)
                problems.Range($"{path}.session_timer", route.SessionTimerSeconds, 90, 86400);
            if (route.Match is not null || route.From == "" || route.To is { Kind: RouteTargetKind.Table }) continue;
            if (!froms.TryAdd(route.From, route.Name))
            {
                problems.Warning($"{path}.from", $"route \"{froms[route.From]}\" takes everything from "
                    + $"\"{route.From}\", so this one is never reached");
            }
        }
    }

    private static void From(SbcConfig config, RouteConfig route, string path, ConfigProblems problems)
    {
        string[] names = [.. config.Realms.Select(r => r.Name), .. Targets(config)];
        if (route.From == "")
            problems.Error($"{path}.from", "a route needs from: the name of a realm, peer or group");
        else if (!names.Contains(route.From))
            problems.Error($"{path}.from", $"there is no realm, peer or group \"{route.From}\""
                + NearestName.Hint(route.From, names));
    }

    private static void To(SbcConfig config, RouteConfig route, string path, ConfigProblems problems)
    {
        switch (route.To?.Kind)
        {
            case null:
                problems.Error($"{path}.to", "a route needs to: a peer, a group, request_uri or {reject: 403}");
                break;
            case RouteTargetKind.Named:
                if (route.To.Names.Count == 0)
                    problems.Error($"{path}.to", "the list names no target; name a peer or a group");
                for (int i = 0; i < route.To.Names.Count; i++)
                {
                    string at = route.To.Names.Count == 1 ? $"{path}.to" : $"{path}.to[{i}]";
                    Named(config, route.To.Names, i, at, problems);
                }
                break;
            case RouteTargetKind.RequestUri:
                RequestUri(config, route, path, problems);
                break;
            case RouteTargetKind.Reject:
                Reject(route.To, $"{path}.to", problems);
                break;
        }
        Fork(route, $"{path}.fork", problems);
        if (route.Realm is not null && route.To is not null && route.To.Kind != RouteTargetKind.RequestUri)
            problems.Warning(
                $"{path}.realm", "realm has an effect with to: request_uri only; a peer has a realm of its own");
    }

    private static void Fork(RouteConfig route, string path, ConfigProblems problems)
    {
        problems.Range(path.Replace(".fork", ".fork_ringing_seconds"), route.ForkRingingSeconds, 1, 3600);
        if (route.To is { Kind: RouteTargetKind.Registered } || route.Fork != ForkMode.Simultaneous) return;
        if (route.Mode == RouteMode.Forward)
            problems.Error(path, "mode: forward keeps no state to fork with; write mode: call, or leave fork out");
        else if (route.To is not { Kind: RouteTargetKind.Named, Names.Count: > 1 })
            problems.Warning(path, "fork has an effect where to is registered, or a list of peers or groups");
        else if (route.To.Names.Count > Limits.TargetsMax)
            problems.Error(path, $"at most {Limits.TargetsMax} targets can be tried; shorten the list");
    }

    private static void Named(
        SbcConfig config, IReadOnlyList<string> names, int index, string at, ConfigProblems problems)
    {
        string name = names[index];
        string[] targets = Targets(config);
        if (names.Take(index).Contains(name))
            problems.Error(at, $"\"{name}\" is already in the list; name it once");
        if (targets.Contains(name)) return;
        string what = config.FindRealm(name) is not null
            ? $"\"{name}\" is a realm; to names a peer or group, or is request_uri with realm: {name}"
            : $"there is no peer or group \"{name}\""
                + NearestName.Hint(name, [.. targets, RouteTarget.RequestUriWord, RouteTarget.RegisteredWord]);
        problems.Error(at, what);
    }

    private static void RequestUri(SbcConfig config, RouteConfig route, string path, ConfigProblems problems)
    {
        if (route.Realm is null)
            problems.Error($"{path}.to", "request_uri needs realm: the realm to send out of");
        else if (config.FindRealm(route.Realm) is null)
            problems.Error($"{path}.realm", $"there is no realm \"{route.Realm}\""
                + NearestName.Hint(route.Realm, [.. config.Realms.Select(r => r.Name)]));

        bool untrusted = RealmsOf(config, route.From).Any(
            name => config.FindRealm(name) is { Trust: RealmTrust.Untrusted });
        if (untrusted && !route.OpenRelay)
        {
            problems.Error($"{path}.to", $"request_uri from \"{route.From}\", which is untrusted, lets strangers call "
                + "anywhere through this box; write a peer or group, or open_relay: true if that is meant");
        }
    }

    private static void Reject(RouteTarget target, string path, ConfigProblems problems)
    {
        problems.Range($"{path}.reject", target.RejectStatus, 400, 699);
        if (target.RejectReason is not { } reason) return;
        if (reason.Length > ReasonCharactersMax || reason.Any(char.IsControl))
            problems.Error($"{path}.reason", $"a reason is one line of at most {ReasonCharactersMax} characters");
    }

    /// <summary>The realms that calls matching this <c>from</c> come out of. A group's members may be in
    /// several.</summary>
    private static IEnumerable<string> RealmsOf(SbcConfig config, string from)
    {
        if (config.FindRealm(from) is not null) return [from];
        if (config.FindPeer(from) is { } peer) return [peer.Realm];
        return config.FindGroup(from)?.Peers.Select(m => config.FindPeer(m.Peer)?.Realm ?? "") ?? [];
    }

    private static string[] Targets(SbcConfig config) =>
        [.. config.Peers.Select(p => p.Name), .. config.Groups.Select(g => g.Name)];
}
