using System.Text;
using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>What a box of a benchmark is configured to: an edge of strangers, a core with a farm of proxies.</summary>
public sealed record BoxPlan
{
    public int Workers { get; init; } = 1;

    public int Peers { get; init; } = 2;

    /// <summary>Routes that do not match come before the one that does.</summary>
    public int RoutesBefore { get; init; }

    public bool HasMedia { get; init; }

    public bool HasRoute { get; init; } = true;

    public bool HasProbes { get; init; }

    /// <summary>Calls from the edge are forwarded without state.</summary>
    public bool IsForward { get; init; }

    public bool IsIPv6 { get; init; }

    /// <summary>Bindings that the box's own registrar has room for; 0: it has none.</summary>
    public int Bindings { get; init; }

    /// <summary>That registrar asks for credentials.</summary>
    public bool Challenges { get; init; }

    public int MessagesPerSecond { get; init; } = 1_000_000;

    public TransportAddress EdgeAddress => At(IsIPv6 ? "2001:db8::10" : "192.0.2.10", 5060);

    public TransportAddress CoreAddress => At(IsIPv6 ? "fd00::10" : "10.0.0.10", 5060);

    public TransportAddress Caller => At(IsIPv6 ? "2001:db8:1::7" : "203.0.113.7", 5060);

    public TransportAddress Stranger => At(IsIPv6 ? "2001:db8:666::6" : "198.51.100.66", 9999);

    /// <param name="index">From 0.</param>
    public TransportAddress PeerAddress(int index) =>
        At(IsIPv6 ? $"fd00::1:{index + 1:x}" : $"10.1.{index / 250}.{(index % 250) + 1}", 5060);

    public SbcConfig Build() => new()
    {
        Realms =
        [
            new RealmConfig
            {
                Name = "edge",
                Listen = [new ListenConfig { Transport = SipTransport.Udp, Address = EdgeAddress }],
                AnswerOptions = AnswerOptions.All,
                Media = Media(EdgeAddress),
                Limits = new LimitsConfig
                {
                    MessagesPerSecondPerSource = MessagesPerSecond, CallsPerSecond = 1_000_000, CallsMax = 1_000_000,
                    RegistrationsPerSecondPerSource = 1_000_000,
                },
            },
            new RealmConfig
            {
                Name = "core",
                Trust = RealmTrust.Trusted,
                Listen = [new ListenConfig { Transport = SipTransport.Udp, Address = CoreAddress }],
                Media = Media(CoreAddress),
            },
        ],
        Peers = [.. Enumerable.Range(0, Peers).Select(i => new PeerConfig
        {
            Name = $"proxy-{i}", Realm = "core", Uri = UriOf(PeerAddress(i)),
        })],
        Groups =
        [
            new GroupConfig
            {
                Name = "farm",
                // A group has 64 members at most; further peers are there to be looked up.
                Peers = [.. Enumerable.Range(0, Math.Min(Peers, 64))
                    .Select(i => new GroupPeerConfig { Peer = $"proxy-{i}" })],
                Balance = IsForward ? BalanceMethod.CallIdHash : BalanceMethod.RoundRobin,
                Probe = new ProbeConfig { IntervalSeconds = HasProbes ? 10 : 0 },
            },
        ],
        Registrar = Bindings == 0 ? null : new RegistrarConfig
        {
            Domains = [Registrants.Domain], Authenticate = Challenges, RegistrationsMax = Bindings,
            Users = [new RegistrarUserConfig { User = Registrants.UserOf(0), Password = new(Registrants.Password) }],
        },
        Routes = [.. Enumerable.Range(0, RoutesBefore).Select(RouteBefore), .. MatchingRoutes()],
    };

    private IEnumerable<RouteConfig> MatchingRoutes()
    {
        if (HasRoute) yield return new RouteConfig
        {
            Name = "inbound", From = "edge", To = RouteTarget.Of("farm"),
            Mode = IsForward ? RouteMode.Forward : RouteMode.Call,
        };
        yield return new RouteConfig
        {
            Name = "outbound", From = "core", To = RouteTarget.Of(RouteTarget.RequestUriWord), Realm = "edge",
        };
    }

    private RouteConfig RouteBefore(int index) => new()
    {
        Name = $"before-{index}", From = $"proxy-{index % Peers}", To = RouteTarget.Reject(403),
    };

    // Two thousand pairs: more than rest in quarantine at any time. Silence is of no interest here.
    private RealmMediaConfig? Media(TransportAddress address) => !HasMedia ? null : new RealmMediaConfig
    {
        Addresses = [address.WithPort(0)], Ports = new PortRange(20000, 23999), SilenceSeconds = 0,
    };

    private static PeerUri UriOf(TransportAddress address) => new()
    {
        Host = SipHost.Of(address), Port = address.Port, PortWritten = true, Transport = SipTransport.Udp,
    };

    private static TransportAddress At(string host, int port)
    {
        Check.That(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(host), port, out TransportAddress address));
        return address;
    }
}
