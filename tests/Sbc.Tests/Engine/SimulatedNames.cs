using Sbc.Engine.Calls;
using Sbc.Engine.Routing;
using Sbc.Simulation;

namespace Sbc.Tests.Engine;

/// <summary>A DNS that says what a test wrote, after a while.</summary>
public sealed class SimulatedNames(Simulator simulator) : INameResolver
{
    private readonly Dictionary<string, NameAnswer> _names = [];

    public int Asked { get; private set; }

    public int DelayMilliseconds { get; set; } = 50;

    /// <summary>Priority 0, weight 1 and 10 s of life.</summary>
    public void Is(string name, params string[] addresses) => _names[name] = new NameAnswer(
        0, false, [.. addresses.Select((a, i) => new PeerLocation(i, Address.Of(a), i, 1))], 10_000);

    /// <summary>No server answers.</summary>
    public void IsBroken(string name) => _names[name] = new NameAnswer(0, true, [], 2000);

    public bool TryAsk(NameQuestion question, Action<NameAnswer> answer)
    {
        Asked++;
        NameAnswer said = _names.GetValueOrDefault(question.Host) ?? new NameAnswer(0, false, [], 10_000);
        simulator.After(DelayMilliseconds, () => answer(said with { Key = question.Key }));
        return true;
    }
}
