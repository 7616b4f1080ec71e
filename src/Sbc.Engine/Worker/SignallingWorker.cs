using System.Numerics;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Worker;

/// <summary>
/// One signalling worker: takes packets, decides, sends. One thread, no waiting, no locks, no allocation.
/// </summary>
public sealed class SignallingWorker : ITurn
{
    private readonly Workspace _work;
    private readonly WorkerParts _parts;
    private readonly IPacketPort?[] _ports;
    private readonly SnapshotCell<Snapshot> _snapshots;
    private readonly Crossbar _crossbar;
    private readonly PacketPool _pool;
    private readonly SourceLimiter _limiter;
    private readonly SourceLimiter _registrations;
    private readonly int[] _batch = new int[Limits.ReceiveBatch];
    private readonly Handovers _handovers;
    private readonly Inquiries _inquiries;
    private int _batchCount;

    public SignallingWorker(
        Workspace work, WorkerParts parts, IPacketPort?[] ports, SnapshotCell<Snapshot> snapshots, Crossbar crossbar)
    {
        _work = work;
        _parts = parts;
        _ports = ports;
        _snapshots = snapshots;
        _crossbar = crossbar;
        _pool = crossbar.Pool(work.Index);
        _limiter = new SourceLimiter(work.Hash);
        _registrations = new SourceLimiter(work.Hash);
        _handovers = new Handovers(work.Index, crossbar);
        _inquiries = new Inquiries(work.Index, crossbar, _handovers, parts.Names, work.Hash);
        parts.Locations.Doorbell = crossbar.Doorbells[work.Index];
        parts.Probing.Adopt(work.Snapshot);
        parts.TrunkRegistrations.Adopt(work.Snapshot);
    }

    public Mailbox<ControlRequest> Mailbox { get; } = new(Limits.MailboxMax);

    public Doorbell Doorbell => _crossbar.Doorbells[_work.Index];

    /// <summary>What this worker has adopted: a reload is answered when all have.</summary>
    public long Generation => Volatile.Read(ref _generation);

    private long _generation;

    public Instant NextDeadline => _work.Timers.NextDeadline;

    public bool HasWork
    {
        get
        {
            if (!Mailbox.IsEmpty || _parts.Media.HasEvents || _parts.Probing.IsWanted) return true;
            if (!ReferenceEquals(_snapshots.Current, _work.Snapshot)) return true;
            return _parts.Locations.HasAnswers || _handovers.IsWaiting || _inquiries.HasAnswers;
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
        // A port may be heard of before the snapshot that says whose it is, and after the one that took it away.
        for (ready &= _work.Snapshot.OpenPorts; ready != 0; ready &= ready - 1)
        {
            int port = BitOperations.TrailingZeroCount(ready);
            if (Receive(port, _ports[port]!)) more |= 1UL << port;
        }
        TakeHanded();
        TakeAnswers();
        TakeMediaEvents();
        while (_work.Timers.TryExpire(now, out TimerEntry timer)) OnTimerGuarded(timer);
        while (Mailbox.TryTake(out ControlRequest? request)) _parts.Control.Handle(request!);
        _parts.Auditor.Turn();
        _parts.Probing.SendWanted();
        _work.Outbox.Flush();
        _parts.Media.Flush();
        _handovers.RingDoorbells();
        if (_work.ProbesWanted) _crossbar.Doorbells[0].Ring();
        _work.ProbesWanted = false;
        return more;
    }

    private void AdoptSnapshot()
    {
        Snapshot current = _snapshots.Current;
        if (!ReferenceEquals(current, _work.Snapshot))
        {
            _work.Snapshot = current;
            _work.Outbox.Adopt(current.Listeners);
            _parts.Probing.Adopt(current);
            _parts.TrunkRegistrations.Adopt(current);
        }
        if (_generation != current.Generation) Volatile.Write(ref _generation, current.Generation);
    }

    /// <summary>Takes one batch from a port. True when there may be more.</summary>
    private bool Receive(int port, IPacketPort socket)
    {
        _handovers.Reclaim();
        while (_batchCount < _batch.Length && _pool.TryRent(out int slot)) _batch[_batchCount++] = slot;
        int asked = _batchCount;
        int count = socket.Receive(_pool, _batch.AsSpan(0, asked));
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            int slot = _batch[i];
            _pool.Header(slot).Port = port;
            _work.Counters.CountReceived();
            Verdict verdict = ProcessGuarded(_work.Index, slot);
            if (verdict.Kind == VerdictKind.Parked) continue;
            _work.Counters.CountVerdict(RealmOf(port), verdict);
            // A slot that was handed over comes back over its ring; the others stay for the next batch.
            if (verdict.Kind != VerdictKind.HandedOver) _batch[kept++] = slot;
        }
        for (int i = count; i < asked; i++) _batch[kept++] = _batch[i];
        _batchCount = kept;
        TakeErrors(socket);
        return asked > 0 && count == asked;
    }

