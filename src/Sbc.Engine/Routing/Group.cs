namespace Sbc.Engine.Routing;

public enum Balance : byte
{
    RoundRobin,
    Weighted,
    Priority,
    LeastCalls,
    TwoChoices,
    CallIdHash,
    SourceHash,
}

/// <summary>When and how a call that cannot be set up goes to the next peer.</summary>
public sealed record Failover
{
    public bool OnTimeout { get; init; } = true;

    public bool OnTransport { get; init; } = true;

    /// <summary>Final responses that mean: try the next one.</summary>
    public int[] OnResponses { get; init; } = [503];

    /// <summary>No response at all, 100 included, within this many milliseconds.</summary>
    public int SilenceMilliseconds { get; init; } = 3000;

    public int AttemptsMax { get; init; } = 3;

    public bool IsOn(int response) => Array.IndexOf(OnResponses, response) >= 0;
}

/// <summary>What a member gets of its group's calls.</summary>
/// <param name="Weight">Relative to the others.</param>
/// <param name="Priority">The lowest number is used first, as in SRV (RFC 2782).</param>
/// <param name="Seed">Made of the peer's name: where its keys are does not change with its place in the file.</param>
public readonly record struct MemberShare(int Weight, int Priority, ulong Seed);

/// <summary>Peers to balance over, compiled. A route to a single peer is a group of one.</summary>
public sealed class Group
{
    /// <summary>Row of the shared round-robin position and of the group's calls.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required Peer[] Members { get; init; }

    /// <summary>By member.</summary>
    public required MemberShare[] Shares { get; init; }

    public required Balance Balance { get; init; }

    public required Failover Failover { get; init; }

    public CallLimits Limits { get; init; }

    /// <summary>With all members down calls go to all of them: better some than none.</summary>
    public bool Panics { get; init; }

    public int SlowStartMilliseconds { get; init; }
}
