using Sbc.Engine.Config;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Config;

/// <summary>Rules over records alone; each case changes one thing of a good configuration.</summary>
public class ConfigValidatorTests
{
    private static readonly SbcConfig Good = new()
    {
        Realms =
        [
            new RealmConfig
            {
                Name = "edge",
                Listen = [Listener("192.0.2.10")],
                Media = new RealmMediaConfig { Addresses = [FixedFacts.Address("192.0.2.10")] },
            },
            new RealmConfig
            {
                Name = "core",
                Trust = RealmTrust.Trusted,
                Listen = [Listener("10.0.0.10")],
                Media = new RealmMediaConfig { Addresses = [FixedFacts.Address("10.0.0.10")] },
            },
        ],
        Peers = [Peer("proxy-a", "sip:10.0.0.21"), Peer("proxy-b", "sip:10.0.0.22")],
        Groups = [new GroupConfig { Name = "farm", Peers = [Member("proxy-a"), Member("proxy-b")] }],
        Routes =
        [
            new RouteConfig { Name = "inbound", From = "edge", To = RouteTarget.Of("farm") },
            new RouteConfig { Name = "outbound", From = "core", To = RouteTarget.Of("request_uri"), Realm = "edge" },
        ],
    };

    [Fact]
    public void A_good_configuration_has_no_problem() => Assert.Empty(ConfigValidator.Validate(Good, new FixedFacts()));

    [Fact]
    public void A_configuration_without_realms_says_so() =>
        Expect(new SbcConfig(), "realms: there is no realm");

    [Theory]
    [InlineData("farm", "groups.farm: the name \"farm\" is already that of a peer")]
    [InlineData("edge", "peers.edge: the name \"edge\" is already that of a realm; choose another")]
    [InlineData("a b", "peers.a b: \"a b\" is no name; write letters")]
    [InlineData("-a", "peers.-a: \"-a\" is no name")]
    [InlineData("registered", "peers.registered: \"registered\" is a word of its own")]
    public void A_name_is_well_formed_and_means_one_thing(string name, string expected) => Expect(
        Good with { Peers = [.. Good.Peers, Peer(name, "sip:10.0.0.23")] }, expected);

    [Fact]
    public void Routes_have_names_of_their_own() => Expect(
        Good with { Routes = [Good.Routes[0], Good.Routes[1] with { Name = "inbound" }] },
        "routes[1].name: the name \"inbound\" is already that of a route");

    [Theory]
    [InlineData("0.0.0.0", "realms.edge.listen[0]: a wildcard address is refused")]
    [InlineData("::", "realms.edge.listen[0]: a wildcard address is refused")]
    [InlineData("224.0.0.1", "realms.edge.listen[0]: 224.0.0.1 is a multicast or broadcast address")]
    [InlineData("ff02::1", "realms.edge.listen[0]: [ff02::1] is a multicast or broadcast address")]
    public void A_listener_has_an_address_of_this_box(string address, string expected) =>
        ExpectAmong(Edge(realm => realm with { Listen = [Listener(address)] }), expected);

    [Fact]
    public void A_listener_is_there_once()
    {
        ExpectAmong(Edge(realm => realm with { Listen = [Listener("192.0.2.10"), Listener("10.0.0.10")] }),
            "realms.core.listen[0]: realm \"edge\" already listens on 10.0.0.10:5060");
        Expect(Edge(realm => realm with { Listen = [Listener("192.0.2.10"), Listener("192.0.2.10", 5080)] }));
        Expect(Edge(realm => realm with { Listen = [Listener("192.0.2.10", 0), Listener("192.0.2.10", 0)] }));
    }

