using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One kind of call of a storm.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Weight">Its share, against the sum of all weights.</param>
/// <param name="Draw">The script of one such call.</param>
/// <param name="Finals">The final statuses that are right; 408 (none came) too where datagrams get lost.</param>
public sealed record Scenario(string Name, int Weight, Func<Xoshiro, CallScript> Draw, params int[] Finals)
{
    /// <summary>Final statuses that are right too where datagrams get lost.</summary>
    public IReadOnlyList<int> LossyFinals { get; init; } = [408, 504];
}

/// <summary>A storm, but for what stands between its agents. All of a run follows from it.</summary>
public sealed record StormPlan
{
    public required ulong Seed { get; init; }

    public int Calls { get; init; } = 1000;

    /// <summary>Of virtual time.</summary>
    public int CallsPerSecond { get; init; } = 100;

    public IReadOnlyList<Scenario> Scenarios { get; init; } = UsualScenarios.All;

    /// <summary>Networks by name: profile and prefixes.</summary>
    public IReadOnlyList<(string Name, NetworkProfile Profile, string[] Prefixes)> Networks { get; init; } = [];

    /// <summary>Virtual time after the last call was placed in which everything must have ended.</summary>
    public long EndWithinMilliseconds { get; init; } = 900_000;

    /// <summary>
    /// By when a call was placed: whether any final status is right, as of a call that a killed proxy was setting up.
    /// Null: none.
    /// </summary>
    public Func<Instant, bool>? MayFail { get; init; }

    /// <summary>Whether planned things may not happen though the network loses nothing, as where a peer dies.</summary>
    public bool MayFallShort { get; init; }

    internal bool IsLossy => Networks.Any(network => network.Profile.Loss > 0);
}
