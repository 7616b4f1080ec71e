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
        call.InviteServer = call.InviteClient = Handle.None;
        call.IngressKey = ingressKey;
        call.StartedAt = work.Now;
        call.Group = -1;
        call.Legs[CallState.Ingress].Peer = call.Legs[CallState.Egress].Peer = -1;
        _byIngress.Add(ingressKey, handle.Index);
        return true;
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
    public bool TryFindDialog(SipMessage request, TokenKind kind, Handle handle, out int leg)
    {
        leg = kind == TokenKind.Egress ? CallState.Egress : CallState.Ingress;
        if (!IsLive(handle)) return false;
        ref LegState state = ref _pool[handle.Index].Legs[leg];
        if (!LegText.CallId(work.Buffers, state).SequenceEqual(request.Value(HeaderName.CallId))) return false;
        if (!NameAddress.TryParse(request.Value(HeaderName.From), out NameAddress from)) return false;
        from.TryGetTag(out ReadOnlySpan<byte> tag);
        return LegText.RemoteTag(work.Buffers, state).SequenceEqual(tag);
    }

    public void WriteToken(Handle handle, int leg, Span<byte> destination) => work.Tokens.Write(
        leg == CallState.Egress ? TokenKind.Egress : TokenKind.Ingress, work.Index, handle, destination);

    /// <summary>Sets the call's one timer.</summary>
    public void SetTimer(Handle handle, long milliseconds)
    {
        ref CallState call = ref this[handle];
        work.Timers.Cancel(ref call.Timer);
        call.Timer = work.Timers.Schedule(work.Now.AddMilliseconds(milliseconds), TimerKind.Call, handle);
    }

    /// <summary>Gives everything back that the call holds here.</summary>
    public void Remove(Handle handle)
    {
        ref CallState call = ref this[handle];
        work.Timers.Cancel(ref call.Timer);
        work.Buffers.Return(ref call.Legs[CallState.Ingress].Text);
        work.Buffers.Return(ref call.Legs[CallState.Egress].Text);
        _byIngress.Remove(call.IngressKey, handle.Index);
        _pool.Return(handle);
    }
}
