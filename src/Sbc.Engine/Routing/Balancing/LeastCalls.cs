namespace Sbc.Engine.Routing.Balancing;

/// <summary>The peer with the fewest live calls; among equals in turn, or the first would get every burst.</summary>
public static class LeastCalls
{
    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong tried, SharedCells cells)
    {
        uint count = (uint)group.Members.Length;
        uint start = cells.NextPosition(group.Id);
        int best = -1;
        long fewest = long.MaxValue;
        for (uint step = 0; step < count; step++)
        {
            int member = (int)((start + step) % count);
            int peer = group.Members[member].Id;
            if ((tried >> member & 1) != 0 || !cells.PeerTakesCalls(peer)) continue;
            long calls = cells.PeerCalls(peer);
            if (calls >= fewest) continue;
            fewest = calls;
            best = member;
        }
        return best;
    }
}
