using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Worker;

/// <summary>One signalling worker: takes packets, decides, sends. One thread, no waiting, no locks, no allocation.</summary>
public sealed class SignallingWorker : ITurn
{
    private readonly Workspace _work;
    private readonly WorkerParts _parts;
    private readonly IPacketPort[] _ports;
    private readonly SnapshotCell<Snapshot> _snapshots;
    private readonly Crossbar _crossbar;
    private readonly PacketPool _pool;
    private readonly SourceLimiter _limiter;
    private readonly int[] _batch = new int[Limits.ReceiveBatch];
    private readonly int[] _held;
    private ulong _ring;
    private int _batchCount;

    public SignallingWorker(
        Workspace work, WorkerParts parts, IPacketPort[] ports, SnapshotCell<Snapshot> snapshots, Crossbar crossbar)
    {
        _work = work;
        _parts = parts;
        _ports = ports;
        _snapshots = snapshots;
        _crossbar = crossbar;
        _pool = crossbar.Pool(work.Index);
        _limiter = new SourceLimiter(work.Hash);
        _held = new int[crossbar.Workers];
        parts.Probing.Adopt(work.Snapshot);
    }

    public Mailbox Mailbox { get; } = new();

    public Doorbell Doorbell => _crossbar.Doorbells[_work.Index];

    /// <summary>What this worker has adopted: a reload is answered when all have.</summary>
    public long Generation => Volatile.Read(ref _generation);

    private long _generation;

    public Instant NextDeadline => _work.Timers.NextDeadline;

    public bool HasWork
    {
        get
        {
            if (!Mailbox.IsEmpty || _parts.Media.HasEvents) return true;
            if (!ReferenceEquals(_snapshots.Current, _work.Snapshot)) return true;
            for (int from = 0; from < _crossbar.Workers; from++)
            {
                if (!_crossbar.Handed(from, _work.Index).IsEmpty) return true;
            }
            return false;
        }
    }

    public WorkerCounters Counters => _work.Counters;

    public Workspace Workspace => _work;

    public WorkerParts Parts => _parts;

    public ulong Turn(Instant now, ulong ready)
    {
        _work.Now = now;
        AdoptSnapshot();
        ulong more = 0;
        for (int port = 0; port < _ports.Length; port++)
        {
            if ((ready >> port & 1) != 0 && Receive(port)) more |= 1UL << port;
        }
        TakeHanded();
        _parts.Media.TakeEvents();
        while (_work.Timers.TryExpire(now, out TimerEntry timer)) OnTimer(timer);
        while (Mailbox.TryTake(out ControlRequest? request)) _parts.Control.Handle(request!);
        _work.Outbox.Flush();
        _parts.Media.Flush();
        RingDoorbells();
        return more;
    }

    private void AdoptSnapshot()
    {
        Snapshot current = _snapshots.Current;
        if (!ReferenceEquals(current, _work.Snapshot))
        {
            _work.Snapshot = current;
            _parts.Probing.Adopt(current);
        }
        if (_generation != current.Generation) Volatile.Write(ref _generation, current.Generation);
    }

