namespace Sbc.Engine.Routing.Balancing;

/// <summary>One after the other, over all workers: the position is shared.</summary>
public static class RoundRobin
{
    /// <param name="tried">Bit i: member i was tried for this call.</param>
    /// <returns>The member's index; -1 when none is left that takes calls.</returns>
    public static int Choose(Group group, ulong tried, SharedCells cells)
    {
        uint count = (uint)group.Members.Length;
        uint start = cells.NextPosition(group.Id);
        for (uint step = 0; step < count; step++)
        {
            int member = (int)((start + step) % count);
            if ((tried >> member & 1) == 0 && cells.PeerTakesCalls(group.Members[member].Id)) return member;
        }
        return -1;
    }
}
