using Sbc.Runtime;

namespace Sbc.Engine.Routing.Balancing;

/// <summary>What a policy may look at beside the group.</summary>
public readonly ref struct BalanceInput
{
    public required SharedCells Cells { get; init; }

    public required Instant Now { get; init; }

    /// <summary>Keyed hash of what the group's policy goes by: the Call-ID or the source address.</summary>
    public required ulong Key { get; init; }

    /// <summary>New for each choice.</summary>
    public required ulong Random { get; init; }

    /// <summary>This worker's own memory of the group, a number for each member.</summary>
    public required Span<long> Memory { get; init; }
}
