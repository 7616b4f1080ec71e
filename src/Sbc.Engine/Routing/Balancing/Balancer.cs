namespace Sbc.Engine.Routing.Balancing;

/// <summary>Chooses among the members of a group that may get a call.</summary>
public static class Balancer
{
    /// <param name="group">Its policy decides.</param>
    /// <param name="candidates">Bit i: member i; at least one.</param>
    /// <param name="input">Counts, time, key and chance.</param>
    /// <param name="callsMax">
    /// The calls that the member may have with this one, where the policy bounds them; 0: it does not.
    /// </param>
    /// <returns>The member's index; -1 where the policy's bound leaves none.</returns>
    public static int Choose(Group group, ulong candidates, in BalanceInput input, out long callsMax)
    {
        callsMax = 0;
        return group.Balance switch
        {
            Balance.LeastCalls => LeastCalls.Choose(group, candidates, input),
            Balance.Weighted => Weighted.Choose(group, candidates, input),
            Balance.Priority => Priority.Choose(group, candidates),
            Balance.TwoChoices => TwoChoices.Choose(group, candidates, input),
            Balance.CallIdHash or Balance.SourceHash =>
                ConsistentHash.ChooseBounded(group, candidates, input, out callsMax),
            _ => RoundRobin.Choose(group, candidates, input),
        };
    }

    public static bool IsHash(Balance balance) => balance is Balance.CallIdHash or Balance.SourceHash;
}
