using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Transactions;

/// <summary>What a client transaction's timer means for who waits for it.</summary>
public enum ClientTimeout : byte
{
    None,

    /// <summary>Nothing was heard within the failover's silence; the transaction lives on.</summary>
    Silent,

    /// <summary>Timer B or F; the transaction is gone after this.</summary>
    TimedOut,
}

/// <summary>The client transactions of one worker: send, retransmit, acknowledge failures, cancel.</summary>
public sealed class ClientTransactions(Workspace work)
{
    private readonly Pool<ClientTransaction> _pool = new(Limits.TransactionsMax);
    private readonly SipMessage _request = new();

    public int Count => _pool.Count;

    /// <summary>Bound of a walk over all indexes with <see cref="TryAt"/>.</summary>
    public int Created => _pool.Created;

    public ref ClientTransaction this[Handle handle] => ref _pool[handle.Index];

    public bool IsLive(Handle handle) => _pool.IsLive(handle);

    public bool TryAt(int index, out Handle handle)
    {
        handle = _pool.IsLive(index) ? _pool.HandleOf(index) : Handle.None;
        return !handle.IsNone;
    }

    /// <summary>
    /// Takes a transaction, so that its branch can be written; then <see cref="Send"/> or <see cref="Drop"/>.
    /// </summary>
    public bool TryCreate(SipMethod method, ClientPurpose purpose, out Handle handle)
    {
        if (!_pool.TryRent(out handle)) return false;
        ref ClientTransaction client = ref _pool[handle.Index];
        client.Call = client.Server = client.Registration = Handle.None;
        client.Method = method;
        client.Purpose = purpose;
        client.Peer = -1;
        client.SilentAt = client.CancelAt = Instant.Never;
        return true;
    }

    /// <summary>Sends the request that was written into the opened outbox slot, and starts the machine.</summary>
    /// <param name="lifeMilliseconds">Timer B or F; 64*T1 but for probes.</param>
    public bool Send(Handle handle, Span<byte> opened, int length, int listener, in TransportAddress remote,
        int lifeMilliseconds)
    {
        ref ClientTransaction client = ref this[handle];
        if (!work.Buffers.TryStore(opened[..length], out client.Request))
        {
            Drop(handle);
            return false;
        }
        client.Listener = (byte)listener;
        client.Remote = remote;
        client.SentAt = work.Now;
        client.State = client.IsInvite ? TransactionState.Calling : TransactionState.Trying;
        client.RetransmitMilliseconds = work.Snapshot.Timers.T1;
        client.RetransmitAt = work.Now.AddMilliseconds(client.RetransmitMilliseconds);
        client.EndsAt = work.Now.AddMilliseconds(lifeMilliseconds);
        work.Outbox.Commit(length, listener, remote, client.Method);
        Schedule(handle, ref client);
        return true;
    }

    public void StartSilence(Handle handle, int milliseconds)
    {
        ref ClientTransaction client = ref this[handle];
        client.SilentAt = work.Now.AddMilliseconds(milliseconds);
        Schedule(handle, ref client);
    }

    /// <summary>Runs the machine for a response to the request itself. What is passed on is the caller's.</summary>
    public TransactionAction OnResponse(Handle handle, SipMessage response)
    {
        ref ClientTransaction client = ref this[handle];
        client.Heard = true;
        client.SilentAt = Instant.Never;
        return client.IsInvite ? OnInviteResponse(handle, ref client, response) : OnOtherResponse(handle, ref client,
            response);
    }

