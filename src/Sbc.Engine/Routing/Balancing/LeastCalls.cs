namespace Sbc.Engine.Routing.Balancing;

/// <summary>The peer with the fewest live calls for its weight; among equals in turn, or the first would get every
/// burst.</summary>
public static class LeastCalls
{
    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong candidates, in BalanceInput input)
    {
        uint count = (uint)group.Members.Length;
        uint start = input.Cells.NextPosition(group.Id);
        int best = -1;
        long bestCalls = 0, bestWeight = 1;
        for (uint step = 0; step < count; step++)
        {
            int member = (int)((start + step) % count);
            if ((candidates >> member & 1) == 0) continue;
            // With this call: an idle peer of weight 2 is ahead of an idle one of weight 1.
            long calls = input.Cells.PeerCalls(group.Members[member].Id) + 1;
            long weight = group.Shares[member].Weight;
            if (best >= 0 && calls * bestWeight >= bestCalls * weight) continue;
            (best, bestCalls, bestWeight) = (member, calls, weight);
        }
        return best;
    }
}
