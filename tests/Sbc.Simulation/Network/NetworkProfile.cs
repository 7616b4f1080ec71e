namespace Sbc.Simulation;

/// <summary>How a network treats datagrams. Probabilities are for each datagram and direction.</summary>
public sealed record NetworkProfile
{
    public long DelayMicroseconds { get; init; }

    /// <summary>Added evenly from 0 to this.</summary>
    public long JitterMicroseconds { get; init; }

    public double Loss { get; init; }

    public double Duplication { get; init; }

    /// <summary>A reordered datagram waits longer and may be overtaken; the others of a path stay in order.</summary>
    public double Reordering { get; init; }

    public long ReorderingMicroseconds { get; init; } = 30_000;

    /// <summary>Nothing is lost and nothing overtakes: a strict peer may insist on order.</summary>
    public bool InOrder => Loss == 0 && Reordering == 0 && Duplication == 0;

    public static NetworkProfile Perfect { get; } = new() { DelayMicroseconds = 100 };

    public static NetworkProfile Lan { get; } = new() { DelayMicroseconds = 150, JitterMicroseconds = 300 };

    public static NetworkProfile Wan { get; } = new()
    {
        DelayMicroseconds = 20_000,
        JitterMicroseconds = 15_000,
        Loss = 0.01,
        Duplication = 0.001,
        Reordering = 0.005,
    };

    public static NetworkProfile Hostile { get; } = new()
    {
        DelayMicroseconds = 30_000,
        JitterMicroseconds = 120_000,
        Loss = 0.2,
        Duplication = 0.05,
        Reordering = 0.1,
        ReorderingMicroseconds = 400_000,
    };
}