    /// <summary>Takes one batch from a port. True when there may be more.</summary>
    private bool Receive(int port)
    {
        ReclaimSlots();
        while (_batchCount < _batch.Length && _pool.TryRent(out int slot)) _batch[_batchCount++] = slot;
        int asked = _batchCount;
        int count = _ports[port].Receive(_pool, _batch.AsSpan(0, asked));
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            int slot = _batch[i];
            _pool.Header(slot).Port = port;
            _work.Counters.CountReceived();
            Verdict verdict = Process(_work.Index, slot);
            _work.Counters.CountVerdict(RealmOf(port), verdict);
            // A slot that was handed over comes back over its ring; the others stay for the next batch.
            if (verdict.Kind != VerdictKind.HandedOver) _batch[kept++] = slot;
        }
        for (int i = count; i < asked; i++) _batch[kept++] = _batch[i];
        _batchCount = kept;
        TakeErrors(port);
        return asked > 0 && count == asked;
    }

    private int RealmOf(int port) => _work.Snapshot.Listeners[port].RealmId;

    private void TakeErrors(int port)
    {
        int count = _ports[port].ReceiveErrors(_pool, _batch.AsSpan(0, _batchCount));
        for (int i = 0; i < count; i++) OnTransportError(_batch[i]);
    }

    private void TakeHanded()
    {
        for (int from = 0; from < _crossbar.Workers; from++)
        {
            SpscRing<int> ring = _crossbar.Handed(from, _work.Index);
            while (ring.TryPop(out int slot))
            {
                _work.Counters.CountHandedIn();
                Verdict verdict = Process(from, slot);
                _work.Counters.CountVerdict(RealmOf(_crossbar.Pool(from).Header(slot).Port), verdict);
                Check.That(_crossbar.Returned(_work.Index, from).TryPush(slot));
            }
        }
    }

    private void ReclaimSlots()
    {
        for (int user = 0; user < _crossbar.Workers; user++)
        {
            SpscRing<int> ring = _crossbar.Returned(user, _work.Index);
            while (ring.TryPop(out int slot))
            {
                _held[user]--;
                _pool.Return(slot);
            }
        }
    }

    /// <summary>The way of a packet, top to bottom: guard, index, response or request, owner, transaction, call.</summary>
    private Verdict Process(int owner, int slot)
    {
        ref PacketHeader header = ref _crossbar.Pool(owner).Header(slot);
        Realm realm = _work.Snapshot.Realms[_work.Snapshot.Listeners[header.Port].RealmId];
        Peer? peer = _work.Snapshot.PeerLookup.Find(realm.Id, header.Remote);
        SipMessage message = _crossbar.Message(owner, slot);
        bool handed = owner != _work.Index;
        ParseError error = ParseError.None;
        if (!handed)
        {
            // Guard: peers and trusted realms have no limit of messages.
            if (header.Truncated) return Verdict.Dropped(DropReason.TooLong);
            if (realm.MessagesPerSecondPerSource > 0 && peer is null &&
                !_limiter.TryTake(header.Remote, realm.MessagesPerSecondPerSource, _work.Now))
                return Verdict.Dropped(DropReason.RateLimited);
            PacketPool pool = _crossbar.Pool(owner);
            error = message.Parse(pool.Memory, slot * pool.SlotStride, header.Length);
            if (error is ParseError.KeepAlive) return Verdict.Dropped(header.Length == 0 ? DropReason.Empty : DropReason.KeepAlive);
            if (error is ParseError.NotSip) return Verdict.Dropped(DropReason.NotSip);
        }
        var origin = new Origin(header.Remote, header.Port, realm, peer);
        if (!message.IsRequest)
        {
            if (error != ParseError.None) return Verdict.Dropped(ReasonOf(error));
            return OnResponse(message, origin, slot, handed);
        }
        if (!ViaValue.TryParse(message.Value(HeaderName.Via), out ViaValue via))
            return Verdict.Dropped(error == ParseError.None ? DropReason.Malformed : ReasonOf(error));
        int refusal = Sanity.Check(message);
        if (error != ParseError.None || refusal != 0)
        {
            // A request that can be answered is (18.3); an ACK never is.
            if (error == ParseError.None && message.Method != SipMethod.Ack) return Reply(message, via, origin, refusal);
            if (refusal != 0 || message.Method == SipMethod.Ack)
                return Verdict.Dropped(error == ParseError.None ? DropReason.Malformed : ReasonOf(error));
            _work.Counters.CountDropped(realm.Id, ReasonOf(error));
            return Reply(message, via, origin, 400);
        }
        if (!handed) _work.Counters.CountMessageIn(realm.Id, message.Method);
        NameAddress.TryParse(message.Value(HeaderName.To), out NameAddress to);
        bool hasToTag = to.TryGetTag(out ReadOnlySpan<byte> toTag);
        TokenKind kind = TokenKind.None;
        Handle handle = Handle.None;
        int worker = _work.Index;
        bool ours = hasToTag && _work.Tokens.TryRead(toTag, out kind, out worker, out handle);
        if (!handed)
        {
            if (!ours) worker = OwnerOf(message.Value(HeaderName.CallId));
            if (worker != _work.Index && worker < _crossbar.Workers) return HandOver(worker, slot, message, via, origin);
        }
        return OnRequest(message, via, origin, hasToTag, ours ? kind : TokenKind.None, handle);
    }

    /// <summary>A request at its owner: known transaction, CANCEL and ACK, dialog, then what may begin something.</summary>
    private Verdict OnRequest(
        SipMessage request, in ViaValue via, in Origin origin, bool hasToTag, TokenKind kind, Handle handle)
    {
        SipMethod method = request.Method;
        SipMethod keyMethod = method is SipMethod.Ack or SipMethod.Cancel ? SipMethod.Invite : method;
        (ulong Low, ulong High) key = TransactionKey.Compute(_work.Hash, request, via, keyMethod);
        bool known = _parts.Servers.TryFind(key, out Handle server);
        if (method == SipMethod.Cancel) return OnCancel(request, via, origin, known, server);
        if (known)
        {
            // CANCEL and the ACK to a failure must come from the INVITE's address, and so must its repetitions.
            if (!_parts.Servers[server].Source.SameAddress(origin.Source)) return Verdict.Dropped(DropReason.SourceRefused);
            if (method == SipMethod.Ack) _parts.Servers.OnAck(server);
            else _parts.Servers.OnRetransmission(server);
            return Verdict.Absorbed;
        }
        ReadOnlySpan<byte> required = Sanity.UnsupportedOption(request, HeaderName.Require);
        if (required.Length == 0) required = Sanity.UnsupportedOption(request, HeaderName.ProxyRequire);
        if (required.Length > 0 && method != SipMethod.Ack) return ReplyUnsupported(request, via, origin, required);
        if (kind is TokenKind.Ingress or TokenKind.Egress)
            return _parts.Dialogs.OnRequest(request, via, key, origin, kind, handle);
        if (method == SipMethod.Ack) return Verdict.Dropped(DropReason.StrayAck);
        if (hasToTag) return Reply(request, via, origin, 481);
        if (method == SipMethod.Options && IsForBox(request, origin.Realm)) return OnOptions(request, via, origin);
        if (MaxForwards.IsSpent(request)) return Reply(request, via, origin, 483);
        if (method == SipMethod.Invite) return _parts.Invites.OnInvite(request, via, key, origin);
        return Reply(request, via, origin, method == SipMethod.Bye ? 481 : 405, StatelessReply.AllowLine);
    }

    private Verdict OnCancel(SipMessage cancel, in ViaValue via, in Origin origin, bool known, Handle server)
    {
        if (!known) return Reply(cancel, via, origin, 481);
        ref ServerTransaction invite = ref _parts.Servers[server];
        if (!invite.Source.SameAddress(origin.Source)) return Verdict.Dropped(DropReason.SourceRefused);
        _parts.Reply.Send(cancel, via, origin, 200);
        if (invite.State == TransactionState.Proceeding && _parts.Calls.IsLive(invite.Call))
        {
            if (_parts.Calls[invite.Call].Phase == CallPhase.Setup) _parts.Invites.OnCancel(invite.Call);
            else _parts.Dialogs.OnCancel(invite.Call);
        }
        return Verdict.Answered;
    }

    /// <summary>OPTIONS for the box: named without a user, or with no hop left (RFC 3261 11).</summary>
    private static bool IsForBox(SipMessage request, Realm realm) =>
        MaxForwards.IsSpent(request) ||
        (SipUri.TryParse(request.RequestUri, out SipUri uri) && uri.IsSip && !uri.HasUser && realm.IsOwnHost(uri.Host));

    private Verdict OnOptions(SipMessage options, in ViaValue via, in Origin origin)
    {
        AnswerOptions answers = origin.Realm.AnswerOptions;
        // A scanner learns nothing, not even that somebody is here.
        if (answers == AnswerOptions.None || (answers == AnswerOptions.Known && origin.Peer is null))
            return Verdict.Dropped(DropReason.NotFromPeer);
        if (_work.Cells.Draining) return Reply(options, via, origin, 503, "Retry-After: 30\r\n"u8);
        return Reply(options, via, origin, 200, OptionsLines);
    }

    private static ReadOnlySpan<byte> OptionsLines =>
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO\r\nAccept: application/sdp\r\nSupported: timer\r\n"u8;

    /// <summary>A response: its branch names worker and transaction, or it is none that we asked for.</summary>
    private Verdict OnResponse(SipMessage response, in Origin origin, int slot, bool handed)
    {
        if (!ViaValue.TryParse(response.Value(HeaderName.Via), out ViaValue via)) return Verdict.Dropped(DropReason.Malformed);
        if (!CSeqValue.TryParse(response.Value(HeaderName.CSeq), out CSeqValue cseq)) return Verdict.Dropped(DropReason.Malformed);
        if (!via.IsRfc3261 || !_work.Tokens.TryRead(via.Branch[7..], out TokenKind kind, out int worker, out Handle handle))
            return Verdict.Dropped(DropReason.ForeignResponse);
        if (!handed)
        {
            _work.Counters.CountMessageIn(origin.Realm.Id, cseq.Method);
            if (worker != _work.Index) return HandOver(worker, slot, response, via, origin);
        }
        if (kind != TokenKind.Branch || !_parts.Clients.IsLive(handle)) return Verdict.Dropped(DropReason.LateResponse);
        ref ClientTransaction client = ref _parts.Clients[handle];
        if (cseq.Method == SipMethod.Cancel && client.IsInvite)
        {
            _parts.Clients.OnCancelResponse(handle, response);
            return Verdict.Absorbed;
        }
        if (cseq.Method != client.Method) return Verdict.Dropped(DropReason.ForeignResponse);
        return OnOwnResponse(handle, ref client, response, origin);
    }

    private Verdict OnOwnResponse(Handle handle, ref ClientTransaction client, SipMessage response, in Origin origin)
    {
        if (client.Peer >= 0)
        {
            if (!client.Heard) _work.Cells.AddPeerResponse(client.Peer, _work.Now - client.SentAt);
            _work.Cells.ClearPeerFailures(client.Peer);
            _work.Counters.CountPeerResponse(client.Peer, (response.StatusCode / 100) - 1);
        }
        TransactionState before = client.State;
        TransactionAction action = _parts.Clients.OnResponse(handle, response);
        if ((action & TransactionAction.Pass) == 0) return Verdict.Absorbed;
        if (client.Purpose == ClientPurpose.Probe) _parts.Probing.OnResponse(client.Peer, response.StatusCode);
        if (client.Purpose != ClientPurpose.Relayed) return Verdict.Absorbed;
        if (!IsCurrent(handle, client)) return OnOrphanResponse(handle, ref client, response);
        bool sets = client.IsInvite && IsSetup(client, before);
        return sets
            ? _parts.Invites.OnResponse(handle, before, response, origin)
            : _parts.Dialogs.OnResponse(handle, before, response, origin);
    }

    /// <summary>Whether its call still waits for this transaction: not one that was abandoned or outlived its call.</summary>
    private bool IsCurrent(Handle handle, in ClientTransaction client) => _parts.Calls.IsLive(client.Call) &&
        (!client.IsInvite || _parts.Calls[client.Call].InviteClient == handle);

    private bool IsSetup(in ClientTransaction client, TransactionState before)
    {
        ref CallState call = ref _parts.Calls[client.Call];
        if (call.Phase == CallPhase.Setup) return true;
        // The 2xx that set the call up, repeated: its first ACK may be out, and no re-INVITE has begun.
        return before == TransactionState.Accepted && client.Leg == CallState.Egress && call.InviteFrom == CallState.Ingress &&
            call.Phase == CallPhase.Answered;
    }

    /// <summary>Nobody waits for it any more: a 2xx is acknowledged and ended, everything else has done its part.</summary>
    private Verdict OnOrphanResponse(Handle handle, ref ClientTransaction client, SipMessage response)
    {
        if (response.StatusCode < 200) return Verdict.Absorbed;
        if (client.IsInvite && response.StatusCode < 300) _parts.Ending.AcknowledgeAndEnd(handle, response, keepsAck: true);
        if (!_parts.Calls.IsLive(client.Call)) _parts.Servers.DropUnanswered(client.Server);
        return Verdict.Absorbed;
    }

    /// <summary>An ICMP error that quotes a message of ours. Whose it is says the branch in the quotation.</summary>
    private void OnTransportError(int slot)
    {
        SipMessage quoted = _crossbar.Message(_work.Index, slot);
        quoted.Parse(_pool.Memory, slot * _pool.SlotStride, _pool.Header(slot).Length);
        if (!ViaValue.TryParse(quoted.Value(HeaderName.Via), out ViaValue via) || !via.IsRfc3261) return;
        if (!_work.Tokens.TryRead(via.Branch[7..], out TokenKind kind, out int worker, out Handle handle)) return;
        if (kind != TokenKind.Branch || !quoted.IsRequest) return;
        // The error of another worker's message waits for that worker's silence timer: it may come to any socket.
        if (worker != _work.Index || !_parts.Clients.IsLive(handle)) return;
        if (quoted.Method != _parts.Clients[handle].Method || !_parts.Clients.OnTransportError(handle)) return;
        _work.Counters.CountPeerResponse(_parts.Clients[handle].Peer, WorkerCounters.PeerClassTransport);
        OnUnanswered(handle, timedOut: false);
    }

    private void OnTimer(in TimerEntry timer)
    {
        switch (timer.Kind)
        {
            case TimerKind.Server:
                _parts.Servers.OnTimer(timer.Owner);
                break;
            case TimerKind.Client:
                OnClientTimer(timer.Owner);
                break;
            case TimerKind.Call:
                _parts.Dialogs.OnTimer(timer.Owner);
                break;
            case TimerKind.Probe:
                _parts.Probing.OnTimer(timer.Owner.Index);
                break;
            default:
                _parts.Media.OnTimer();
                break;
        }
    }

    private void OnClientTimer(Handle handle)
    {
        switch (_parts.Clients.OnTimer(handle))
        {
            case ClientTimeout.Silent:
                ref ClientTransaction client = ref _parts.Clients[handle];
                CountSilence(client.Peer);
                if (IsCurrent(handle, client)) _parts.Invites.OnSilent(handle);
                break;
            case ClientTimeout.TimedOut:
                // What was heard of and then fell silent is the callee's matter, not the peer's health.
                if (!_parts.Clients[handle].Heard) CountSilence(_parts.Clients[handle].Peer);
                OnUnanswered(handle, timedOut: true);
                break;
        }
    }

    private void CountSilence(int peer)
    {
        _work.Counters.CountPeerResponse(peer, WorkerCounters.PeerClassTimeout);
    }

    /// <summary>A client transaction ended without a final response.</summary>
    private void OnUnanswered(Handle handle, bool timedOut)
    {
        ref ClientTransaction client = ref _parts.Clients[handle];
        if (client.Purpose == ClientPurpose.Probe) _parts.Probing.OnNoResponse(client.Peer);
        else if (!client.Heard) _parts.Probing.OnTrafficFailure(client.Peer);
        if (client.Purpose == ClientPurpose.Relayed)
        {
            if (!IsCurrent(handle, client))
            {
                if (!_parts.Calls.IsLive(client.Call)) _parts.Servers.DropUnanswered(client.Server);
            }
            else if (client.IsInvite && _parts.Calls[client.Call].Phase == CallPhase.Setup)
            {
                _parts.Invites.OnUnreachable(handle, timedOut);
            }
            else
            {
                _parts.Dialogs.OnUnreachable(handle);
            }
        }
        _parts.Clients.Drop(handle);
    }

    private int OwnerOf(ReadOnlySpan<byte> callId)
    {
        if (_crossbar.Workers == 1) return _work.Index;
        if (_work.Tokens.TryRead(callId, out _, out int worker, out _) && worker < _crossbar.Workers) return worker;
        return (int)(_work.Hash.Hash(callId) % (ulong)_crossbar.Workers);
    }

    private Verdict HandOver(int worker, int slot, SipMessage message, in ViaValue via, in Origin origin)
    {
        if (worker >= _crossbar.Workers) return Verdict.Dropped(DropReason.ForeignResponse);
        if (_held[worker] < Limits.HandOverMax && _crossbar.Handed(_work.Index, worker).TryPush(slot))
        {
            _held[worker]++;
            _ring |= 1UL << worker;
            return Verdict.HandedOver;
        }
        // The owner is overloaded: a new call is told so, everything else is repeated by its sender.
        if (message.IsRequest && message.Method == SipMethod.Invite)
        {
            _work.Counters.CountDropped(origin.Realm.Id, DropReason.RingFull);
            return Reply(message, via, origin, 503, "Retry-After: 5\r\n"u8);
        }
        return Verdict.Dropped(DropReason.RingFull);
    }

    private void RingDoorbells()
    {
        for (int worker = 0; _ring != 0; worker++, _ring >>= 1)
        {
            if ((_ring & 1) != 0) _crossbar.Doorbells[worker].Ring();
        }
    }

    private Verdict Reply(
        SipMessage request, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> extraLines = default)
    {
        _parts.Reply.Send(request, via, origin, code, default, extraLines);
        return Verdict.Answered;
    }

    private Verdict ReplyUnsupported(SipMessage request, in ViaValue via, in Origin origin, ReadOnlySpan<byte> option)
    {
        Span<byte> line = stackalloc byte[128];
        "Unsupported: "u8.CopyTo(line);
        option = option[..Math.Min(option.Length, 100)];
        option.CopyTo(line[13..]);
        "\r\n"u8.CopyTo(line[(13 + option.Length)..]);
        return Reply(request, via, origin, 420, line[..(15 + option.Length)]);
    }

    private static DropReason ReasonOf(ParseError error) => error switch
    {
        ParseError.HeaderUnending => DropReason.HeaderUnending,
        ParseError.TooManyHeaders => DropReason.TooManyHeaders,
        ParseError.BadContentLength => DropReason.BodyTruncated,
        _ => DropReason.Malformed,
    };
}