    [Theory]
    [InlineData("20001-20100", "error: realms.edge.media.ports: RTP uses an even port")]
    [InlineData("1000-1999", "error: realms.edge.media.ports: port 1000 is a system port")]
    [InlineData("20000", "error: realms.edge.media.ports: 20000-20000 holds no pair")]
    [InlineData("20000-20100", "warning: realms.edge.media.ports: port 20100 has no partner and is never used")]
    [InlineData("20000-20009",
        "warning: realms.edge.media.ports: 20000-20009 is enough for few streams at a time only: 5")]
    [InlineData("5000-5999", "error: realms.edge.media.ports: 5000-5999 contains the listener udp://192.0.2.10:5060")]
    [InlineData("30000-39999",
        "warning: realms.edge.media.ports: 32768-39999 lies in the system's ephemeral ports 32768-60999, "
        + "which other sockets are given; reserve them: sysctl -w net.ipv4.ip_local_reserved_ports=32768-39999")]
    public void Media_ports_are_pairs_that_nobody_else_uses(string text, string expected)
    {
        Assert.True(PortRange.TryParse(text, out PortRange ports, out _));
        ConfigProblem problem = Assert.Single(Validate(Edge(r => r with { Media = r.Media! with { Ports = ports } })));
        Assert.StartsWith(expected,
            $"{problem.Severity.ToString().ToLowerInvariant()}: {problem.Path}: {problem.Message}");
    }

    [Fact]
    public void Reserved_ports_are_not_warned_of()
    {
        SbcConfig config = Edge(realm => realm with { Media = realm.Media! with { Ports = new PortRange(40000,
            49999) } });
        PortRange[] reserved = [new(45000, 49999), new(39000, 44999)];
        Assert.Empty(ConfigValidator.Validate(config, new FixedFacts { ReservedPorts = reserved }));
        Assert.Single(ConfigValidator.Validate(config, new FixedFacts { ReservedPorts = reserved[..1] }));
    }

    [Fact]
    public void Realms_on_one_address_have_ports_of_their_own()
    {
        TransportAddress shared = FixedFacts.Address("10.0.0.10");
        ExpectAmong(Edge(r => r with { Media = r.Media! with { Addresses = [shared] } }),
            "realms.core.media.ports: 20000-31999 overlaps 20000-31999 of realm \"edge\" on the same address");
    }

    [Fact]
    public void Media_addresses_are_one_of_each_family()
    {
        TransportAddress[] two = [FixedFacts.Address("192.0.2.10"), FixedFacts.Address("192.0.2.11")];
        ExpectAmong(Edge(r => r with { Media = r.Media! with { Addresses = two } }),
            "realms.edge.media.address[1]: a second");
        ExpectAmong(Edge(r => r with { Media = r.Media! with { Addresses = [FixedFacts.Address("::")] } }),
            "realms.edge.media.address[0]: a wildcard");
        ExpectAmong(Edge(r => r with { Media = r.Media! with { Advertise = [FixedFacts.Address("2001:db8::1")] } }),
            "realms.edge.media.advertise[0]: [2001:db8::1] stands for no media address of its family");
    }

    [Fact]
    public void Open_latching_and_half_a_nat_are_warned_of()
    {
        ExpectAmong(Edge(r => r with { Media = r.Media! with { Latching = Latching.Open } }),
            "realms.edge.media.latching: open");
        ExpectAmong(Edge(r => r with { Media = r.Media! with { LatchMask = new LatchMask(8, 128) } }),
            "realms.edge.media.latch_mask.ipv4: ");
        ExpectAmong(
            Edge(r => r with
            {
                Media = r.Media! with { Latching = Latching.Strict, LatchMask = new LatchMask(24, 64) },
            }),
            "realms.edge.media.latch_mask: is read with latching: signalling only");
        Assert.True(SipHost.TryParse("203.0.113.5", out SipHost? host));
        ExpectAmong(Edge(r => r with { Advertise = host }), "realms.edge.media: SIP messages name 203.0.113.5");
    }