    private int RealmOf(int port) => _work.Snapshot.Listeners[port].RealmId;

    /// <summary>ICMP errors may come to any worker's socket; they are no packets and count as none.</summary>
    private void TakeErrors(IPacketPort socket)
    {
        int count = socket.ReceiveErrors(_pool, _batch.AsSpan(0, _batchCount));
        int kept = 0;
        for (int i = 0; i < _batchCount; i++)
        {
            int slot = _batch[i];
            if (i >= count || !OnTransportError(_work.Index, slot)) _batch[kept++] = slot;
        }
        _batchCount = kept;
    }

    private void TakeHanded()
    {
        for (int from = 0; from < _crossbar.Workers; from++)
        {
            SpscRing<int> ring = _crossbar.Handed(from, _work.Index);
            while (ring.TryPop(out int slot))
            {
                ref PacketHeader header = ref _crossbar.Pool(from).Header(slot);
                if (header.IsQuestion)
                {
                    _inquiries.Answer(from, slot);
                    continue;
                }
                if (header.Error != 0)
                {
                    OnTransportError(from, slot);
                }
                else
                {
                    _work.Counters.CountHandedIn();
                    Verdict verdict = ProcessGuarded(from, slot);
                    if (verdict.Kind == VerdictKind.Parked) continue;
                    _work.Counters.CountVerdict(RealmOf(header.Port), verdict);
                }
                Check.That(_crossbar.Returned(_work.Index, from).TryPush(slot));
            }
        }
    }

    /// <summary>What waited for another worker's answer goes on.</summary>
    private void TakeAnswers()
    {
        if (!_inquiries.HasAnswers || !_inquiries.TryTakeAnswers()) return;
        for (int waiting = _inquiries.Waiting; waiting > 0; waiting--)
        {
            (int owner, int slot) = _inquiries.TakeFirst();
            Verdict verdict = ProcessGuarded(owner, slot, again: true);
            _inquiries.EndRound();
            if (verdict.Kind == VerdictKind.Parked) continue;
            _work.Counters.CountVerdict(RealmOf(_crossbar.Pool(owner).Header(slot).Port), verdict);
            if (owner == _work.Index) _pool.Return(slot);
            else Check.That(_crossbar.Returned(_work.Index, owner).TryPush(slot));
        }
    }

    /// <summary>
    /// Broken code in a call's handler costs that call and no other one; anything else ends the process.
    /// </summary>
    private Verdict ProcessGuarded(int owner, int slot, bool again = false)
    {
        _work.CallAtWork = Handle.None;
        try
        {
            return Process(owner, slot, again);
        }
        catch (Exception error) when (_parts.Guard.Ends(error))
        {
            return Verdict.Dropped(DropReason.InternalError);
        }
    }

    private void TakeMediaEvents()
    {
        _work.CallAtWork = Handle.None;
        try
        {
            _parts.Media.TakeEvents();
            _parts.ClientEvents.TakeNames();
        }
        catch (Exception error) when (_parts.Guard.Ends(error))
        {
            _work.Counters.CountDropped(0, DropReason.InternalError);
        }
    }

    private void OnTimerGuarded(in TimerEntry timer)
    {
        _work.CallAtWork = Handle.None;
        try
        {
            OnTimer(timer);
        }
        catch (Exception error) when (_parts.Guard.Ends(error))
        {
            _work.Counters.CountDropped(0, DropReason.InternalError);
        }
    }

