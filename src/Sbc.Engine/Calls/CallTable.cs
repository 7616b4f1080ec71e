using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>The calls of one worker: found by our tag, or by what a repeated INVITE repeats.</summary>
public sealed class CallTable(Workspace work)
{
    private readonly Pool<CallState> _pool = new(Limits.CallsMax);
    private readonly KeyTable _byIngress = new();

    /// <summary>All calls, challenged ones included.</summary>
    public int Count => _pool.Count;

    /// <summary>Bound of a walk over all indexes with <see cref="TryAt"/>.</summary>
    public int Created => _pool.Created;

    public ref CallState this[Handle handle] => ref _pool[handle.Index];

    public bool IsLive(Handle handle) => _pool.IsLive(handle);

    public bool TryAt(int index, out Handle handle)
    {
        handle = _pool.IsLive(index) ? _pool.HandleOf(index) : Handle.None;
        return !handle.IsNone;
    }

    public bool TryCreate(ulong ingressKey, out Handle handle)
    {
        if (!_pool.TryRent(out handle)) return false;
        ref CallState call = ref _pool[handle.Index];
        Prepare(handle, ref call);
        call.IngressKey = ingressKey;
        call.Group = -1;
        call.Legs[CallState.Ingress].Peer = call.Legs[CallState.Egress].Peer = -1;
        call.Legs[CallState.Egress].Token = handle;
        _byIngress.Add(ingressKey, handle.Index);
        return true;
    }

    /// <summary>A further early dialog of a call, or a branch, chained to it; its legs are to be filled in.</summary>
    public bool TryCreateFork(Handle primary, bool isBranch, out Handle handle)
    {
        handle = Handle.None;
        if (!isBranch && this[primary].Forks == Limits.ForksPerCallMax) return false;
        if (!_pool.TryRent(out handle)) return false;
        ref CallState call = ref _pool[handle.Index];
        Prepare(handle, ref call);
        call.IsBranch = isBranch;
        call.Primary = primary;
        call.NextFork = this[primary].NextFork;
        this[primary].NextFork = handle;
        if (isBranch) this[primary].Branches++;
        else this[primary].Forks++;
        return true;
    }

    private void Prepare(Handle handle, ref CallState call)
    {
        call.InviteServer = call.InviteClient = call.Primary = call.NextFork = Handle.None;
        call.EndsAt = call.SessionEndsAt = call.CheckAt = Instant.Never;
        call.StartedAt = work.Now;
        call.Legs[CallState.Ingress].Token = handle;
    }

    /// <summary>The call that an early dialog belongs to; every other one is its own.</summary>
    public Handle Root(Handle handle)
    {
        Handle primary = this[handle].Primary;
        return primary.IsNone ? handle : primary;
    }

    public ulong IngressKey(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> fromTag)
    {
        Span<byte> key = stackalloc byte[512];
        callId = callId[..Math.Min(callId.Length, 250)];
        fromTag = fromTag[..Math.Min(fromTag.Length, 250)];
        callId.CopyTo(key);
        key[callId.Length] = 0;
        fromTag.CopyTo(key[(callId.Length + 1)..]);
        return work.Hash.Hash(key[..(callId.Length + 1 + fromTag.Length)]);
    }

    /// <summary>A call that the same caller began with the same Call-ID and From tag.</summary>
    public bool TryFindIngress(ulong key, ReadOnlySpan<byte> callId, ReadOnlySpan<byte> fromTag, out Handle handle)
    {
        int cursor = -1;
        while (_byIngress.Find(key, ref cursor) is var index && index >= 0)
        {
            ref LegState leg = ref _pool[index].Legs[CallState.Ingress];
            if (!LegText.CallId(work.Buffers, leg).SequenceEqual(callId)) continue;
            if (!LegText.RemoteTag(work.Buffers, leg).SequenceEqual(fromTag)) continue;
            handle = _pool.HandleOf(index);
            return true;
        }
        handle = Handle.None;
        return false;
    }