    [Theory]
    [InlineData("", "sip:10.0.0.23", "peers.x.realm: a peer needs a realm")]
    [InlineData("cor", "sip:10.0.0.23", "peers.x.realm: there is no realm \"cor\"; did you mean \"core\"?")]
    [InlineData("core", null, "peers.x.uri: a peer needs a uri")]
    [InlineData("core", "sip:0.0.0.0", "peers.x.uri: a wildcard address is no destination")]
    [InlineData("core", "sip:192.0.2.10", "peers.x.uri: 192.0.2.10:5060 is a listener of this box")]
    [InlineData("core", "sip:[2001:db8::1]", "peers.x.uri: realm \"core\" has no udp listener on an IPv6 address")]
    [InlineData("core", "sip:10.0.0.21", "peers.x.uri: peer \"proxy-a\" has the same address")]
    public void A_peer_can_be_reached(string realm, string? uri, string expected)
    {
        PeerConfig peer = uri is null ? new PeerConfig { Name = "x" } : Peer("x", uri);
        Expect(Good with { Peers = [.. Good.Peers, peer with { Realm = realm }] }, expected);
    }

    [Fact]
    public void A_group_has_peers_that_exist()
    {
        Expect(Farm(group => group with { Peers = [Member("proxy-a"), Member("prxy-b")] }),
            "groups.farm.peers[1]: there is no peer \"prxy-b\"; did you mean \"proxy-b\"?");
        Expect(Farm(group => group with { Peers = [Member("proxy-a"), Member("proxy-a")] }),
            "groups.farm.peers[1]: \"proxy-a\" is already in the group");
        Expect(Farm(group => group with { Peers = [] }), "groups.farm.peers: the group has no peer");
        Expect(Farm(group => group with { Probe = new ProbeConfig { DownAfter = 0 } }),
            "groups.farm.probe.down_after: 0 is out of range; write a number from 1 to 100");
        Expect(Farm(group => group with { Failover = new FailoverConfig { OnStatuses = [302] } }),
            "groups.farm.failover.on: 302 is out of range");
    }

    [Theory]
    [InlineData("", "farm", "routes[0].from: a route needs from")]
    [InlineData("edg", "farm", "routes[0].from: there is no realm, peer or group \"edg\"; did you mean \"edge\"?")]
    [InlineData("edge", "frm", "routes[0].to: there is no peer or group \"frm\"; did you mean \"farm\"?")]
    [InlineData("edge", "core",
        "routes[0].to: \"core\" is a realm; to names a peer or group, or is request_uri with realm: core")]
    [InlineData("edge", "registred",
        "routes[0].to: there is no peer or group \"registred\"; did you mean \"registered\"?")]
    public void A_route_goes_from_and_to_something(string from, string to, string expected) =>
        Expect(Route(route => route with { From = from, To = RouteTarget.Of(to) }), expected);

    [Fact]
    public void A_route_answers_with_a_final_status()
    {
        Expect(Route(route => route with { To = null }), "routes[0].to: a route needs to");
        Expect(Route(route => route with { To = RouteTarget.Reject(403, "No such route") }));
        Expect(Route(route => route with { To = RouteTarget.Reject(200) }), "routes[0].to.reject: 200 is out of range");
        Expect(Route(route => route with { To = RouteTarget.Reject(403, "a\r\nX: b") }),
            "routes[0].to.reason: a reason is one line");
    }

    [Fact]
    public void A_route_that_is_never_reached_is_warned_of() => Expect(
        Good with { Routes = [.. Good.Routes, Good.Routes[0] with { Name = "again" }] },
        "routes[2].from: route \"inbound\" takes everything from \"edge\", so this one is never reached");

    [Theory]
    [InlineData("edge", true)]
    [InlineData("carrier", true)]
    [InlineData("carriers", true)]
    [InlineData("proxy-a", false)]
    public void Strangers_may_not_choose_where_a_call_goes_unless_that_is_meant(string from, bool refused)
    {
        SbcConfig config = Route(route => route with { From = from, To = RouteTarget.Of("request_uri"),
            Realm = "core" });
        config = config with
        {
            Peers = [.. config.Peers, Peer("carrier", "sip:198.51.100.7") with { Realm = "edge",
                Trust = RealmTrust.Trusted }],
            Groups = [.. config.Groups, new GroupConfig { Name = "carriers", Peers = [Member("proxy-a"),
                Member("carrier")] }],
        };
        Expect(config, refused ? [$"routes[0].to: request_uri from \"{from}\", which is untrusted"] : []);
        Expect(config with { Routes = [config.Routes[0] with { OpenRelay = true }] });
    }

