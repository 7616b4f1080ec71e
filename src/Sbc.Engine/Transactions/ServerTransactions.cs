using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Transactions;

/// <summary>
/// The server transactions of one worker: absorb retransmissions, send responses, retransmit failures.
/// </summary>
public sealed class ServerTransactions(Workspace work)
{
    private readonly Pool<ServerTransaction> _pool = new(Limits.TransactionsMax);
    private readonly KeyTable _table = new();

    public int Count => _pool.Count;

    /// <summary>Bound of a walk over all indexes with <see cref="TryAt"/>.</summary>
    public int Created => _pool.Created;

    public ref ServerTransaction this[Handle handle] => ref _pool[handle.Index];

    public bool IsLive(Handle handle) => _pool.IsLive(handle);

    public bool TryAt(int index, out Handle handle)
    {
        handle = _pool.IsLive(index) ? _pool.HandleOf(index) : Handle.None;
        return !handle.IsNone;
    }

    public bool TryFind((ulong Low, ulong High) key, out Handle handle)
    {
        int cursor = -1;
        while (_table.Find(key.Low, ref cursor) is var index && index >= 0)
        {
            if (_pool[index].KeyHigh != key.High) continue;
            handle = _pool.HandleOf(index);
            return true;
        }
        handle = Handle.None;
        return false;
    }

