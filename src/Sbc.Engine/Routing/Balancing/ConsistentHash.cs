namespace Sbc.Engine.Routing.Balancing;

/// <summary>The same key goes to the same member: rendezvous hashing (Thaler, Ravishankar 1998).</summary>
/// <remarks>
/// Every member draws a number from the key, the highest one has it. One that goes takes only its own keys with it,
/// and they come back with it. At most 64 members are a loop shorter than any ring's search, and need no table.
/// With bounded load (Mirrokni, Thorup, Zadimoghaddam 2018) one that has 1.25 times the mean passes new calls on to
/// the next in the key's own order.
/// </remarks>
public static class ConsistentHash
{
    /// <inheritdoc cref="Balancer.Choose"/>
    public static int ChooseBounded(Group group, ulong candidates, in BalanceInput input, out long callsMax)
    {
        long calls = 1, weights = 0;
        for (int member = 0; member < group.Members.Length; member++)
        {
            if ((candidates >> member & 1) == 0) continue;
            calls += input.Cells.PeerCalls(group.Members[member].Id);
            weights += group.Shares[member].Weight;
        }
        ulong below = 0;
        for (int member = 0; member < group.Members.Length; member++)
        {
            if ((candidates >> member & 1) == 0) continue;
            long bound = Bound(calls, group.Shares[member].Weight, weights);
            if (input.Cells.PeerCalls(group.Members[member].Id) < bound) below |= 1UL << member;
        }
        int chosen = Choose(group, below, input.Key);
        callsMax = chosen < 0 ? 0 : Bound(calls, group.Shares[chosen].Weight, weights);
        return chosen;
    }

    /// <summary>Without regard to load: a pure function of key and candidates.</summary>
    public static int Choose(Group group, ulong candidates, ulong key)
    {
        int best = -1;
        double highest = double.NegativeInfinity;
        for (int member = 0; member < group.Members.Length; member++)
        {
            if ((candidates >> member & 1) == 0) continue;
            double score = Score(key, group.Shares[member]);
            if (score <= highest) continue;
            highest = score;
            best = member;
        }
        return best;
    }

    /// <summary>1.25 times the member's share of all calls, this one included; rounded up.</summary>
    private static long Bound(long calls, long weight, long weights) => ((5 * calls * weight) + (4 * weights) - 1) /
        (4 * weights);

    /// <summary>
    /// Higher wins; a weight of two wins twice as often (weighted rendezvous: minus weight over the logarithm).
    /// </summary>
    private static double Score(ulong key, in MemberShare share)
    {
        ulong mixed = Mix(key ^ share.Seed);
        double uniform = ((mixed >> 11) + 0.5) * (1.0 / (1UL << 53));
        return -share.Weight / Math.Log(uniform);
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
