using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Config;
using Sbc.Engine.Registrations;
using Sbc.Media;
using Sbc.Runtime;
using ConfigAnswerOptions = Sbc.Engine.Config.AnswerOptions;
using ConfigRouteTarget = Sbc.Engine.Config.RouteTarget;
using ConfigTarget = Sbc.Engine.Config.RouteTargetKind;

namespace Sbc.Engine.Routing;

/// <summary>Compiles a valid configuration. One for the process: it remembers which name has which row.</summary>
/// <param name="workers">Each gets rules of its own.</param>
public sealed class SnapshotBuilder(int workers = 1)
{
    private readonly NameRows _realms = new(Limits.RealmsMax);
    private readonly NameRows _peers = new(Limits.PeersMax);
    private readonly NameRows _groups = new(Limits.GroupsMax + Limits.PeersMax);
    private readonly NameRows _routes = new(Limits.RoutesMax);
    private readonly Dictionary<string, PortPool> _pools = [];
    private readonly List<(string? Realm, IReadOnlyList<TransportAddress> Addresses, PortRange Ports)> _ranges = [];
    private static readonly Dictionary<string, IReadOnlyList<PeerLocation>> NoLocations = [];

    // What was compiled last, by row and by slot.
    private readonly List<Realm> _lastRealms = [];
    private readonly List<Listener> _lastListeners = [];
    private long _generation;

    /// <summary>The workers' port of each listener. Who opens sockets takes and gives back; <see cref="Build"/> takes
    /// what nobody took.</summary>
    public ListenerSlots Slots { get; } = new();

    public NameRows RealmRows => _realms;

    public NameRows PeerRows => _peers;

    public NameRows RouteRows => _routes;

    public NameRows GroupRows => _groups;

    /// <summary>The pools of realms that anchor media: one for each range that a realm has had.</summary>
    public IReadOnlyDictionary<string, PortPool> Pools => _pools;