    /// <summary>Creates a transaction that stores its request. False when memory is at its limit.</summary>
    public bool TryCreate(
        SipMessage request, in ViaValue via, (ulong Low, ulong High) key, in TransportAddress source, int listener,
        bool replyToSource, out Handle handle)
    {
        if (!_pool.TryRent(out handle)) return false;
        ref ServerTransaction server = ref _pool[handle.Index];
        if (!work.Buffers.TryStore(request.Bytes, out server.Request))
        {
            _pool.Return(handle);
            return false;
        }
        CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq);
        server.KeyLow = key.Low;
        server.KeyHigh = key.High;
        server.Call = server.Client = Handle.None;
        server.Source = source;
        server.ReplyPort = ReplyPort(via, source, replyToSource);
        server.Listener = (byte)listener;
        server.Realm = (byte)work.Snapshot.Listeners[listener].RealmId;
        server.Method = request.Method;
        server.CSeq = cseq.Number;
        server.StartedAt = work.Now;
        server.EndsAt = server.RetransmitAt = Instant.Never;
        server.State = server.IsInvite ? TransactionState.Proceeding : TransactionState.Trying;
        _table.Add(key.Low, handle.Index);
        return true;
    }

    /// <summary>Port that responses go to: the source's with rport or behind NAT, else what Via says.</summary>
    public static ushort ReplyPort(in ViaValue via, in TransportAddress source, bool replyToSource)
    {
        if (via.HasRport || replyToSource) return source.Port;
        return (ushort)(via.Port == 0 ? 5060 : via.Port);
    }

    /// <summary>A retransmission of the request: answers it again where there is an answer.</summary>
    public void OnRetransmission(Handle handle)
    {
        ref ServerTransaction server = ref this[handle];
        (server.State, TransactionAction action) = server.IsInvite
            ? InviteServer.Next(server.State, InviteServer.Event.Request)
            : NonInviteServer.Next(server.State, NonInviteServer.Event.Request);
        if ((action & TransactionAction.Resend) != 0) Resend(ref server);
    }

    /// <summary>An ACK that matches by branch: it ends the retransmissions of a failure.</summary>
    public void OnAck(Handle handle)
    {
        ref ServerTransaction server = ref this[handle];
        TransactionState before = server.State;
        (server.State, _) = InviteServer.Next(server.State, InviteServer.Event.Ack);
        if (before != TransactionState.Completed || server.State != TransactionState.Confirmed) return;
        work.Buffers.Return(ref server.Response);
        server.RetransmitAt = Instant.Never;
        server.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T4);
        Schedule(handle, ref server);
    }

    /// <summary>Sends the response that was written into the opened outbox slot, and runs the machine.</summary>
    public void Respond(Handle handle, int code, Span<byte> opened, int length)
    {
        ref ServerTransaction server = ref this[handle];
        if (server.IsInvite) MoveInvite(ref server, code);
        else MoveNonInvite(ref server, code);
        // A 2xx to INVITE is repeated end to end and not by the transaction (RFC 6026 7.1).
        bool repeats = !(server.IsInvite && code is >= 200 and < 300);
        work.Buffers.Return(ref server.Response);
        // Without memory for the copy a retransmitted request is not answered again: it is then as if that was lost.
        if (repeats) work.Buffers.TryStore(opened[..length], out server.Response);
        if (code >= 200 && repeats) work.Buffers.Return(ref server.Request);
        work.Outbox.Commit(length, server.Listener, server.ReplyTo, server.Method);
        if (code >= 200) Schedule(handle, ref server);
    }

    private void MoveInvite(ref ServerTransaction server, int code)
    {
        (server.State, _) = InviteServer.Next(server.State, code switch
        {
            < 200 => InviteServer.Event.SendProvisional,
            < 300 => InviteServer.Event.SendSuccess,
            _ => InviteServer.Event.SendFailure,
        });
        if (code < 200) return;
        // Timer L for a 2xx, timers G and H for a failure: all 64*T1 at the end.
        server.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T1x64);
        if (code < 300) return;
        server.RetransmitMilliseconds = work.Snapshot.Timers.T1;
        server.RetransmitAt = work.Now.AddMilliseconds(server.RetransmitMilliseconds);
    }

    private void MoveNonInvite(ref ServerTransaction server, int code)
    {
        (server.State, _) = NonInviteServer.Next(
            server.State, code < 200 ? NonInviteServer.Event.SendProvisional : NonInviteServer.Event.SendFinal);
        if (code >= 200) server.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T1x64);
    }

    /// <summary>
    /// The request of an answered INVITE is kept until its ACK: a repeated 2xx is written from it again.
    /// </summary>
    public void ForgetRequest(Handle handle)
    {
        if (IsLive(handle)) work.Buffers.Return(ref this[handle].Request);
    }

    public bool IsUnanswered(Handle handle) =>
        IsLive(handle) && this[handle].State is TransactionState.Trying or TransactionState.Proceeding;

    /// <summary>
    /// Nobody will answer it: RFC 4320 4.2, no 408 to a non-INVITE request. It takes the repetitions in until its
    /// sender has given up, or the last one of them would begin all of it again.
    /// </summary>
    public void DropUnanswered(Handle handle)
    {
        if (!IsUnanswered(handle)) return;
        ref ServerTransaction server = ref this[handle];
        server.EndsAt = server.StartedAt.AddMilliseconds(work.Snapshot.Timers.T1x64);
        if (server.IsInvite || server.EndsAt <= work.Now) Remove(handle, ref server);
        else Schedule(handle, ref server);
    }

    /// <summary>A timer of this transaction is due.</summary>
    public void OnTimer(Handle handle)
    {
        if (!IsLive(handle)) return;
        ref ServerTransaction server = ref this[handle];
        server.Timer = 0;
        if (server.EndsAt <= work.Now)
        {
            Remove(handle, ref server);
            return;
        }
        if (server.RetransmitAt <= work.Now)
        {
            (server.State, TransactionAction action) = InviteServer.Next(server.State, InviteServer.Event.TimerG);
            if ((action & TransactionAction.Resend) != 0) Resend(ref server);
            server.RetransmitMilliseconds = Math.Min(server.RetransmitMilliseconds * 2, work.Snapshot.Timers.T2);
            server.RetransmitAt = work.Now.AddMilliseconds(server.RetransmitMilliseconds);
        }
        Schedule(handle, ref server);
    }

    private void Resend(ref ServerTransaction server)
    {
        if (server.Response.IsNone) return;
        work.Outbox.Send(work.Buffers.Bytes(server.Response), server.Listener, server.ReplyTo, server.Method);
    }

    private void Schedule(Handle handle, ref ServerTransaction server)
    {
        work.Timers.Cancel(ref server.Timer);
        Instant next = server.RetransmitAt < server.EndsAt ? server.RetransmitAt : server.EndsAt;
        if (next < Instant.Never) server.Timer = work.Timers.Schedule(next, TimerKind.Server, handle);
    }

    private void Remove(Handle handle, ref ServerTransaction server)
    {
        work.Timers.Cancel(ref server.Timer);
        work.Buffers.Return(ref server.Request);
        work.Buffers.Return(ref server.Response);
        _table.Remove(server.KeyLow, handle.Index);
        _pool.Return(handle);
    }
}
