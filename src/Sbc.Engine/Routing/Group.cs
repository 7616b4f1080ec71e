namespace Sbc.Engine.Routing;

public enum Balance : byte
{
    RoundRobin,
    LeastCalls,
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

/// <summary>Peers to balance over, compiled. A route to a single peer is a group of one.</summary>
public sealed class Group
{
    /// <summary>Row of the shared round-robin position.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required Peer[] Members { get; init; }

    public required Balance Balance { get; init; }

    public required Failover Failover { get; init; }
}