    /// <param name="bound">Where each listener is bound, in the order of realms and their `listen`.</param>
    /// <param name="locations">Where peers are that are given by a name, as DNS says; null: not known yet.</param>
    /// <exception cref="InvalidOperationException">More names than there are rows.</exception>
    public Snapshot Build(
        SbcConfig config, IReadOnlyList<TransportAddress> bound,
        IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>>? locations = null)
    {
        if (!Slots.TryTake(config, out _))
            throw new InvalidOperationException("more listeners than a worker has ports");
        Listener[] listeners = BuildListeners(config, bound);
        Realm[] realms = [.. config.Realms.Select(realm => BuildRealm(realm, config.Registrar, listeners))];
        for (int i = _lastRealms.Count; i < _realms.Count; i++) _lastRealms.Add(realms.First(realm => realm.Id == i));
        foreach (Realm realm in realms) _lastRealms[realm.Id] = realm;
        Realm[] byRow = [.. _lastRealms];
        var addresses = new PeerBuilder(_peers, realms, locations ?? NoLocations);
        Peer[] peers = [.. config.Peers.SelectMany(addresses.Build), .. config.Groups.SelectMany(addresses.Build)];
        var groups = new GroupBuilder(_groups, peers);
        foreach (GroupConfig group in config.Groups) groups.Add(group);
        Route[] routes = [.. config.Routes.Select(route => BuildRoute(route, config.Tables, realms, peers, groups))];
        Registrar? registrar = RegistrarBuilder.Build(config.Registrar, groups.Find);
        foreach (Peer peer in peers) peer.Groups = [.. groups.All.Where(group => group.Members.Contains(peer))];
        Route[] all = [.. routes.SelectMany(route => route.ByValue.Prepend(route))];
        Route?[] routesByRow = ByRow(all, _routes, route => route.Id);
        var tables = new RouteTableBuilder(config, byRow, peers, routes);
        return new Snapshot
        {
            Generation = ++_generation,
            Realms = byRow,
            Listeners = listeners,
            OpenPorts = Slots.Taken,
            Peers = peers,
            PeerLookup = new PeerLookup(peers),
            Groups = [.. groups.All],
            Routes = all,
            Tables = [.. Enumerable.Range(0, workers).Select(_ => tables.Build(routesByRow))],
            Registrar = registrar,
            Forwards = routes.Any(route => route.Forwards),
            RoutesByRow = routesByRow,
            GroupsByRow = ByRow(groups.All, _groups, group => group.Id),
            PeersByRow = ByRow(peers, _peers, peer => peer.Id),
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

    /// <summary>By slot: those of the configuration, and as retired what it has no more.</summary>
    private Listener[] BuildListeners(SbcConfig config, IReadOnlyList<TransportAddress> bound)
    {
        for (int slot = 0; slot < _lastListeners.Count; slot++) _lastListeners[slot] = _lastListeners[slot].Retired();
        IReadOnlyList<string> keys = ListenerSlots.KeysOf(config);
        int place = 0;
        foreach (RealmConfig realm in config.Realms)
        {
            int id = Row(_realms, realm.Name);
            foreach (ListenConfig listen in realm.Listen)
            {
                Check.That(Slots.TryFind(keys[place], out int slot));
                Listener listener = BuildListener(realm, listen, id, slot, bound[place++]);
                Check.That(slot <= _lastListeners.Count);
                if (slot == _lastListeners.Count) _lastListeners.Add(listener);
                else _lastListeners[slot] = listener;
            }
        }
        return [.. _lastListeners];
    }

    private Listener BuildListener(
        RealmConfig realm, ListenConfig listen, int id, int slot, in TransportAddress local)
    {
        TransportAddress advertised = realm.Advertise?.Address is { } address && address.IsIPv4 == local.IsIPv4
            ? address.WithPort(local.Port)
            : local;
        string host = realm.HostWritten(listen);
        return new Listener
        {
            Index = slot,
            Generation = Slots.GenerationOf(slot),
            RealmId = id,
            Local = local,
            Advertised = advertised,
            Host = Encoding.ASCII.GetBytes(host),
            HostPort = Encoding.ASCII.GetBytes($"{host}:{local.Port}"),
        };
    }

    private Realm BuildRealm(RealmConfig config, RegistrarConfig? registrar, Listener[] all)
    {
        int id = Row(_realms, config.Name);
        if (id < _lastRealms.Count) RequireSameMedia(config, _lastRealms[id]);
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
            Authenticates = config.Authenticate,
            AuthenticationRealms = config.Authenticate && registrar is not null
                ? [.. registrar.Domains.Select(domain => Encoding.ASCII.GetBytes(domain.ToLowerInvariant()))]
                : [],
            IsStrict = config.Strictness == Strictness.Strict,
            Names = [.. config.Names.Select(Encoding.ASCII.GetBytes)],
            Listeners = [.. all.Where(listener => listener.RealmId == id && !listener.IsRetired)],
            Retired = [.. all.Where(listener =>
                listener.RealmId == id && listener.IsRetired && (Slots.Taken >> listener.Index & 1) != 0)],
            Media = config.Media is null ? null : BuildMedia(config, config.Media, id),
            Codecs = config.Codecs?.Policy,
            MessagesPerSecondPerSource = limits?.MessagesPerSecondPerSource ?? 0,
            RegistrationsPerSecondPerSource = limits?.RegistrationsPerSecondPerSource ?? 0,
            CallsPerSecond = limits?.CallsPerSecond ?? 0,
            CallsMax = limits?.CallsMax ?? 0,
        };
    }

    /// <summary>A realm that went away may come back while calls of its first life still speak.</summary>
    private static void RequireSameMedia(RealmConfig config, Realm last)
    {
        bool same = config.Media is null == last.Media is null;
        foreach (TransportAddress address in config.Media?.Addresses ?? [])
            same &= last.Media is { } media && (media.Relay.IPv4 == address || media.Relay.IPv6 == address);
        if (!same) throw new InvalidOperationException($"realm {config.Name} had other media: restart to change it");
    }

    private RealmMedia BuildMedia(RealmConfig realm, RealmMediaConfig config, int id)
    {
        // A pool outlives reloads: its ports are in use. Another range is another pool, and shares no port with any
        // that was: it would offer what calls still hold.
        string range = $"{realm.Name} {config.Ports}";
        if (!_pools.TryGetValue(range, out PortPool? pool))
        {
            if (_ranges.Find(used =>
                used.Ports.Overlaps(config.Ports) && used.Addresses.Intersect(config.Addresses).Any())
                is { Ports: { } old, Realm: { } holder })
            {
                throw new InvalidOperationException(
                    $"ports {config.Ports} of realm \"{realm.Name}\" overlap {old}, which realm \"{holder}\" has "
                    + "had since the start: choose others, or restart");
            }
            _ranges.Add((realm.Name, config.Addresses, config.Ports));
            pool = new PortPool(config.Ports.First, config.Ports.Last, config.QuarantineMs);
            _pools.Add(range, pool);
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
            LatchBitsIPv4 = (byte)config.LatchMask.IPv4,
            LatchBitsIPv6 = (byte)config.LatchMask.IPv6,
            ReducesRtcp = realm.Trust == RealmTrust.Untrusted,
            Dscp = (byte)config.Dscp,
            SilenceSeconds = config.SilenceSeconds,
        };
        return new RealmMedia(relay, config.Advertised(ipv4), config.Advertised(ipv6));
    }

    private Route BuildRoute(
        RouteConfig config, IReadOnlyList<TableConfig> tables, Realm[] realms, Peer[] peers,
        GroupBuilder groups)
    {
        Realm? fromRealm = realms.FirstOrDefault(realm => realm.Name == config.From);
        Peer[] fromPeers = [.. peers.Where(peer => peer.ConfiguredName == config.From)];
        Group? fromGroup = groups.All.FirstOrDefault(group => group.Name == config.From);
        TableConfig? table = tables.FirstOrDefault(table => table.Name == config.To!.Table);
        return new Route
        {
            Id = Row(_routes, config.Name),
            Name = config.Name,
            FromRealm = fromRealm,
            FromPeers = fromRealm is not null ? null : fromPeers.Length > 0 ? fromPeers : fromGroup?.Members ?? [],
            Target = config.To!.Kind switch
            {
                ConfigTarget.Reject => RouteTarget.Reject,
                ConfigTarget.RequestUri => RouteTarget.RequestUri,
                ConfigTarget.Registered => RouteTarget.Registered,
                _ => RouteTarget.Group,
            },
            Groups = [.. config.To.Names.Select(groups.Find)],
            ForksParallel = config.To.Kind == ConfigTarget.Registered
                ? config.Fork != ForkMode.Sequential
                : config.Fork == ForkMode.Simultaneous && config.To.Names.Count > 1,
            ForkRinging = config.ForkRingingSeconds * 1000,
            Limits = new CallLimits(config.CallsMax ?? 0, config.CallsPerSecond ?? 0),
            Table = table?.Numbers,
            // A route for each value: what a call remembers of its route is one row.
            ByValue = table is null ? [] : [.. table.Values.Select(value => BuildRoute(
                config with { Name = $"{config.Name}:{value.Text}", To = ConfigRouteTarget.Named([value.Text]) },
                [], realms, peers, groups))],
            Forwards = config.Mode == RouteMode.Forward,
            RecordsRoute = config.RecordRoute,
            EgressRealm = realms.FirstOrDefault(realm => realm.Name == config.Realm),
            FollowsRedirects = config.FollowRedirects,
            DurationMax = (config.DurationSecondsMax ?? 0) * 1000L,
            SessionSeconds = config.SessionTimerSeconds,
            Codecs = config.Codecs?.Policy,
            RejectCode = config.To.RejectStatus,
            RejectReason = Encoding.UTF8.GetBytes(config.To.RejectReason ?? ""),
        };
    }

    private static T?[] ByRow<T>(IEnumerable<T> items, NameRows rows, Func<T, int> rowOf)
        where T : class
    {
        T?[] byRow = new T?[rows.Count];
        foreach (T item in items) byRow[rowOf(item)] = item;
        return byRow;
    }

    internal static int Row(NameRows rows, string name)
    {
        if (rows.TryRow(name, out int row)) return row;
        throw new InvalidOperationException($"no row left for {name}: restart to use new names");
    }
}
