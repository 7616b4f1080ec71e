using Sbc.Engine.Config;
using Sbc.Program.Configuration;
using Sbc.Runtime;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class ConfigFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_minimal_file_has_every_default()
    {
        SbcConfig config = Valid("""
            realms:
              edge: {listen: [udp://192.0.2.10]}
            """);
        RealmConfig realm = Assert.Single(config.Realms);
        Assert.Equal(RealmTrust.Untrusted, realm.Trust);
        Assert.Equal(InDialogSource.Any, realm.InDialogSource);
        Assert.Equal(Strictness.Tolerant, realm.Strictness);
        Assert.Null(realm.Media);
        Assert.Equal(new LimitsConfig(), realm.LimitsInForce);
        Assert.Null(config.Workers);
        Assert.Null(config.MediaWorkers);
        Assert.Equal(new TimersConfig(), config.Timers);
        Assert.Equal(new DrainConfig(), config.Drain);
        Assert.Equal(new AdminConfig(), config.Admin);
        Assert.Equal("127.0.0.1:9060", config.Admin.Listen.ToString());
        Assert.Equal(new LogConfig(), config.Log);
        Assert.Equal(new GuardConfig(), config.Guard);
    }

    [Fact]
    public void Every_key_of_routing_arrives_where_it_belongs()
    {
        SbcConfig config = Valid("""
            realms:
              core: {trust: trusted, listen: udp://10.0.0.10}
            peers:
              named: {realm: core, uri: "sip:proxy.test", calls_max: 1, calls_per_second: 2}
              proxy: {realm: core, uri: "sip:10.0.0.21"}
            groups:
              farm:
                peers: [{name: proxy, weight: 3, priority: 4}]
                balance: two_choices
                panic: spread
                calls_max: 5
                calls_per_second: 6
                probe: {down_on: [500], slow_start_seconds: 7}
              found: {srv: _sip._udp.farm.test, realm: core}
            routes:
              - name: first
                from: core
                to: [farm, named]
                calls_max: 8
                calls_per_second: 9
                match: {method: INVITE, from: a, to: b, request_uri: c, time: 'sat 08:00-09:00', header: {X: d}}
                rewrite: {to_target: [{remove: X-A}], to_caller: [{add: X-B, value: 1}], status: {404: 480}}
            dns: {servers: [10.0.0.53, "10.0.0.54:5353"]}
            """);
        PeerConfig named = config.FindPeer("named")!;
        Assert.Equal((1, 2, "proxy.test"), (named.CallsMax, named.CallsPerSecond, named.Uri!.Host.Text));
        GroupConfig farm = config.FindGroup("farm")!;
        Assert.Equal(new GroupPeerConfig { Peer = "proxy", Weight = 3, Priority = 4 }, Assert.Single(farm.Peers));
        Assert.Equal((BalanceMethod.TwoChoices, PanicMode.Spread, 5, 6),
            (farm.Balance, farm.Panic, farm.CallsMax, farm.CallsPerSecond));
        Assert.Equal([500], farm.Probe.DownOn);
        Assert.Equal(7, farm.Probe.SlowStartSeconds);
        GroupConfig found = config.FindGroup("found")!;
        Assert.Equal(("_sip._udp.farm.test", "core"), (found.Srv, found.Realm));
        RouteConfig route = config.Routes[0];
        Assert.Equal(["farm", "named"], route.To!.Names);
        Assert.Equal((8, 9), (route.CallsMax, route.CallsPerSecond));
        RouteMatchConfig match = route.Match!;
        Assert.Equal(("a", "b", "c", "d"), (match.From, match.To, match.RequestUri, match.Headers["X"]));
        Assert.Equal(new WeekHours(5, 5, 480, 540), Assert.Single(match.Times));
        Assert.Equal(("X-A", "X-B", 480),
            (route.Rewrite!.ToTarget[0].Field, route.Rewrite.ToCaller[0].Field, route.Rewrite.Statuses[404]));
        Assert.Equal(["10.0.0.53:53", "10.0.0.54:5353"], config.Dns.Servers.Select(server => server.ToString()));
    }

    [Fact]
    public void Every_available_key_arrives_where_it_belongs()
    {
        _folder.Write("admin.token", "0123456789abcdef\n");
        SbcConfig config = Valid("""
            workers: 1
            media_workers: 2
            realms:
              edge:
                trust: untrusted
                listen: [udp://eth0:0, "udp://[2001:db8::10]:5070"]
                advertise: 203.0.113.5
                names: [sip.example.net, example.net]
                nat: off
                answer_options: none
                in_dialog_source: same_ip
                strictness: strict
                media:
                  address: [192.0.2.10, "2001:db8::10"]
                  advertise: 203.0.113.5
                  ports: 20000-20999
                  latching: strict
                  silence_seconds: 0
                  quarantine_ms: 10
                  dscp: 0
                limits:
                  messages_per_second_per_source: 1
                  registrations_per_second_per_source: 2
                  calls_per_second: 3
                  calls_max: 4
                  connections_per_source_max: 5
              core:
                trust: trusted
                listen: udp://10.0.0.10
                media: {latching: signalling, latch_mask: {ipv4: 24, ipv6: 64}}
            peers:
              proxy: {realm: core, uri: "sip:10.0.0.21", trust: untrusted, source: [10.0.0.16/28]}
            groups:
              farm:
                peers: [{name: proxy, weight: 1}]
                balance: round_robin
                probe: {interval_seconds: 1, down_after: 4, up_after: 5}
                failover: {on: [500, timeout], silence_ms: 400, attempts_max: 2}
            routes:
              - {from: edge, to: farm, mode: call}
              - {name: out, from: core, to: request_uri, realm: edge}
              - {name: no, from: proxy, to: {reject: 403, reason: "No such route"}}
            guard: {kernel: off}
            media: {datapath: sockets}
            timers: {t1_ms: 100, t2_ms: 200, t4_ms: 300, ringing_seconds_max: 4, duration_seconds_max: 5}
            drain: {seconds_max: 0}
            admin: {listen: "http://localhost:0", token_file: admin.token}
            log: {level: debug, format: text}
            """);
        Assert.Equal((1, 2), (config.Workers, config.MediaWorkers));
        RealmConfig edge = config.Realms[0];
        Assert.Equal(["udp://192.0.2.10:0", "udp://[2001:db8::10]:5070"], edge.Listen.Select(l => l.ToString()));
        Assert.Equal("eth0", edge.Listen[0].Interface);
        Assert.Equal("203.0.113.5", edge.Advertise!.Text);
        Assert.Equal(["sip.example.net", "example.net"], edge.Names);
        Assert.Equal((NatMode.Off, AnswerOptions.None, InDialogSource.SameIP), (edge.Nat, edge.AnswerOptions,
            edge.InDialogSource));
        Assert.Equal(Strictness.Strict, edge.Strictness);
        Assert.Equal(["192.0.2.10:0", "[2001:db8::10]:0"], edge.Media!.Addresses.Select(a => a.ToString()));
        Assert.Equal((new PortRange(20000, 20999), 0, 10, 0),
            (edge.Media.Ports, edge.Media.SilenceSeconds, edge.Media.QuarantineMs, edge.Media.Dscp));
        Assert.Equal((Latching.Strict, LatchMask.Whole), (edge.Latching, edge.Media.LatchMask));
        RealmConfig core = config.Realms[1];
        Assert.Equal((Latching.Signalling, new LatchMask(24, 64)), (core.Latching, core.Media!.LatchMask));
        LimitsConfig limits = edge.LimitsInForce!;
        Assert.Equal((1, 2, 3, 4, 5), (limits.MessagesPerSecondPerSource, limits.RegistrationsPerSecondPerSource,
            limits.CallsPerSecond, limits.CallsMax, limits.ConnectionsPerSourceMax));
        Assert.Equal("10.0.0.10:0", Assert.Single(config.Realms[1].Media!.Addresses).ToString());
        PeerConfig proxy = config.FindPeer("proxy")!;
        Assert.Equal((RealmTrust.Untrusted, "10.0.0.16/28"), (proxy.Trust, proxy.SourcesInForce[0].ToString()));
        GroupConfig farm = config.FindGroup("farm")!;
        Assert.Equal(BalanceMethod.RoundRobin, farm.Balance);
        Assert.Equal(new ProbeConfig { IntervalSeconds = 1, DownAfter = 4, UpAfter = 5 }, farm.Probe);
        Assert.Equal([500], farm.Failover.OnStatuses);
        Assert.Equal((true, false, 400, 2), (farm.Failover.OnTimeout, farm.Failover.OnTransport,
            farm.Failover.SilenceMs, farm.Failover.AttemptsMax));
        Assert.Equal(["route-1", "out", "no"], config.Routes.Select(r => r.Name));
        Assert.Equal(RouteTarget.Reject(403, "No such route"), config.Routes[2].To);
        Assert.Equal(KernelUse.Off, config.Guard.Kernel);
        Assert.Equal(MediaDatapath.Sockets, config.Media.Datapath);
        Assert.Equal(new TimersConfig { T1Ms = 100, T2Ms = 200, T4Ms = 300, RingingSecondsMax = 4,
            DurationSecondsMax = 5 },
            config.Timers);
        Assert.Equal(0, config.Drain.SecondsMax);
        Assert.Equal(("127.0.0.1:0", "0123456789abcdef"), (config.Admin.Listen.ToString(), config.Admin.Token!.Value));
        Assert.Equal((LogLevel.Debug, LogFormat.Text), (config.Log.Level, config.Log.Format));
    }

    /// <summary>The Norway problem, octal numbers and plus signs: a scalar has the type of its key.</summary>
    [Theory]
    [InlineData("off")]
    [InlineData("no")]
    [InlineData("007")]
    [InlineData("1e3")]
    [InlineData("+49")]
    [InlineData("true")]
    [InlineData("\"null\"")]
    public void Text_stays_text(string reason)
    {
        SbcConfig config = Valid($"""
            realms: {"{"}edge: {"{"}listen: [udp://192.0.2.10]{"}}"}
            routes: [{"{"}from: edge, to: {"{"}reject: 403, reason: {reason}{"}}"}]
            """);
        Assert.Equal(reason.Trim('"'), config.Routes[0].To!.RejectReason);
    }

    [Theory]
    [InlineData("workers: ")]
    [InlineData("workers: ~")]
    [InlineData("workers: null")]
    [InlineData("peers:")]
    [InlineData("records: {}")]
    [InlineData("hep: {}")]
    [InlineData("emergency: []")]
    public void A_key_with_nothing_in_it_is_not_given(string line) =>
        Valid($"{line}\nrealms: {{edge: {{listen: [udp://192.0.2.10]}}}}");

    [Fact]
    public void A_secret_from_a_file_is_found_beside_the_configuration()
    {
        _folder.Write("carrier.secret", "s3cret\r\n");
        IReadOnlyList<string> problems = _folder.Problems("""
            realms: {edge: {listen: [udp://192.0.2.10]}}
            peers:
              carrier: {realm: edge, uri: sip:198.51.100.7, auth: {user: acme, password_file: carrier.secret}}
            """);
        Assert.Empty(problems);
    }

    [Fact]
    public void Carriage_returns_and_a_byte_order_mark_do_no_harm() =>
        Valid("\uFEFFrealms:\r\n  edge: {listen: [udp://192.0.2.10]}\r\n");

    [Fact]
    public void A_file_that_is_too_large_is_refused() =>
        Assert.Contains("larger than 1048576 bytes", Assert.Single(_folder.Problems(new string('#', (1 << 20) + 1))));

    [Fact]
    public void A_file_that_is_not_there_is_an_error()
    {
        ConfigLoad load = ConfigFile.Load("/nonexistent/sbc.yaml", new FixedFacts());
        Assert.Null(load.Config);
        Assert.StartsWith("/nonexistent/sbc.yaml: error: the file cannot be read",
            Assert.Single(load.Problems).ToString());
    }

    [Fact]
    public void A_file_that_is_not_utf8_is_an_error()
    {
        string path = _folder.Write("latin1.yaml", "");
        File.WriteAllBytes(path, [0x23, 0xE4, 0x0A]);
        Assert.Contains("not UTF-8", Assert.Single(ConfigFile.Load(path, new FixedFacts()).Problems).Message);
    }

    public static TheoryData<string> Samples() => [.. SampleFiles.Paths()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_sample_loads_without_a_problem(string path) =>
        Assert.Equal([], ConfigFile.Load(path, new FixedFacts()).Problems.Select(p => p.ToString()));

    private SbcConfig Valid(string text)
    {
        ConfigLoad load = _folder.Load(text);
        Assert.Equal([], load.Problems.Select(p => p.ToString()));
        return load.Config!;
    }
}
