namespace Sbc.Engine.Config;

/// <summary>What must hold for routes of mode forward: nothing is remembered, so nothing may need a memory.</summary>
internal static class ForwardRules
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        if (config.Forward.Key is { } key && key.Value.Length < ForwardConfig.KeyLengthMin)
        {
            problems.Error(
                "forward.key", $"the key has fewer than {ForwardConfig.KeyLengthMin} characters; make one with openssl "
                + "rand -hex 32");
        }
        for (int i = 0; i < config.Routes.Count; i++)
        {
            RouteConfig route = config.Routes[i];
            string path = $"routes[{i}]";
            if (route.Mode == RouteMode.Forward) Check(config, route, path, problems);
            else if (route.RecordRoute is not null)
                problems.Error($"{path}.record_route", "record_route is for mode: forward; a call hides all routes");
        }
    }

    private static void Check(SbcConfig config, RouteConfig route, string path, ConfigProblems problems)
    {
        if (route.To is { Kind: RouteTargetKind.RequestUri or RouteTargetKind.Registered })
        {
            problems.Error($"{path}.to", "mode: forward goes to a peer or a group; write one, or mode: call");
            return;
        }
        // A repetition looks like a replay to whoever has no transaction, and peers need no credentials.
        if (config.Realms.Any(realm => realm.Authenticate && realm.Name == route.From))
        {
            problems.Error($"{path}.mode", $"\"{route.From}\" has authenticate: true, and mode: forward asks nobody "
                + "for a password; write mode: call, or take authenticate away");
        }
        if (route.To is not { Kind: RouteTargetKind.Named }) return;
        if (route.To.Names.Count > 1)
            problems.Error($"{path}.to", "mode: forward cannot fail over; write one group or peer, or mode: call");
        Refuse(route.CallsMax is not null, $"{path}.calls_max", "calls_max", problems);
        Refuse(route.CallsPerSecond is not null, $"{path}.calls_per_second", "calls_per_second", problems);
        if (route.Codecs is not null)
            problems.Error($"{path}.codecs", "mode: forward reads no descriptions; leave codecs out, or mode: call");
        foreach (string name in route.To.Names)
        {
            if (config.FindGroup(name) is { } group) Group(config, group, path, problems);
            else if (config.FindPeer(name) is { } peer) Peer(peer, $"{path}.to", problems);
        }
    }

    private static void Group(SbcConfig config, GroupConfig group, string path, ConfigProblems problems)
    {
        if (group.Balance is not (BalanceMethod.CallIdHash or BalanceMethod.SourceHash))
        {
            problems.Error($"{path}.mode", $"group \"{group.Name}\" has balance: "
                + $"{ConfigWords.Balance.Name(group.Balance)}, which would send CANCEL, ACK and repetitions to other "
                + "peers than their request; write call_id_hash or source_hash there, or mode: call here");
        }
        Refuse(group.CallsMax is not null, $"{path}.mode", $"calls_max of group \"{group.Name}\"", problems);
        Refuse(
            group.CallsPerSecond is not null, $"{path}.mode", $"calls_per_second of group \"{group.Name}\"", problems);
        if (group.Srv is not null)
            problems.Error($"{path}.mode", $"group \"{group.Name}\" is found by srv; mode: forward needs addresses");
        foreach (GroupPeerConfig member in group.Peers)
            if (config.FindPeer(member.Peer) is { } peer) Peer(peer, $"{path}.mode", problems);
    }

    private static void Peer(PeerConfig peer, string path, ConfigProblems problems)
    {
        if (peer.Uri is { Host.Address: null })
            problems.Error(path, $"peer \"{peer.Name}\" is given by a name; mode: forward needs its address");
        Refuse(peer.CallsMax is not null, path, $"calls_max of peer \"{peer.Name}\"", problems);
        Refuse(peer.CallsPerSecond is not null, path, $"calls_per_second of peer \"{peer.Name}\"", problems);
    }

    private static void Refuse(bool given, string path, string what, ConfigProblems problems)
    {
        if (given) problems.Error(path, $"{what} cannot hold in mode: forward, which keeps no calls; remove it");
    }
}
