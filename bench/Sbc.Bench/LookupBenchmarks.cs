using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Bench;

/// <summary>What is looked up in the snapshot for a packet and for a call, with few and with many entries.</summary>
public class LookupBenchmarks
{
    private Snapshot _snapshot = null!;
    private TransportAddress _last;
    private TransportAddress _stranger;
    private readonly SipMessage _request = new();

    [Params(1, 100, 1000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var plan = new BoxPlan { Peers = Entries, RoutesBefore = Entries - 1 };
        var builder = new SnapshotBuilder();
        _snapshot = builder.Build(plan.Build(), [plan.EdgeAddress, plan.CoreAddress]);
        _last = plan.PeerAddress(Entries - 1);
        _stranger = plan.Stranger;
        byte[] text = Operations.InviteText();
        _request.Parse(text, 0, text.Length);
    }

    [Benchmark(Description = "peer found by source: each packet of a peer")]
    public Peer? PeerBySource() => _snapshot.PeerLookup.Find(1, _last);

    [Benchmark(Description = "no peer at the source: each packet of a stranger")]
    public Peer? Stranger() => _snapshot.PeerLookup.Find(0, _stranger);

    [Benchmark(Description = "route matched, the last one: each call")]
    public Route? LastRoute() => _snapshot.Tables[0].Match(
        _request, new Origin(_stranger, 0, _snapshot.Realms[0], null), _request.RequestUri, 0);

    [Benchmark(Description = "peer by row, the last one")]
    public Peer? PeerByRow() => _snapshot.PeerById(Entries - 1);
}
