using Sbc.Engine.Routing.Balancing;
using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>
/// Where the next attempt of a call goes: group after group of its route, member after member, limits taken.
/// </summary>
/// <remarks>
/// One for each worker. A call's <see cref="TargetState"/> holds its places; who ends the call gives them back with
/// <see cref="Return"/>. A choice that fails changes nothing: the attempt that runs keeps its peer.
/// </remarks>
public sealed class TargetChoice(SharedCells cells)
{
    private readonly long[]?[] _memory = new long[Limits.GroupsMax + Limits.PeersMax][];

    /// <summary>Takes the route's own place, once for a call. False: the route is at its limit.</summary>
    public bool TryEnter(Route route, ref TargetState state, Instant now)
    {
        state = default;
        if (!cells.Routes.TryTake(route.Id, route.Limits, now.Microseconds)) return false;
        state.Route = route.Id;
        return true;
    }

    /// <summary>The next member that takes the call. What the attempt before it held is given back.</summary>
    /// <param name="groups">Of the route, in order, as far as they are for this request.</param>
    /// <param name="keys">For the hash policies.</param>
    /// <param name="preferred">Row of the peer that has to be asked first, as after its challenge; -1: any.</param>
    /// <param name="random">New for each choice.</param>
    /// <param name="now">Time of the turn.</param>
    /// <param name="state">How far the call is.</param>
    /// <param name="group">The group it was chosen from.</param>
    /// <param name="peer">The peer, which is counted now.</param>
    public bool TryNext(
        ReadOnlySpan<Group> groups, in TargetKeys keys, int preferred, ulong random, Instant now, ref TargetState state,
        out Group? group, out Peer? peer)
    {
        TargetState next = state;
        for (group = null, peer = null; next.Place < groups.Length; next.Place++)
        {
            group = groups[next.Place];
            if (next.Attempts < group.Failover.AttemptsMax && group.Members.Length > 0 &&
                TryGroup(group, keys, preferred, random, now, ref next, out peer))
            {
                if (state.Peer >= 0) cells.AddPeerCall(state.Peer, -1);
                if (state.Named >= 0 && state.Named != next.Named) cells.NamedPeers.Add(state.Named, -1);
                if (state.Group >= 0 && state.Group != next.Group) cells.Groups.Add(state.Group, -1);
                state = next;
                cells.CountPeerCall(peer!.Id);
                return true;
            }
            next.Tried = 0;
            next.Attempts = 0;
        }
        return false;
    }

    /// <summary>Counts a call at a peer that no group chose, as the one a Request-URI names.</summary>
    /// <param name="peer">Its row; -1: none.</param>
    /// <param name="state">Of the call.</param>
    public void Hold(int peer, ref TargetState state)
    {
        ReturnTarget(ref state);
        if (peer < 0) return;
        cells.AddPeerCall(peer, 1);
        state.Peer = peer;
    }

    /// <summary>What a branch holds becomes the call's, which keeps its route's place unless the branch has another.
    /// </summary>
    public void Move(ref TargetState branch, ref TargetState call)
    {
        if (branch.Route < 0) (branch.Route, call.Route) = (call.Route, -1);
        Return(ref call);
        call = branch;
        branch = default;
    }

    /// <summary>Gives back all that the call holds; what was tried stays known.</summary>
    public void Return(ref TargetState state)
    {
        ReturnTarget(ref state);
        if (state.Route < 0) return;
        cells.Routes.Add(state.Route, -1);
        state.Route = -1;
    }

    private void ReturnTarget(ref TargetState state)
    {
        if (state.Peer >= 0) cells.AddPeerCall(state.Peer, -1);
        if (state.Named >= 0) cells.NamedPeers.Add(state.Named, -1);
        if (state.Group >= 0) cells.Groups.Add(state.Group, -1);
        state.Peer = state.Named = state.Group = -1;
    }

    private bool TryGroup(
        Group group, in TargetKeys keys, int preferred, ulong random, Instant now, ref TargetState next,
        out Peer? peer)
    {
        peer = null;
        // A call that fails over within its group keeps the place that it has there.
        bool holds = next.Group == group.Id;
        if (!holds && !cells.Groups.TryTake(group.Id, group.Limits, now.Microseconds)) return false;
        int member = Member(group, keys, preferred, random, now, next);
        if (member < 0)
        {
            if (!holds) cells.Groups.Undo(group.Id, group.Limits);
            return false;
        }
        peer = group.Members[member];
        next.Tried |= 1UL << member;
        next.Attempts++;
        next.Group = group.Id;
        next.Peer = peer.Id;
        next.Named = peer.Named;
        return true;
    }

    /// <summary>A member that takes calls and whose place was taken; -1: none is left.</summary>
    private int Member(
        Group group, in TargetKeys keys, int preferred, ulong random, Instant now, in TargetState state)
    {
        ulong tried = state.Tried;
        int wanted = preferred < 0 ? -1 : IndexOf(group, preferred);
        if (wanted >= 0 && cells.PeerIsUp(preferred) && TryTake(group, wanted, 0, now, state.Named)) return wanted;
        ulong key = group.Balance == Balance.SourceHash ? keys.Source : keys.CallId;
        ulong gate = Balancer.IsHash(group.Balance) ? key : random;
        while (true)
        {
            ulong candidates = Candidates.Of(group, tried, cells, gate, now);
            if (candidates == 0) return -1;
            var input = new BalanceInput
            {
                Cells = cells,
                Now = now,
                Key = key,
                // The low bits decided whether a slow start gets this call.
                Random = ulong.RotateRight(random, 10),
                Memory = MemoryOf(group),
            };
            int member = Balancer.Choose(group, candidates, input, out long callsMax);
            // Every member is at the policy's bound: the others moved while it looked.
            if (member < 0) return -1;
            if (TryTake(group, member, callsMax, now, state.Named)) return member;
            tried |= 1UL << member;
        }
    }

    /// <param name="held">Row of the name whose place the call has: another address of it costs no other one.</param>
    private bool TryTake(Group group, int member, long callsMax, Instant now, int held)
    {
        Peer peer = group.Members[member];
        CallLimits limits = peer.Named < 0 ? peer.Limits : default;
        if (callsMax > 0 && (limits.CallsMax == 0 || callsMax < limits.CallsMax))
            limits = limits with { CallsMax = (int)callsMax };
        if (!cells.Peers.TryTake(peer.Id, limits, now.Microseconds)) return false;
        if (peer.Named < 0 || peer.Named == held) return true;
        if (cells.NamedPeers.TryTake(peer.Named, peer.Limits, now.Microseconds)) return true;
        cells.Peers.Undo(peer.Id, limits);
        return false;
    }

    private Span<long> MemoryOf(Group group) => _memory[group.Id] ??= new long[Limits.GroupMembersMax];

    private static int IndexOf(Group group, int peer)
    {
        for (int member = 0; member < group.Members.Length; member++)
        {
            if (group.Members[member].Id == peer) return member;
        }
        return -1;
    }
}
