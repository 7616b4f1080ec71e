using System.Text;
using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;
using Sbc.Engine.Config;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Sip.Message;

namespace Sbc.Bench;

/// <summary>What a call pays for long lists of rules and numbers: flat is the aim.</summary>
public class RuleBenchmarks
{
    private readonly SipMessage _request = new();
    private Snapshot _snapshot = null!;
    private NumberTable _numbers = null!;
    private byte[][] _asked = [];
    private byte[][] _uris = [];
    private int _next;

    /// <summary>Rules with a number's beginning each; of more than 2,000 the limit is what is measured.</summary>
    [Params(1, 10, 1000, 1_000_000)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var builder = new NumberTableBuilder();
        var seen = new HashSet<string>();
        while (seen.Count < Entries)
        {
            string prefix = $"49{random.NextInt64((long)Math.Pow(10, random.Next(4, 8)))}";
            if (seen.Add(prefix)) builder.Add(Encoding.ASCII.GetBytes(prefix), random.Next(100));
        }
        _numbers = builder.Build(out _)!;
        string[] prefixes = [.. seen];
        _asked = [.. Enumerable.Range(0, 4096).Select(_ =>
            Encoding.ASCII.GetBytes(prefixes[random.Next(prefixes.Length)] + $"{random.Next(10_000_000):0000000}"))];
        int rules = Math.Min(Entries, 2000);
        var plan = new BoxPlan();
        SbcConfig config = plan.Build() with
        {
            Routes = [.. prefixes.Take(rules).Select((prefix, i) => new RouteConfig
            {
                Name = $"rule-{i}", From = "edge", To = Sbc.Engine.Config.RouteTarget.Of("farm"),
                Match = new RouteMatchConfig { RequestUser = $"^{prefix}[0-9]" },
            })],
        };
        _snapshot = new SnapshotBuilder().Build(config, [plan.EdgeAddress, plan.CoreAddress]);
        _uris = [.. Enumerable.Range(0, 4096).Select(_ =>
            Encoding.ASCII.GetBytes($"sip:{prefixes[random.Next(rules)]}1234567@192.0.2.10"))];
        byte[] text = Operations.InviteText();
        _request.Parse(text, 0, text.Length);
    }

    [Benchmark(Description = "longest prefix of a number")]
    public int Number() => _numbers.Find(_asked[_next++ & 4095]);

    [Benchmark(Description = "route by a number's beginning")]
    public Route? Rule() => _snapshot.Tables[0].Match(
        _request, new Origin(default, 0, _snapshot.Realms[0], null), _uris[_next++ & 4095], 0);
}