    /// <summary>
    /// Finds the dialog of an in-dialog request: our tag in To, Call-ID and their tag in From, all in full.
    /// </summary>
    /// <param name="handle">In: what our tag names. Out: the dialog's state, else the call's.</param>
    public bool TryFindDialog(SipMessage request, TokenKind kind, ref Handle handle, out int leg)
    {
        leg = kind == TokenKind.Egress ? CallState.Egress : CallState.Ingress;
        if (!IsLive(handle)) return false;
        if (!NameAddress.TryParse(request.Value(HeaderName.From), out NameAddress from)) return false;
        from.TryGetTag(out ReadOnlySpan<byte> tag);
        return TryFindDialog(request.Value(HeaderName.CallId), tag, leg, ref handle);
    }

    public bool TryFindDialog(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> remoteTag, int leg, ref Handle handle)
    {
        Handle token = handle;
        if (this[handle].Phase == CallPhase.Joined) handle = this[handle].Primary;
        if (leg == CallState.Ingress)
            return this[handle].Legs[leg].Token == token && IsDialog(handle, leg, callId, remoteTag);
        // All early dialogs have the From tag of their one INVITE.
        for (Handle each = Root(handle); !each.IsNone; each = this[each].NextFork)
        {
            if (this[each].Phase == CallPhase.Over || !IsDialog(each, leg, callId, remoteTag)) continue;
            handle = each;
            return true;
        }
        return false;
    }

    private bool IsDialog(Handle handle, int leg, ReadOnlySpan<byte> callId, ReadOnlySpan<byte> remoteTag)
    {
        ref LegState state = ref this[handle].Legs[leg];
        return !state.Text.IsNone && LegText.CallId(work.Buffers, state).SequenceEqual(callId) &&
            LegText.RemoteTag(work.Buffers, state).SequenceEqual(remoteTag);
    }

    public void WriteToken(Handle handle, int leg, Span<byte> destination) => work.Tokens.Write(
        leg == CallState.Egress ? TokenKind.Egress : TokenKind.Ingress, work.Index, this[handle].Legs[leg].Token,
        destination);

    /// <summary>Sets what its phase waits for at most, and the call's one timer to what comes first.</summary>
    public void SetEnd(Handle handle, long milliseconds)
    {
        this[handle].EndsAt = work.Now.AddMilliseconds(milliseconds);
        Schedule(handle);
    }

    public void Schedule(Handle handle)
    {
        ref CallState call = ref this[handle];
        work.Timers.Cancel(ref call.Timer);
        Instant next = call.EndsAt;
        if (call.SessionEndsAt < next) next = call.SessionEndsAt;
        if (call.CheckAt < next) next = call.CheckAt;
        if (next < Instant.Never) call.Timer = work.Timers.Schedule(next, TimerKind.Call, handle);
    }

    /// <summary>Takes an early dialog out of its call's chain.</summary>
    public void Unlink(Handle fork)
    {
        Handle primary = this[fork].Primary;
        Handle before = primary;
        while (this[before].NextFork != fork) before = this[before].NextFork;
        this[before].NextFork = this[fork].NextFork;
        if (this[fork].IsBranch) this[primary].Branches--;
        else this[primary].Forks--;
    }

    /// <summary>Gives everything back that the call holds here.</summary>
    public void Remove(Handle handle)
    {
        ref CallState call = ref this[handle];
        work.Timers.Cancel(ref call.Timer);
        work.Buffers.Return(ref call.Legs[CallState.Ingress].Text);
        work.Buffers.Return(ref call.Legs[CallState.Egress].Text);
        work.Buffers.Return(ref call.Legs[CallState.Ingress].Description);
        work.Buffers.Return(ref call.Legs[CallState.Egress].Description);
        work.Buffers.Return(ref call.Redirects);
        work.Buffers.Return(ref call.Targets);
        work.Buffers.Return(ref call.Best);
        work.Buffers.Return(ref call.Challenges);
        work.Buffers.Return(ref call.Offered);
        work.Buffers.Return(ref call.EarlyAnswer);
        work.Buffers.Return(ref call.FormerDescription);
        if (call.Primary.IsNone) _byIngress.Remove(call.IngressKey, handle.Index);
        _pool.Return(handle);
    }
}
