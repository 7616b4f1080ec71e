namespace Sbc.Engine.Routing.Balancing;

/// <summary>Shares by weight, spread evenly: weights 5, 1, 1 give a a b a c a a and not five in a row.</summary>
/// <remarks>
/// Each member earns its weight in every choice and the chosen one pays for all (nginx's smooth weighted round-robin).
/// Each worker keeps its own account: the sum of even spreads is even, and no cell is fought over.
/// </remarks>
public static class Weighted
{
    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong candidates, in BalanceInput input)
    {
        int best = -1;
        long total = 0;
        for (int member = 0; member < group.Members.Length; member++)
        {
            if ((candidates >> member & 1) == 0) continue;
            int weight = group.Shares[member].Weight;
            total += weight;
            input.Memory[member] += weight;
            if (best < 0 || input.Memory[member] > input.Memory[best]) best = member;
        }
        if (best >= 0) input.Memory[best] -= total;
        return best;
    }
}