    private TransactionAction OnInviteResponse(Handle handle, ref ClientTransaction client, SipMessage response)
    {
        TransactionState before = client.State;
        (client.State, TransactionAction action) = InviteClient.Next(before, response.StatusCode switch
        {
            < 200 => InviteClient.Event.Provisional,
            < 300 => InviteClient.Event.Success,
            _ => InviteClient.Event.Failure,
        });
        if ((action & TransactionAction.Acknowledge) != 0) Acknowledge(ref client, response);
        if (client.State == before) return action;
        client.RetransmitAt = Instant.Never;
        switch (client.State)
        {
            case TransactionState.Proceeding:
                // Timer B is for Calling; how long it may ring is the call's timer. A refresh of the box's own rings
                // nobody, and no call waits for it.
                if (client.Purpose == ClientPurpose.Relayed) client.EndsAt = Instant.Never;
                if (client.Cancel == CancelState.Wanted) SendCancel(ref client);
                break;
            default:
                // Timer D, or Timer M of RFC 6026.
                client.Cancel = CancelState.None;
                client.CancelAt = Instant.Never;
                client.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T1x64);
                break;
        }
        Schedule(handle, ref client);
        return action;
    }

    private TransactionAction OnOtherResponse(Handle handle, ref ClientTransaction client, SipMessage response)
    {
        TransactionState before = client.State;
        (client.State, TransactionAction action) = NonInviteClient.Next(
            before, response.StatusCode < 200 ? NonInviteClient.Event.Provisional : NonInviteClient.Event.Final);
        if (client.State == before) return action;
        if (client.State == TransactionState.Proceeding)
        {
            client.RetransmitMilliseconds = work.Snapshot.Timers.T2;
        }
        else
        {
            client.RetransmitAt = Instant.Never;
            client.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T4);
            work.Buffers.Return(ref client.Request);
        }
        Schedule(handle, ref client);
        return action;
    }

    /// <summary>
    /// A response to the CANCEL: it needs no more retransmission. The INVITE must end soon after (9.1).
    /// </summary>
    public void OnCancelResponse(Handle handle, SipMessage response)
    {
        ref ClientTransaction client = ref this[handle];
        if (client.Cancel != CancelState.Sent || response.StatusCode < 200) return;
        client.Cancel = CancelState.Answered;
        client.CancelAt = Instant.Never;
        Schedule(handle, ref client);
    }

    /// <summary>Cancels an INVITE: at once when it was heard of, else with its first provisional response.</summary>
    /// <param name="lines">Whole header lines that the CANCEL carries; empty for none.</param>
    public void Cancel(Handle handle, ReadOnlySpan<byte> lines = default)
    {
        if (!IsLive(handle)) return;
        ref ClientTransaction client = ref this[handle];
        if (!client.IsInvite || client.Cancel != CancelState.None) return;
        // Without memory the CANCEL goes without its reason.
        if (lines.Length > 0 && client.State is TransactionState.Calling or TransactionState.Proceeding)
            work.Buffers.TryStore(lines, out client.CancelLines);
        client.SilentAt = Instant.Never;
        if (client.State == TransactionState.Proceeding)
        {
            SendCancel(ref client);
        }
        else if (client.State == TransactionState.Calling)
        {
            // It is repeated until it is heard of, or a peer whose 100 was lost would ring on (RFC 3261 9.1).
            client.Cancel = CancelState.Wanted;
        }
        Schedule(handle, ref client);
    }

    /// <summary>Stops repeating a request whose sender has gone to another peer; it may still be answered.</summary>
    public void StopRetransmitting(Handle handle)
    {
        ref ClientTransaction client = ref this[handle];
        client.RetransmitAt = Instant.Never;
        Schedule(handle, ref client);
    }

    /// <summary>An ICMP error for this transaction's message. True when it ended unanswered by it.</summary>
    public bool OnTransportError(Handle handle)
    {
        ref ClientTransaction client = ref this[handle];
        (client.State, TransactionAction action) = client.IsInvite
            ? InviteClient.Next(client.State, InviteClient.Event.TransportError)
            : NonInviteClient.Next(client.State, NonInviteClient.Event.TransportError);
        return (action & TransactionAction.Unreachable) != 0;
    }

    /// <summary>A timer of this transaction is due. On TimedOut the caller ends with <see cref="Drop"/>.</summary>
    public ClientTimeout OnTimer(Handle handle)
    {
        ref ClientTransaction client = ref this[handle];
        client.Timer = 0;
        if (client.EndsAt <= work.Now)
        {
            bool answered = client.State is TransactionState.Completed or TransactionState.Accepted;
            if (!answered) return ClientTimeout.TimedOut;
            Drop(handle);
            return ClientTimeout.None;
        }
        ClientTimeout outcome = ClientTimeout.None;
        if (client.SilentAt <= work.Now)
        {
            client.SilentAt = Instant.Never;
            client.WasSilent = true;
            outcome = ClientTimeout.Silent;
        }
        if (client.RetransmitAt <= work.Now)
        {
            work.Outbox.Send(work.Buffers.Bytes(client.Request), client.Listener, client.Remote, client.Method);
            client.RetransmitMilliseconds *= 2;
            // Timer A doubles without end (17.1.1.2), Timer E up to T2 (17.1.2.2).
            if (!client.IsInvite)
                client.RetransmitMilliseconds = Math.Min(client.RetransmitMilliseconds, work.Snapshot.Timers.T2);
            client.RetransmitAt = work.Now.AddMilliseconds(client.RetransmitMilliseconds);
        }
        if (client.CancelAt <= work.Now) RepeatCancel(ref client);
        Schedule(handle, ref client);
        return outcome;
    }

    /// <summary>Replaces what is stored by the ACK to the 2xx, which is repeated with each repeated 2xx.</summary>
    public void KeepAck(Handle handle, ReadOnlySpan<byte> ack)
    {
        ref ClientTransaction client = ref this[handle];
        work.Buffers.Return(ref client.Request);
        client.HasAck = work.Buffers.TryStore(ack, out client.Request);
    }

    public void ResendAck(Handle handle)
    {
        ref ClientTransaction client = ref this[handle];
        work.Outbox.Send(work.Buffers.Bytes(client.Request), client.Listener, client.Remote, SipMethod.Ack);
    }

    /// <summary>Length of the request as it was sent.</summary>
    public int RequestBytes(Handle handle) => this[handle].Request.Length;

    /// <summary>The stored request, indexed; valid until the next call.</summary>
    public SipMessage StoredRequest(Handle handle)
    {
        ArraySegment<byte> bytes = work.Buffers.Segment(this[handle].Request);
        _request.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        return _request;
    }

    public void Drop(Handle handle)
    {
        if (!IsLive(handle)) return;
        ref ClientTransaction client = ref this[handle];
        work.Timers.Cancel(ref client.Timer);
        work.Buffers.Return(ref client.Request);
        work.Buffers.Return(ref client.CancelLines);
        _pool.Return(handle);
    }

    private void Acknowledge(ref ClientTransaction client, SipMessage response)
    {
        // Memory was too short to keep it: the failure goes unacknowledged until its sender gives up.
        if (client.Request.IsNone) return;
        ArraySegment<byte> bytes = work.Buffers.Segment(client.Request);
        _request.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        DerivedRequest.WriteAck(ref writer, _request, response);
        if (writer.Overflowed) return;
        // Only what another ACK is made of is kept: the ACK itself has the same Request-URI, Via, Route, From and CSeq.
        if (_request.Method == SipMethod.Invite)
        {
            work.Buffers.Return(ref client.Request);
            work.Buffers.TryStore(slot[..writer.Length], out client.Request);
        }
        work.Outbox.Commit(writer.Length, client.Listener, client.Remote, SipMethod.Ack);
    }

    private void SendCancel(ref ClientTransaction client)
    {
        client.Cancel = CancelState.Sent;
        client.CancelMilliseconds = work.Snapshot.Timers.T1;
        client.CancelAt = work.Now.AddMilliseconds(client.CancelMilliseconds);
        // Without a final response 64*T1 after the CANCEL the INVITE counts as cancelled (9.1).
        client.EndsAt = work.Now.AddMilliseconds(work.Snapshot.Timers.T1x64);
        WriteCancel(ref client);
    }

    private void RepeatCancel(ref ClientTransaction client)
    {
        client.CancelMilliseconds = Math.Min(client.CancelMilliseconds * 2, work.Snapshot.Timers.T2);
        client.CancelAt = work.Now.AddMilliseconds(client.CancelMilliseconds);
        WriteCancel(ref client);
    }

    private void WriteCancel(ref ClientTransaction client)
    {
        ArraySegment<byte> bytes = work.Buffers.Segment(client.Request);
        _request.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        var writer = new SipWriter(work.Outbox.Open());
        DerivedRequest.WriteCancel(
            ref writer, _request, client.CancelLines.IsNone ? default : work.Buffers.Bytes(client.CancelLines));
        if (!writer.Overflowed) work.Outbox.Commit(writer.Length, client.Listener, client.Remote, SipMethod.Cancel);
    }

    private void Schedule(Handle handle, ref ClientTransaction client)
    {
        work.Timers.Cancel(ref client.Timer);
        Instant next = client.EndsAt;
        if (client.RetransmitAt < next) next = client.RetransmitAt;
        if (client.SilentAt < next) next = client.SilentAt;
        if (client.CancelAt < next) next = client.CancelAt;
        if (next < Instant.Never) client.Timer = work.Timers.Schedule(next, TimerKind.Client, handle);
    }
}