    /// <summary>
    /// The way of a packet, top to bottom: guard, index, response or request, owner, transaction, call.
    /// </summary>
    /// <param name="again">It was looked at before and waited.</param>
    private Verdict Process(int owner, int slot, bool again)
    {
        ref PacketHeader header = ref _crossbar.Pool(owner).Header(slot);
        Realm realm = _work.Snapshot.Realms[_work.Snapshot.Listeners[header.Port].RealmId];
        Peer? peer = _work.Snapshot.PeerLookup.Find(realm.Id, header.Remote);
        SipMessage message = _crossbar.Message(owner, slot);
        bool handed = again || owner != _work.Index;
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
            if (error is ParseError.KeepAlive)
                return Verdict.Dropped(header.Length == 0 ? DropReason.Empty : DropReason.KeepAlive);
            if (error is ParseError.NotSip)
            {
                return _parts.KeepAlives.TryAnswer(pool.Bytes(slot)[..header.Length], realm, header)
                    ? Verdict.Answered
                    : Verdict.Dropped(DropReason.NotSip);
            }
        }
        var origin = new Origin(header.Remote, header.Port, realm, peer);
        if (!message.IsRequest)
        {
            if (error != ParseError.None) return Verdict.Dropped(Sanity.ReasonOf(error));
            return OnResponse(message, origin, slot, handed);
        }
        if (!ViaValue.TryParse(message.Value(HeaderName.Via), out ViaValue via))
            return Verdict.Dropped(error == ParseError.None ? DropReason.Malformed : Sanity.ReasonOf(error));
        int refusal = Sanity.OfStartLine(error);
        if (refusal != 0 && message.Method != SipMethod.Ack) return Reply(message, via, origin, refusal);
        refusal = Sanity.Check(message, realm.IsStrict);
        if (error != ParseError.None || refusal != 0)
        {
            // A request that can be answered is (18.3); an ACK never is.
            if (error == ParseError.None && message.Method != SipMethod.Ack)
                return Reply(message, via, origin, refusal);
            if (message.Method == SipMethod.Ack || !Sanity.CanBeAnswered(message))
                return Verdict.Dropped(error == ParseError.None ? DropReason.Malformed : Sanity.ReasonOf(error));
            _work.Counters.CountDropped(realm.Id, Sanity.ReasonOf(error));
            return Reply(message, via, origin, 400);
        }
        if (!handed) _work.Counters.CountMessageIn(realm.Id, message.Method);
        if (!handed && message.Method == SipMethod.Register && realm.RegistrationsPerSecondPerSource > 0 &&
            peer is null && !_registrations.TryTake(header.Remote, realm.RegistrationsPerSecondPerSource, _work.Now))
            return Verdict.Dropped(DropReason.RateLimited);
        NameAddress.TryParse(message.Value(HeaderName.To), out NameAddress to);
        bool hasToTag = to.TryGetTag(out ReadOnlySpan<byte> toTag);
        TokenKind kind = TokenKind.None;
        Handle handle = Handle.None;
        int worker = _work.Index;
        bool ours = hasToTag && _work.Tokens.TryRead(toTag, out kind, out worker, out handle);
        if (!handed)
        {
            if (!ours && !BoxOptions.IsFor(message, realm) &&
                _parts.Forward.TryRequest(message, via, origin, hasToTag, out Verdict verdict)) return verdict;
            if (!ours && !_parts.Registers.TryFindOwner(message, origin, to, out worker))
                worker = OwnerOf(message.Value(HeaderName.CallId));
            if (worker != _work.Index && worker < _crossbar.Workers)
                return HandOver(worker, slot, message, via, origin);
        }
        if (_inquiries.TryPark(message, via, owner, slot)) return Verdict.Parked;
        return OnRequest(message, via, origin, hasToTag, ours ? kind : TokenKind.None, handle);
    }

    /// <summary>
    /// A request at its owner: known transaction, CANCEL and ACK, dialog, then what may begin something.
    /// </summary>
    private Verdict OnRequest(
        SipMessage request, in ViaValue via, in Origin origin, bool hasToTag, TokenKind kind, Handle handle)
    {
        SipMethod method = request.Method;
        (ulong Low, ulong High) key = TransactionKey.Of(_work.Hash, request, via);
        bool known = _parts.Servers.TryFind(key, out Handle server);
        if (method == SipMethod.Cancel) return _parts.Cancels.OnCancel(request, via, origin, server);
        // The ACK to a 2xx has a branch of its own; from stacks that reuse the INVITE's it is the dialog's all the
        // same.
        if (known && method == SipMethod.Ack && _parts.Servers[server].State == TransactionState.Accepted)
            known = false;
        if (known)
        {
            // CANCEL and the ACK to a failure must come from the INVITE's address, and so must its repetitions.
            if (!_parts.Servers[server].Source.SameAddress(origin.Source))
                return Verdict.Dropped(DropReason.SourceRefused);
            if (method == SipMethod.Ack) _parts.Servers.OnAck(server);
            else _parts.Servers.OnRetransmission(server);
            return Verdict.Absorbed;
        }
        // A registrar knows other options than a box between two legs.
        if (method is not (SipMethod.Ack or SipMethod.Register) && UnsupportedOptions.Any(request))
            return ReplyUnsupported(request, via, origin);
        if (kind is TokenKind.Ingress or TokenKind.Egress)
            return _parts.Dialogs.OnRequest(request, via, key, origin, kind, handle);
        if (method == SipMethod.Ack) return Verdict.Dropped(DropReason.StrayAck);
        if (hasToTag) return Reply(request, via, origin, 481);
        if (_work.Snapshot.Listeners[origin.Listener].IsRetired)
            return Reply(request, via, origin, 503, "Retry-After: 30\r\n"u8);
        if (BoxOptions.IsFor(request, origin.Realm)) return _parts.Options.OnRequest(request, via, origin);
        if (MaxForwards.IsSpent(request)) return Reply(request, via, origin, 483);
        if (MaxBreadth.IsSpent(request)) return Reply(request, via, origin, 440);
        if (_parts.Callers.TryRefuse(request, via, origin)) return Verdict.Answered;
        if (method == SipMethod.Invite) return _parts.Invites.OnInvite(request, via, key, origin);
        if (method.IsInDialogOnly()) return Reply(request, via, origin, 481);
        if (method == SipMethod.Register) return _parts.Registers.OnRegister(request, via, key, origin);
        return _parts.RegEvents.Serves(request, origin)
            ? _parts.RegEvents.OnSubscribe(request, via, key, origin)
            : _parts.Requests.OnRequest(request, via, key, origin);
    }

    /// <summary>A response: its branch names worker and transaction, or it is none that we asked for.</summary>
    private Verdict OnResponse(SipMessage response, in Origin origin, int slot, bool handed)
    {
        if (!ViaValue.TryParse(response.Value(HeaderName.Via), out ViaValue via))
            return Verdict.Dropped(DropReason.Malformed);
        if (IsForwarded(via))
        {
            if (!CSeqValue.TryParse(response.Value(HeaderName.CSeq), out CSeqValue asked))
                return Verdict.Dropped(DropReason.Malformed);
            _work.Counters.CountMessageIn(origin.Realm.Id, asked.Method);
            return _parts.Forward.OnResponse(response, via, asked.Method, origin);
        }
        // Ours would be the only Via; a second one is somebody else's response that went astray (8.1.3.3).
        if (response.CountOf(HeaderName.Via) > 1) return Verdict.Dropped(DropReason.ForeignResponse);
        if (!Sanity.CheckResponse(response) ||
            !CSeqValue.TryParse(response.Value(HeaderName.CSeq), out CSeqValue cseq))
            return Verdict.Dropped(DropReason.Malformed);
        if (!via.IsRfc3261 ||
            !_work.Tokens.TryRead(via.Branch[7..], out TokenKind kind, out int worker, out Handle handle))
            return Verdict.Dropped(DropReason.ForeignResponse);
        if (!handed)
        {
            _work.Counters.CountMessageIn(origin.Realm.Id, cseq.Method);
            if (worker != _work.Index) return HandOver(worker, slot, response, via, origin);
        }
        if (kind != TokenKind.Branch || !_parts.Clients.IsLive(handle)) return Verdict.Dropped(DropReason.LateResponse);
        ref ClientTransaction client = ref _parts.Clients[handle];
        if (_work.Snapshot.Listeners[client.Listener].RealmId != origin.Realm.Id)
            return Verdict.Dropped(DropReason.ForeignResponse);
        if (cseq.Method == SipMethod.Cancel && client.IsInvite)
        {
            _parts.Clients.OnCancelResponse(handle, response);
            return Verdict.Absorbed;
        }
        if (cseq.Method != client.Method) return Verdict.Dropped(DropReason.ForeignResponse);
        return _parts.ClientEvents.OnResponse(handle, response, origin);
    }

    /// <summary>Whether the branch is one of mode forward, as far as it says so itself.</summary>
    private static bool IsForwarded(in ViaValue via) =>
        via.IsRfc3261 && Base32.FirstByte(via.Branch[7..]) == (int)TokenKind.ForwardBranch;

    /// <summary>An ICMP error that quotes a message of ours. Whose it is says the branch in the quotation.</summary>
    /// <returns>
    /// Whether the slot went to the worker whose message it was; its ring being full, the error is lost.
    /// </returns>
    private bool OnTransportError(int owner, int slot)
    {
        SipMessage quoted = _crossbar.Message(owner, slot);
        PacketPool pool = _crossbar.Pool(owner);
        // A quotation is cut short, so that its index ends in an error; the topmost Via is within it.
        if (owner == _work.Index) quoted.Parse(pool.Memory, slot * pool.SlotStride, pool.Header(slot).Length);
        if (!quoted.IsRequest || !ViaValue.TryParse(quoted.Value(HeaderName.Via), out ViaValue via) || !via.IsRfc3261)
            return false;
        if (IsForwarded(via) && owner == _work.Index)
        {
            ref PacketHeader header = ref pool.Header(slot);
            Snapshot snapshot = _work.Snapshot;
            _parts.Forward.OnTransportError(snapshot.Realms[RealmOf(header.Port)], header.Remote);
            return false;
        }
        if (!_work.Tokens.TryRead(via.Branch[7..], out TokenKind kind, out int worker, out Handle handle)) return false;
        if (worker != _work.Index) return worker < _crossbar.Workers && _handovers.TryPush(worker, slot);
        if (kind != TokenKind.Branch || !_parts.Clients.IsLive(handle)) return false;
        if (quoted.Method != _parts.Clients[handle].Method) return false;
        try
        {
            _parts.ClientEvents.OnTransportError(handle);
        }
        catch (Exception error) when (_parts.Guard.Ends(error))
        {
            _work.Counters.CountDropped(RealmOf(pool.Header(slot).Port), DropReason.InternalError);
        }
        return false;
    }

    private void OnTimer(in TimerEntry timer)
    {
        switch (timer.Kind)
        {
            case TimerKind.Server:
                _parts.Servers.OnTimer(timer.Owner);
                break;
            case TimerKind.Client:
                _parts.ClientEvents.OnTimer(timer.Owner);
                break;
            case TimerKind.Call:
                _work.CallAtWork = timer.Owner;
                _parts.Dialogs.OnTimer(timer.Owner);
                break;
            case TimerKind.Binding:
                _parts.Registers.OnTimer(timer.Owner);
                break;
            case TimerKind.Watch:
                _parts.RegEvents.OnTimer(timer.Owner);
                break;
            case TimerKind.Trunk:
                _parts.TrunkRegistrations.OnTimer(timer.Owner.Index);
                break;
            case TimerKind.Probe:
                _parts.Probing.OnTimer(timer.Owner.Index);
                break;
            default:
                _parts.Media.OnTimer();
                break;
        }
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
        if (_handovers.TryPush(worker, slot)) return Verdict.HandedOver;
        // The owner is overloaded: a new call is told so, everything else is repeated by its sender.
        if (message.IsRequest && message.Method == SipMethod.Invite)
        {
            _work.Counters.CountDropped(origin.Realm.Id, DropReason.RingFull);
            return Reply(message, via, origin, 503, "Retry-After: 5\r\n"u8);
        }
        return Verdict.Dropped(DropReason.RingFull);
    }

    private Verdict Reply(
        SipMessage request, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> extraLines = default) =>
        _parts.Reply.Send(request, via, origin, code, default, extraLines);

    private Verdict ReplyUnsupported(SipMessage request, in ViaValue via, in Origin origin)
    {
        Span<byte> line = stackalloc byte[UnsupportedOptions.LineBytesMax];
        return Reply(request, via, origin, 420, UnsupportedOptions.Write(request, line));
    }
}
