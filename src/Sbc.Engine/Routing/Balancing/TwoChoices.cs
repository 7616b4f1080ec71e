using System.Numerics;

namespace Sbc.Engine.Routing.Balancing;

/// <summary>Two members at random, and of them the better one by live calls, response time and weight.</summary>
/// <remarks>
/// The power of two choices (Mitzenmacher 2001): nearly as even as the least loaded of all, without every worker
/// running to the same one when its numbers look best.
/// </remarks>
public static class TwoChoices
{
    /// <summary>Below this a difference in response time is noise of the network.</summary>
    private const long ResponseMicrosecondsMin = 1000;

    /// <summary>Above this it is slow and no more is said: its calls keep the number up to date.</summary>
    private const long ResponseMicrosecondsMax = 1_000_000;

    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong candidates, in BalanceInput input)
    {
        int count = BitOperations.PopCount(candidates);
        if (count == 0) return -1;
        int first = (int)((input.Random & uint.MaxValue) * (ulong)count >> 32);
        int member = Nth(candidates, first);
        if (count == 1) return member;
        int second = (int)((input.Random >> 32) * (ulong)(count - 1) >> 32);
        int other = Nth(candidates, second < first ? second : second + 1);
        return Load(group, other, input) < Load(group, member, input) ? other : member;
    }

    private static double Load(Group group, int member, in BalanceInput input)
    {
        int peer = group.Members[member].Id;
        double response = Math.Clamp(
            input.Cells.PeerResponseMicroseconds(peer), ResponseMicrosecondsMin, ResponseMicrosecondsMax);
        return (input.Cells.PeerCalls(peer) + 1) * response / group.Shares[member].Weight;
    }

    private static int Nth(ulong mask, int n)
    {
        for (int i = 0; i < n; i++) mask &= mask - 1;
        return BitOperations.TrailingZeroCount(mask);
    }
}
