namespace Sbc.Engine.Config;

/// <summary>The whole configuration as the operator writes it. A default-constructed part holds every
/// default.</summary>
/// <remarks>Paths of problems follow the file: <c>realms.edge.listen[0]</c>, <c>routes[2].to</c>.</remarks>
public sealed record SbcConfig
{
    /// <summary><c>workers</c>: signalling workers, 1 to 64. Null is <c>auto</c>: one for each processor,
    /// because a worker never waits and a second one on the same processor only costs switches.</summary>
    public int? Workers { get; init; }

    /// <summary><c>media_workers</c>: threads that relay RTP, 1 to 64. Null is <c>auto</c>: one for each processor;
    /// they share the processors with signalling, since which of the two is busy changes with the traffic.</summary>
    public int? MediaWorkers { get; init; }

    /// <summary><c>realms</c>: attached networks, in the order written; at least one.</summary>
    public IReadOnlyList<RealmConfig> Realms { get; init; } = [];

    /// <summary><c>peers</c>: configured neighbours, in the order written.</summary>
    public IReadOnlyList<PeerConfig> Peers { get; init; } = [];

    /// <summary><c>groups</c>: sets of peers to balance over.</summary>
    public IReadOnlyList<GroupConfig> Groups { get; init; } = [];

    /// <summary><c>tables</c>: prefixes of numbers, from CSV files.</summary>
    public IReadOnlyList<TableConfig> Tables { get; init; } = [];

    /// <summary><c>routes</c>: the first match wins; no match is answered 404.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];

    /// <summary><c>registrar</c>: null where the section is absent: REGISTER is not served.</summary>
    public RegistrarConfig? Registrar { get; init; }

    public GuardConfig Guard { get; init; } = new();

    /// <summary><c>emergency</c>: numbers and service URNs (RFC 5031) that limits do not touch. Default:
    /// none.</summary>
    public IReadOnlyList<string> Emergency { get; init; } = [];

    public MediaConfig Media { get; init; } = new();

    public DnsConfig Dns { get; init; } = new();

    public ForwardConfig Forward { get; init; } = new();

    public TimersConfig Timers { get; init; } = new();

    public DrainConfig Drain { get; init; } = new();

    /// <summary><c>records</c>: null where absent: no call records are written.</summary>
    public RecordsConfig? Records { get; init; }

    /// <summary><c>hep</c> was given with something in it. Its keys come with the feature.</summary>
    public bool HepGiven { get; init; }

    public AdminConfig Admin { get; init; } = new();

    public LogConfig Log { get; init; } = new();

    public RealmConfig? FindRealm(string name) => Realms.FirstOrDefault(realm => realm.Name == name);

    public PeerConfig? FindPeer(string name) => Peers.FirstOrDefault(peer => peer.Name == name);

    public GroupConfig? FindGroup(string name) => Groups.FirstOrDefault(group => group.Name == name);

    public TableConfig? FindTable(string name) => Tables.FirstOrDefault(table => table.Name == name);
}
