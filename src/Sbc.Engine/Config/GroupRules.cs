namespace Sbc.Engine.Config;

/// <summary>What must hold for groups.</summary>
internal static class GroupRules
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        foreach (GroupConfig group in config.Groups)
        {
            string path = $"groups.{group.Name}";
            Members(config, group, path, problems);
            problems.Range($"{path}.probe.interval_seconds", group.Probe.IntervalSeconds, 0, 3600);
            problems.Range($"{path}.probe.down_after", group.Probe.DownAfter, 1, 100);
            problems.Range($"{path}.probe.up_after", group.Probe.UpAfter, 1, 100);
            problems.Range($"{path}.probe.slow_start_seconds", group.Probe.SlowStartSeconds, 0, 3600);
            foreach (int status in group.Probe.DownOn) problems.Range($"{path}.probe.down_on", status, 200, 699);
            problems.Range($"{path}.calls_max", group.CallsMax, 1, 10_000_000);
            problems.Range($"{path}.calls_per_second", group.CallsPerSecond, 1, 1_000_000);
            problems.Range($"{path}.failover.silence_ms", group.Failover.SilenceMs, 100, 32000);
            problems.Range($"{path}.failover.attempts_max", group.Failover.AttemptsMax, 1, 16);
            foreach (int status in group.Failover.OnStatuses)
                problems.Range($"{path}.failover.on", status, 400, 699);
        }
    }

    private static void Members(SbcConfig config, GroupConfig group, string path, ConfigProblems problems)
    {
        if (group.Peers.Count == 0 && group.Srv is null)
            problems.Error($"{path}.peers", "the group has no peer; name at least one");
        if (group.Peers.Count > 0 && group.Srv is not null)
            problems.Error($"{path}.srv", "peers and srv exclude each other; write one of them");
        Srv(config, group, path, problems);
        if (group.Peers.Count > Limits.GroupMembersMax)
        {
            problems.Error($"{path}.peers", $"{group.Peers.Count} peers are more than a group can have; write at most "
                + $"{Limits.GroupMembersMax}, and a second group behind this one in the route's list");
        }
        var seen = new HashSet<string>();
        for (int i = 0; i < group.Peers.Count; i++)
        {
            GroupPeerConfig member = group.Peers[i];
            string at = $"{path}.peers[{i}]";
            if (config.FindPeer(member.Peer) is null)
            {
                problems.Error(at, member.Peer == "" ? "a member needs the name of a peer"
                    : $"there is no peer \"{member.Peer}\""
                        + NearestName.Hint(member.Peer, [.. config.Peers.Select(p => p.Name)]));
            }
            if (!seen.Add(member.Peer))
                problems.Error(
                    at, $"\"{member.Peer}\" is already in the group; name it once");
            problems.Range($"{at}.weight", member.Weight, 1, 1000);
            problems.Range($"{at}.priority", member.Priority, 0, 65535);
        }
    }

    private static void Srv(SbcConfig config, GroupConfig group, string path, ConfigProblems problems)
    {
        if (group.Srv is null)
        {
            if (group.Realm is not null)
                problems.Error($"{path}.realm", "realm is for srv; a peer that is named has a realm of its own");
            return;
        }
        if (group.Realm is null)
            problems.Error($"{path}.srv", "srv needs realm: the realm that its targets are reached through");
        else if (config.FindRealm(group.Realm) is null)
            problems.Error($"{path}.realm", $"there is no realm \"{group.Realm}\""
                + NearestName.Hint(group.Realm, [.. config.Realms.Select(r => r.Name)]));
        string[] labels = group.Srv.Split('.', 3);
        if (labels.Length < 3 || labels[0] is not ("_sip" or "_sips") || labels[1] is not "_udp")
            problems.Error($"{path}.srv", $"\"{group.Srv}\" is no SRV name this version can use; write one such as "
                + "_sip._udp.example.net");
    }
}