    [Fact]
    public void Request_uri_needs_a_realm()
    {
        Expect(Good with { Routes = [Good.Routes[1] with { Realm = null }] }, "routes[0].to: request_uri needs realm");
        Expect(Good with { Routes = [Good.Routes[1] with { Realm = "edg" }] },
            "routes[0].realm: there is no realm \"edg\"; did you mean \"edge\"?");
        Expect(Good with { Routes = [Good.Routes[0] with { Realm = "edge" }] },
            "routes[0].realm: realm has an effect with");
    }

    [Theory]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("127.8.8.8", false, false)]
    [InlineData("::1", false, false)]
    [InlineData("10.0.0.10", false, true)]
    [InlineData("10.0.0.10", true, true)]
    [InlineData("0.0.0.0", true, true)]
    public void The_admin_interface_is_on_loopback_or_protected(string address, bool token, bool refused)
    {
        var admin = new AdminConfig
        {
            Listen = FixedFacts.Address(address, 9060), Token = token ? new Secret("0123456789abcdef") : null,
        };
        Assert.Equal(refused, Validate(Good with { Admin = admin }).Any(p => p.Path == "admin.listen"));
        var tls = new CertificateConfig("a.pem", "a.key");
        ExpectAmong(Good with { Admin = admin with { Https = true, Tls = tls } },
            "admin.tls: tls of the admin interface is not");
    }

    [Fact]
    public void Limits_of_a_trusted_realm_and_more_workers_than_processors_are_named()
    {
        SbcConfig trusted = Edge(realm => realm with { Trust = RealmTrust.Trusted, Limits = new LimitsConfig() });
        ExpectAmong(trusted, "realms.edge.limits: limits do not apply to a trusted realm");
        ExpectAmong(Edge(realm => realm with { Limits = new LimitsConfig { CallsMax = 0 } }),
            "realms.edge.limits.calls_max: 0 is");
        Expect(Good with { Workers = 3 }, "workers: 3 workers share 2 processors");
        Expect(Good with { Timers = new TimersConfig { T1Ms = 5000 } }, "timers.t2_ms: t2_ms is the longest interval");
    }

    private static ListenConfig Listener(string address, int port = 5060) =>
        new() { Transport = SipTransport.Udp, Address = FixedFacts.Address(address, port) };

    private static GroupPeerConfig Member(string name) => new() { Peer = name };

    private static PeerConfig Peer(string name, string text)
    {
        Assert.True(PeerUri.TryParse(text, out PeerUri? uri, out string error), error);
        return new PeerConfig { Name = name, Realm = "core", Uri = uri };
    }

    private static SbcConfig Edge(Func<RealmConfig, RealmConfig> change) =>
        Good with { Realms = [change(Good.Realms[0]), Good.Realms[1]] };

    private static SbcConfig Farm(Func<GroupConfig, GroupConfig> change) =>
        Good with { Groups = [change(Good.Groups[0])] };

    /// <summary>The first route alone, changed.</summary>
    private static SbcConfig Route(Func<RouteConfig, RouteConfig> change) =>
        Good with { Routes = [change(Good.Routes[0])] };

    private static IReadOnlyList<ConfigProblem> Validate(SbcConfig config) =>
        ConfigValidator.Validate(config, new FixedFacts());

    /// <summary>Exactly these problems, each by its beginning.</summary>
    private static void Expect(SbcConfig config, params string[] expected)
    {
        string[] found = [.. Validate(config).Select(p => $"{p.Path}: {p.Message}")];
        Assert.True(found.Length == expected.Length, string.Join('\n', found));
        Assert.All(expected.Zip(found), pair => Assert.StartsWith(pair.First, pair.Second));
    }

    private static void ExpectAmong(SbcConfig config, string expected) =>
        Assert.Contains(Validate(config), p => $"{p.Path}: {p.Message}".StartsWith(expected, StringComparison.Ordinal));
}
