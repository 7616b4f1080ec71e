using Sbc.Runtime;

namespace Sbc.Engine.Routing.Balancing;

/// <summary>Which members of a group may get a call now, before its policy chooses among them.</summary>
public static class Candidates
{
    /// <summary>
    /// Those that take calls, of the lowest priority number; one in its slow start for a part of the calls only.
    /// </summary>
    /// <param name="group">Whose members.</param>
    /// <param name="excluded">Bit i: member i was tried for this call, or is at a limit.</param>
    /// <param name="cells">Health.</param>
    /// <param name="gate">
    /// Drawn for this choice, or from its key: the same key stays where it is while a slow start goes on.
    /// </param>
    /// <param name="now">Time of the turn.</param>
    /// <returns>Bit i: member i; 0: nobody.</returns>
    public static ulong Of(Group group, ulong excluded, SharedCells cells, ulong gate, Instant now)
    {
        ulong candidates = Take(group, excluded, cells, gate, now, spread: false);
        return candidates == 0 && group.Panics && AllDown(group, cells, now)
            ? Take(group, excluded, cells, gate, now, spread: true)
            : candidates;
    }

    private static ulong Take(Group group, ulong excluded, SharedCells cells, ulong gate, Instant now, bool spread)
    {
        ulong all = 0, open = 0;
        int lowest = int.MaxValue, lowestOpen = int.MaxValue;
        for (int member = 0; member < group.Members.Length; member++)
        {
            int peer = group.Members[member].Id;
            if ((excluded >> member & 1) != 0 || cells.PeerIsDraining(peer)) continue;
            if (!spread && !cells.PeerTakesCalls(peer, now)) continue;
            int priority = group.Shares[member].Priority;
            Join(member, priority, ref all, ref lowest);
            int portion = cells.PeerShare(peer, group.SlowStartMilliseconds, now);
            if ((int)(gate & (SharedCells.FullShare - 1)) < portion)
                Join(member, priority, ref open, ref lowestOpen);
        }
        // What a slow start leaves over goes to the others, a reserve's too; without others it gets all.
        return open != 0 ? open : all;
    }

    private static void Join(int member, int priority, ref ulong mask, ref int lowest)
    {
        if (priority > lowest) return;
        if (priority < lowest) mask = 0;
        lowest = priority;
        mask |= 1UL << member;
    }

    /// <summary>Not: all were tried, or are drained.</summary>
    private static bool AllDown(Group group, SharedCells cells, Instant now)
    {
        foreach (Peer peer in group.Members)
        {
            if (cells.PeerTakesCalls(peer.Id, now)) return false;
        }
        return true;
    }
}
