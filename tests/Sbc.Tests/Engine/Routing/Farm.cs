using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Tests.Engine.Config;

namespace Sbc.Tests.Engine.Routing;

/// <summary>Groups of peers, the cells that workers share, and a target choice over them; no messages.</summary>
internal sealed class Farm
{
    private readonly Xoshiro _random = new(1);

    public Farm(
        BalanceMethod balance, int peers, Func<int, GroupPeerConfig>? member = null, Func<GroupConfig, GroupConfig>?
            group = null, Func<PeerConfig, PeerConfig>? peer = null, RouteConfig? route = null, int groups = 1,
        IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>>? locations = null)
    {
        group ??= config => config;
        peer ??= config => config;
        member ??= i => new GroupPeerConfig { Peer = Name(i) };
        int each = peers / groups;
        var config = new SbcConfig
        {
            Realms =
            [
                new RealmConfig
                {
                    Name = "core",
                    Listen = [new ListenConfig
                    {
                        Transport = SipTransport.Udp, Address = FixedFacts.Address("10.0.0.10", 5060),
                    }],
                },
            ],
            Peers = [.. Enumerable.Range(0, peers).Select(i => peer(new PeerConfig
            {
                Name = Name(i), Realm = "core",
                Uri = new PeerUri
                {
                    Host = SipHost.Of(FixedFacts.Address($"10.0.1.{i + 1}")), Port = 5060, PortWritten = true,
                    Transport = SipTransport.Udp,
                },
            }))],
            Groups = [.. Enumerable.Range(0, groups).Select(g => group(new GroupConfig
            {
                Name = $"farm-{g}", Balance = balance,
                Peers = [.. Enumerable.Range(g * each, each).Select(member)],
            }))],
            Routes =
            [
                (route ?? new RouteConfig()) with
                {
                    Name = "r", From = "core",
                    To = Sbc.Engine.Config.RouteTarget.Named([.. Enumerable.Range(0, groups).Select(g => $"farm-{g}")]),
                },
            ],
        };
        Snapshot = new SnapshotBuilder().Build(config, [FixedFacts.Address("10.0.0.10", 5060)], locations);
        Choice = new TargetChoice(Cells);
    }

    public SharedCells Cells { get; } = new();

    public Snapshot Snapshot { get; }

    public TargetChoice Choice { get; }

    public Route Route => Snapshot.Routes[0];

    public Instant Now { get; set; } = new(1_000_000_000);

    public static string Name(int peer) => $"peer-{peer}";

    /// <summary>A call's first choice, which it keeps; -1 where nobody takes it.</summary>
    public int Call(ulong key, out TargetState state)
    {
        state = default;
        if (!Choice.TryEnter(Route, ref state, Now)) return -1;
        return Next(key, ref state);
    }

    public int Next(ulong key, ref TargetState state, int preferred = -1) => Choice.TryNext(
        Route.Groups, new TargetKeys(key, key), preferred, _random.Next(), Now, ref state, out _, out Peer? peer)
        ? peer!.Id
        : -1;
}
