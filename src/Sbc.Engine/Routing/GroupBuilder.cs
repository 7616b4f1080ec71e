using System.Text;
using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Compiles groups, those too that a route makes by naming a peer.</summary>
internal sealed class GroupBuilder(NameRows rows, Peer[] peers)
{
    /// <summary>Weights of configuration and DNS are multiplied: parts of a part stay whole numbers.</summary>
    private const int WeightUnits = 1000;

    private readonly List<Group> _groups = [];

    public IReadOnlyList<Group> All => _groups;

    public void Add(GroupConfig config)
    {
        IReadOnlyList<GroupPeerConfig> configured =
            config.Srv is null ? config.Peers : [new GroupPeerConfig { Peer = config.Name }];
        (Peer Peer, MemberShare Share)[] members = [.. configured.SelectMany(Members)
            .Take(Limits.GroupMembersMax)];
        if (config.Probe.IntervalSeconds > 0)
        {
            Probe probe = ProbeOf(config.Probe);
            foreach ((Peer member, _) in members) member.Probe ??= probe;
        }
        _groups.Add(new Group
        {
            Id = SnapshotBuilder.Row(rows, config.Name),
            Name = config.Name,
            Members = [.. members.Select(member => member.Peer)],
            Shares = [.. members.Select(member => member.Share)],
            Balance = BalanceOf(config.Balance),
            Limits = new CallLimits(config.CallsMax ?? 0, config.CallsPerSecond ?? 0),
            Panics = config.Panic == PanicMode.Spread,
            SlowStartMilliseconds = config.Probe.SlowStartSeconds * 1000,
            Failover = new Failover
            {
                OnResponses = [.. config.Failover.OnStatuses],
                OnTimeout = config.Failover.OnTimeout,
                OnTransport = config.Failover.OnTransport,
                SilenceMilliseconds = config.Failover.SilenceMs,
                AttemptsMax = config.Failover.AttemptsMax,
            },
        });
    }

    /// <summary>The group of that name; a peer that a route names is a group of its addresses, probed as groups are by
    /// default.</summary>
    public Group Find(string name)
    {
        if (_groups.Find(group => group.Name == name) is { } found) return found;
        var defaults = new ProbeConfig();
        (Peer Peer, MemberShare Share)[] members = [.. Members(new GroupPeerConfig { Peer = name })];
        foreach ((Peer member, _) in members) member.Probe ??= ProbeOf(defaults);
        var group = new Group
        {
            Id = SnapshotBuilder.Row(rows, name),
            Name = name,
            Members = [.. members.Select(member => member.Peer)],
            Shares = [.. members.Select(member => member.Share)],
            // As RFC 2782 wants it: by priority, and by weight within one.
            Balance = Balance.Weighted,
            Failover = new Failover(),
            SlowStartMilliseconds = defaults.SlowStartSeconds * 1000,
        };
        _groups.Add(group);
        return group;
    }

    /// <summary>All addresses of a configured peer, with their parts of its weight.</summary>
    private IEnumerable<(Peer Peer, MemberShare Share)> Members(GroupPeerConfig config)
    {
        Peer[] addresses = [.. peers.Where(peer => peer.ConfiguredName == config.Peer)];
        foreach (Peer peer in addresses)
        {
            int all = addresses.Where(other => other.Priority == peer.Priority).Sum(other => other.Weight);
            int weight = Math.Max(1, (int)((long)config.Weight * WeightUnits * peer.Weight / all));
            yield return (peer, new MemberShare(weight, (config.Priority << 14) + peer.Priority, Seed(peer.Name)));
        }
    }

    private static Probe ProbeOf(ProbeConfig config) =>
        new(config.IntervalSeconds * 1000, config.DownAfter, config.UpAfter, [.. config.DownOn]);

    // By name: the configuration's words stand in its own order.
    private static Balance BalanceOf(BalanceMethod method) => method switch
    {
        BalanceMethod.RoundRobin => Balance.RoundRobin,
        BalanceMethod.Weighted => Balance.Weighted,
        BalanceMethod.TwoChoices => Balance.TwoChoices,
        BalanceMethod.CallIdHash => Balance.CallIdHash,
        BalanceMethod.SourceHash => Balance.SourceHash,
        BalanceMethod.Priority => Balance.Priority,
        _ => Balance.LeastCalls,
    };

    /// <summary>Not secret: the call's key is, and the same name must have the same seed after a reload.</summary>
    private static ulong Seed(string name) => new SipHash(0, 0).Hash(Encoding.UTF8.GetBytes(name));
}
