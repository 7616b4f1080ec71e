using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Config;
using Sbc.Media;
using Sbc.Runtime;
using ConfigAnswerOptions = Sbc.Engine.Config.AnswerOptions;
using ConfigTarget = Sbc.Engine.Config.RouteTargetKind;

namespace Sbc.Engine.Routing;

/// <summary>Compiles a valid configuration. One for the process: it remembers which name has which row.</summary>
public sealed class SnapshotBuilder
{
    private readonly NameRows _realms = new(Limits.RealmsMax);
    private readonly NameRows _peers = new(Limits.PeersMax);
    private readonly NameRows _groups = new(Limits.GroupsMax + Limits.PeersMax);
    private readonly NameRows _routes = new(Limits.RoutesMax);
    private readonly Dictionary<string, PortPool> _pools = [];
    private long _generation;

    public NameRows RealmRows => _realms;

    public NameRows PeerRows => _peers;

    public NameRows RouteRows => _routes;

    /// <summary>The pool of each realm that anchors media, by name.</summary>
    public IReadOnlyDictionary<string, PortPool> Pools => _pools;

    /// <param name="bound">Where each listener is bound, in the order of realms and their `listen`.</param>
    /// <exception cref="InvalidOperationException">More names than there are rows.</exception>
    public Snapshot Build(SbcConfig config, IReadOnlyList<TransportAddress> bound)
    {
        var listeners = new List<Listener>();
        Realm[] realms = [.. config.Realms.Select(realm => BuildRealm(realm, bound, listeners))];
        Realm[] byRow = new Realm[_realms.Count];
        foreach (Realm realm in realms) byRow[realm.Id] = realm;
        Peer[] peers = [.. config.Peers.Select(peer => BuildPeer(peer, realms))];
        List<Group> groups = [.. config.Groups.Select(group => BuildGroup(group, peers))];
        Route[] routes = [.. config.Routes.Select(route => BuildRoute(route, realms, peers, groups))];
        return new Snapshot
        {
            Generation = ++_generation,
            Realms = byRow,
            Listeners = [.. listeners],
            Peers = peers,
            PeerLookup = new PeerLookup(peers),
            Groups = [.. groups],
            Routes = routes,
            Timers = new Timers
            {
                T1 = config.Timers.T1Ms,
                T2 = config.Timers.T2Ms,
                T4 = config.Timers.T4Ms,
                RingingMax = config.Timers.RingingSecondsMax * 1000,
                DurationMax = config.Timers.DurationSecondsMax * 1000L,
                DialogProbe = config.Timers.DialogProbeSeconds * 1000,
            },
        };
    }

    private Realm BuildRealm(RealmConfig config, IReadOnlyList<TransportAddress> bound, List<Listener> all)
    {
        int id = Row(_realms, config.Name);
        var listeners = new List<Listener>();
        foreach (ListenConfig listen in config.Listen)
        {
            TransportAddress local = bound[all.Count];
            TransportAddress advertised = config.Advertise?.Address is { } address && address.IsIPv4 == local.IsIPv4
                ? address.WithPort(local.Port)
                : local;
            string host = config.HostWritten(listen);
            var listener = new Listener
            {
                Index = all.Count,
                RealmId = id,
                Local = local,
                Advertised = advertised,
                Host = Encoding.ASCII.GetBytes(host),
                HostPort = Encoding.ASCII.GetBytes($"{host}:{local.Port}"),
            };
            all.Add(listener);
            listeners.Add(listener);
        }
        LimitsConfig? limits = config.LimitsInForce;
        return new Realm
        {
            Id = id,
            Name = config.Name,
            Trusted = config.Trust == RealmTrust.Trusted,
            NatAuto = config.Nat == NatMode.Auto,
            // By name: the two enums have their members in different orders.
            AnswerOptions = config.AnswerOptions switch
            {
                ConfigAnswerOptions.All => AnswerOptions.All,
                ConfigAnswerOptions.Known => AnswerOptions.Known,
                _ => AnswerOptions.None,
            },
            InDialogSameIP = config.InDialogSource == InDialogSource.SameIP,
            IsStrict = config.Strictness == Strictness.Strict,
            Names = [.. config.Names.Select(Encoding.ASCII.GetBytes)],
            Listeners = [.. listeners],
            Media = config.Media is null ? null : BuildMedia(config, config.Media, id),
            MessagesPerSecondPerSource = limits?.MessagesPerSecondPerSource ?? 0,
            CallsPerSecond = limits?.CallsPerSecond ?? 0,
            CallsMax = limits?.CallsMax ?? 0,
        };
    }

