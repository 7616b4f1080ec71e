using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// The fork that the box itself makes of a request (RFC 3261 16.6, 16.7): those targets at a time that are equally
/// good, the next ones when all of them have failed, and the best of all failures when nobody is left.
/// </summary>
/// <remarks>
/// A 6xx goes to the caller at once: to wait for what the cancelled ones say, as a proxy does, would only let it hear
/// later that nobody comes. What they answer nevertheless is acknowledged and ended.
/// SUBSCRIBE and REFER go to one contact after the other, whatever their q and the route say: each that takes one makes
/// a subscription of its own, of which nobody wants the second, and a REFER would be done twice.
/// </remarks>
public sealed class Branches(
    Workspace work, CallTable calls, ClientTransactions clients, Attempts attempts, EarlyDialogs early,
    RegisteredTargets registered)
{
    private readonly byte[] _list = new byte[Limits.TargetBytesMax];
    private readonly SipMessage _best = new();

    /// <summary>Sends the request that begins a call where its route leads: to one target, or to several.</summary>
    /// <param name="call">The call, whose route is set.</param>
    /// <param name="request">As it was received.</param>
    /// <param name="preferred">Row of the peer that a challenge came from; -1: any.</param>
    /// <returns>0 when it is on its way; else the response that refuses it.</returns>
    public int Send(Handle call, SipMessage request, int preferred = -1)
    {
        if (work.Snapshot.RouteById(calls[call].Route) is not { } route) return 503;
        if (route.Target == RouteTarget.Registered) return SendToRegistered(call, request);
        // A subscription is one dialog's: its SUBSCRIBE goes to one target after the other.
        if (!route.ForksParallel || calls[call].Kind == CallKind.Subscription)
            return attempts.Send(call, request, preferred);
        var list = new TargetList(_list);
        for (int place = 0; place < route.Groups.Length; place++)
            list.TryAdd(new CallTarget { Quality = Quality.Highest, Place = place });
        return Send(call, request, list);
    }

    /// <summary>To where the user of the Request-URI has registered: all flows that are equally good at once.</summary>
    private int SendToRegistered(Handle call, SipMessage request)
    {
        request = work.Rewritten(calls[call].Route, toTarget: true, request);
        Realm from = work.Snapshot.Realms[calls[call].Legs[CallState.Ingress].Realm];
        int refusal = registered.Find(request.RequestUri, from, out FoundBindings found);
        if (refusal != 0) return refusal;
        var list = new TargetList(_list);
        for (int i = 0; i < found.Count; i++) AddDevice(ref list, found, i);
        return Send(call, attempts.Stored(call), list);
    }

    /// <summary>Adds a binding, and behind it the other flows of its device, which are its next ones.</summary>
    private static void AddDevice(ref TargetList list, FoundBindings found, int index)
    {
        for (int i = 0; i < index; i++)
        {
            if (found.AreOneInstance(i, index)) return;
        }
        CallTarget first = found.Target(index);
        if (!list.TryAdd(first)) return;
        for (int i = index + 1; i < found.Count; i++)
        {
            if (found.AreOneInstance(i, index))
                list.TryAdd(found.Target(i) with { Quality = first.Quality, IsNextFlow = true });
        }
    }

    /// <summary>Sends the request that begins a call to these targets.</summary>
    /// <returns>0 when it is on its way; else the response that refuses it: 480 where the list is empty.</returns>
    public int Send(Handle call, SipMessage request, scoped TargetList targets)
    {
        ref CallState state = ref calls[call];
        Forget(call);
        if (targets.Count == 0) return 480;
        if (!work.Buffers.TryStore(targets.Written, out state.Targets)) return 503;
        state.TargetAt = 0;
        // The call itself is the branch where there is no other one.
        if (targets.Devices == 1) return attempts.Send(call, request);
        if (!TryStart(call, request, out int refusal)) return refusal;
        // Each branch has a Timer C of its own (16.6 step 11).
        if (state.Kind != CallKind.Session) return 0;
        state.EndsAt = Instant.Never;
        calls.Schedule(call);
        return 0;
    }

    /// <summary>Begins with the next targets. False where none of those that are left takes it.</summary>
    /// <param name="refusal">On false: why the last one did not.</param>
    private bool TryStart(Handle call, SipMessage request, out int refusal)
    {
        refusal = 503;
        ref CallState state = ref calls[call];
        ReadOnlySpan<byte> list = work.Buffers.Bytes(state.Targets);
        while (state.Branches == 0 && state.TargetAt < list.Length)
        {
            int breadth = MaxBreadth.Of(request);
            int count = CountOf(list, state.TargetAt, Math.Min(breadth, AtOnceMax(state, request)), out int end);
            bool hasNext = end < list.Length && !Disposition.ForbidsForks(request);
            for (int i = 0; i < count; i++)
            {
                int at = state.TargetAt;
                state.TargetAt = (ushort)TargetList.NextDevice(list, at);
                int share = (breadth / count) + (i < breadth % count ? 1 : 0);
                int sent = Start(call, request, at, share, hasNext);
                if (sent != 0) refusal = sent;
            }
            if (!hasNext) state.TargetAt = (ushort)list.Length;
        }
        return state.Branches > 0;
    }

    private int AtOnceMax(in CallState call, SipMessage request)
    {
        bool isParallel = call.Kind != CallKind.Subscription &&
            work.Snapshot.RouteById(call.Route) is not { Target: RouteTarget.Registered, ForksParallel: false };
        return isParallel ? Disposition.BranchesMax(request) : 1;
    }

    /// <param name="at">Its target in the list.</param>
    /// <param name="hasNext">Others wait for this one, who would not come to it if it rang as long as it may.</param>
    private int Start(Handle call, SipMessage request, int at, int breadth, bool hasNext)
    {
        if (!early.TryBranch(call, out Handle branch)) return 503;
        int place = TargetList.At(work.Buffers.Bytes(calls[call].Targets), at, out _).Place;
        ref CallState state = ref calls[branch];
        state.TargetAt = (ushort)at;
        state.Target.Place = (byte)Math.Max(0, place);
        state.Breadth = (byte)Math.Min(breadth, byte.MaxValue);
        state.HasNext = hasNext;
        int refusal = attempts.Send(branch, request);
        if (refusal != 0) early.Drop(branch);
        else if (state.Kind == CallKind.Session) calls.SetEnd(branch, RingingOf(state));
        return refusal;
    }

    private long RingingOf(in CallState branch)
    {
        int longest = work.Snapshot.Timers.RingingMax;
        return branch.HasNext && work.Snapshot.RouteById(branch.Route) is { } route
            ? Math.Min(route.ForkRinging, longest)
            : longest;
    }

    /// <summary>How many targets from there on are equally good, so many at most.</summary>
    /// <param name="end">Where the next one begins.</param>
    private static int CountOf(ReadOnlySpan<byte> list, int at, int most, out int end)
    {
        int quality = TargetList.At(list, at, out _).Quality;
        int count = 1;
        for (end = TargetList.NextDevice(list, at);
            count < most && end < list.Length && TargetList.At(list, end, out _).Quality == quality; count++)
            end = TargetList.NextDevice(list, end);
        return count;
    }

    /// <summary>A branch has failed for good. True: the call goes on with others.</summary>
    /// <param name="branch">Gone afterwards.</param>
    /// <param name="code">Of the response; 408 or 503 where there was none (16.8, 16.9).</param>
    /// <param name="response">Null: none came.</param>
    public bool TryGoOn(Handle branch, int code, SipMessage? response)
    {
        Handle call = calls[branch].Primary;
        Keep(call, branch, code, response);
        early.Drop(branch);
        if (code >= 600) return false;
        return calls[call].Branches > 0 || TryStart(call, attempts.Stored(call), out _);
    }

    /// <summary>The best failure so far (16.7 step 6), with the challenges of all (step 7).</summary>
    private void Keep(Handle call, Handle branch, int code, SipMessage? response)
    {
        ref CallState state = ref calls[call];
        if (Failure.IsBetter(state.BestFailure, code))
        {
            if (response is not null) KeepChallenges(ref state, response);
            return;
        }
        if (TryBest(call, out SipMessage before)) KeepChallenges(ref state, before);
        work.Buffers.Return(ref state.Best);
        state.BestFailure = (ushort)code;
        if (response is not null) work.Buffers.TryStore(response.Bytes, out state.Best);
        ref LegState from = ref calls[branch].Legs[CallState.Egress];
        ref LegState to = ref state.Legs[CallState.Egress];
        (to.Realm, to.Listener, to.Peer, to.NextHop) = (from.Realm, from.Listener, from.Peer, from.NextHop);
    }

    private void KeepChallenges(ref CallState state, SipMessage response)
    {
        if (response.StatusCode is not (401 or 407)) return;
        Span<byte> lines = stackalloc byte[Limits.ChallengeBytesMax];
        var writer = new SipWriter(lines);
        writer.Raw(ChallengesOf(state));
        for (int i = 0; i < response.HeaderCount; i++)
        {
            if (response.NameAt(i) is not (HeaderName.WwwAuthenticate or HeaderName.ProxyAuthenticate)) continue;
            if (writer.Length + response.Line(i).Length < lines.Length) writer.Copy(response, i);
        }
        work.Buffers.Return(ref state.Challenges);
        work.Buffers.TryStore(writer.Written, out state.Challenges);
    }

    /// <summary>The response that was the best failure, valid until the next one. False: none was a response.</summary>
    public bool TryBest(Handle call, out SipMessage best)
    {
        best = _best;
        BufferRef kept = calls[call].Best;
        if (kept.IsNone) return false;
        ArraySegment<byte> bytes = work.Buffers.Segment(kept);
        _best.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        return true;
    }

    /// <summary>Challenges of the other branches, as header lines.</summary>
    public ReadOnlySpan<byte> ChallengesOf(in CallState call) =>
        call.Challenges.IsNone ? default : work.Buffers.Bytes(call.Challenges);

    /// <summary>Cancels all requests of a call that is being set up, but one.</summary>
    /// <param name="call">The call.</param>
    /// <param name="but">The branch that goes on; none: all are cancelled.</param>
    /// <param name="reason">Header lines that each CANCEL carries (RFC 3326).</param>
    public void Cancel(Handle call, Handle but, ReadOnlySpan<byte> reason)
    {
        if (call != but) clients.Cancel(calls[call].InviteClient, reason);
        for (Handle each = calls[call].NextFork; !each.IsNone; each = calls[each].NextFork)
        {
            if (calls[each].IsBranch && each != but) clients.Cancel(calls[each].InviteClient, reason);
        }
    }

    /// <summary>No other target will be needed.</summary>
    public void Forget(Handle call)
    {
        ref CallState state = ref calls[call];
        work.Buffers.Return(ref state.Targets);
        work.Buffers.Return(ref state.Best);
        work.Buffers.Return(ref state.Challenges);
    }
}
