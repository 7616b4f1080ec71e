using System.Numerics;

namespace Sbc.Engine.Routing.Balancing;

/// <summary>The first that takes calls, in the order of priorities and then of the file: the others are its reserve.
/// </summary>
/// <remarks>What has a higher number is no candidate while one with a lower number is (<see cref="Candidates"/>).
/// </remarks>
public static class Priority
{
    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong candidates)
    {
        int member = BitOperations.TrailingZeroCount(candidates);
        return member < group.Members.Length ? member : -1;
    }
}