    private RealmMedia BuildMedia(RealmConfig realm, RealmMediaConfig config, int id)
    {
        // A pool outlives reloads: its ports are in use. Another range is for the next start.
        if (!_pools.TryGetValue(realm.Name, out PortPool? pool))
        {
            pool = new PortPool(config.Ports.First, config.Ports.Last, config.QuarantineMs);
            _pools.Add(realm.Name, pool);
        }
        TransportAddress ipv4 = config.Addresses.FirstOrDefault(address => address.IsIPv4);
        TransportAddress ipv6 = config.Addresses.FirstOrDefault(address => !address.IsIPv4);
        var relay = new MediaRealm
        {
            Index = (ushort)id,
            Ports = pool,
            IPv4 = ipv4,
            IPv6 = ipv6,
            Latching = (LatchMode)realm.Latching,
            Dscp = (byte)config.Dscp,
            SilenceSeconds = config.SilenceSeconds,
        };
        return new RealmMedia(relay, config.Advertised(ipv4), config.Advertised(ipv6));
    }

    private Peer BuildPeer(PeerConfig config, Realm[] realms)
    {
        Realm realm = realms.First(r => r.Name == config.Realm);
        TransportAddress address = config.Uri!.Address!.Value;
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        return new Peer
        {
            Id = Row(_peers, config.Name),
            Name = config.Name,
            Realm = realm,
            Listener = realm.ListenerFor(address) ?? realm.Listeners[0],
            Address = address,
            HostPort = text[..HostMap.WriteTarget(address, text)].ToArray(),
            Trusted = config.Trust is { } trust ? trust == RealmTrust.Trusted : realm.Trusted,
            // Without `source` it is its address with any port; one with its very port is preferred (CONFIG).
            Sources = config.Source.Count == 0
                ? [new SourcePrefix(address.WithPort(0), address.IsIPv4 ? 32 : 128, address.Port),
                   new SourcePrefix(address.WithPort(0), address.IsIPv4 ? 32 : 128, 0)]
                : [.. config.Source.Select(source => new SourcePrefix(source.Address, source.Length, 0))],
        };
    }

    private Group BuildGroup(GroupConfig config, Peer[] peers)
    {
        Peer[] members = [.. config.Peers.Select(member => peers.First(peer => peer.Name == member.Peer))];
        if (config.Probe.IntervalSeconds > 0)
        {
            var probe = new Probe(config.Probe.IntervalSeconds * 1000, config.Probe.DownAfter, config.Probe.UpAfter);
            foreach (Peer member in members) member.Probe ??= probe;
        }
        return new Group
        {
            Id = Row(_groups, config.Name),
            Name = config.Name,
            Members = members,
            Balance = config.Balance == BalanceMethod.RoundRobin ? Balance.RoundRobin : Balance.LeastCalls,
            Failover = new Failover
            {
                OnResponses = [.. config.Failover.OnStatuses],
                OnTimeout = config.Failover.OnTimeout,
                OnTransport = config.Failover.OnTransport,
                SilenceMilliseconds = config.Failover.SilenceMs,
                AttemptsMax = config.Failover.AttemptsMax,
            },
        };
    }

    private Route BuildRoute(RouteConfig config, Realm[] realms, Peer[] peers, List<Group> groups)
    {
        Realm? fromRealm = realms.FirstOrDefault(realm => realm.Name == config.From);
        Peer? fromPeer = peers.FirstOrDefault(peer => peer.Name == config.From);
        Group? fromGroup = groups.FirstOrDefault(group => group.Name == config.From);
        return new Route
        {
            Id = Row(_routes, config.Name),
            Name = config.Name,
            FromRealm = fromRealm,
            FromPeers = fromRealm is not null ? null : fromPeer is not null ? [fromPeer] : fromGroup?.Members ?? [],
            Target = config.To!.Kind switch
            {
                ConfigTarget.Reject => RouteTarget.Reject,
                ConfigTarget.RequestUri => RouteTarget.RequestUri,
                _ => RouteTarget.Group,
            },
            Group = config.To.Kind == ConfigTarget.Named ? FindGroup(config.To.Name, peers, groups) : null,
            EgressRealm = realms.FirstOrDefault(realm => realm.Name == config.Realm),
            FollowsRedirects = config.FollowRedirects,
            DurationMax = (config.DurationSecondsMax ?? 0) * 1000L,
            SessionSeconds = config.SessionTimerSeconds,
            RejectCode = config.To.RejectStatus,
            RejectReason = Encoding.UTF8.GetBytes(config.To.RejectReason ?? ""),
        };
    }

    /// <summary>A peer that a route names is a group of one, probed as groups are by default.</summary>
    private Group FindGroup(string name, Peer[] peers, List<Group> groups)
    {
        if (groups.Find(group => group.Name == name) is { } found) return found;
        Peer peer = peers.First(p => p.Name == name);
        var defaults = new ProbeConfig();
        peer.Probe ??= new Probe(defaults.IntervalSeconds * 1000, defaults.DownAfter, defaults.UpAfter);
        var group = new Group
        {
            Id = Row(_groups, name),
            Name = name,
            Members = [peer],
            Balance = Balance.RoundRobin,
            Failover = new Failover(),
        };
        groups.Add(group);
        return group;
    }

    private static int Row(NameRows rows, string name)
    {
        if (rows.TryRow(name, out int row)) return row;
        throw new InvalidOperationException($"no row left for {name}: restart to use new names");
    }
}
