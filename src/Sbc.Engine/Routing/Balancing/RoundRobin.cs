namespace Sbc.Engine.Routing.Balancing;

/// <summary>One after the other, over all workers: the position is shared.</summary>
public static class RoundRobin
{
    /// <returns>The member's index.</returns>
    public static int Choose(Group group, ulong candidates, in BalanceInput input)
    {
        uint count = (uint)group.Members.Length;
        uint start = input.Cells.NextPosition(group.Id);
        for (uint step = 0; step < count; step++)
        {
            int member = (int)((start + step) % count);
            if ((candidates >> member & 1) != 0) return member;
        }
        return -1;
    }
}
