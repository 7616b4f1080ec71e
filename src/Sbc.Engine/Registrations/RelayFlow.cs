using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>
/// REGISTER in front of a core registrar: what is known and has time left is answered here, the rest goes there, as
/// fast as it can take it.
/// </summary>
public sealed class RelayFlow(
    Workspace work, LocationTable locations, ContactChanges changes, RelayCache cache, RelayRequest request,
    ServerTransactions servers, ClientTransactions clients, LegResponse responses, StatelessReply reply)
{
    /// <summary>A registrar's 423 that asks for more is not followed.</summary>
    private const uint ExpiresMax = 86_400;

    private readonly LocationShard _shard = locations.Shard(work.Index);
    private readonly Pool<RelayState> _pool = new(Limits.TransactionsMax);
    private readonly ChallengedPhones _challenged = new();
    private readonly SipMessage _stored = new();
    private readonly byte[] _aor = new byte[AddressOfRecord.BytesMax];

    /// <summary>What a 423 has taught.</summary>
    private int _expiresMin;

    /// <summary>REGISTERs that are under way.</summary>
    public int Count => _pool.Count;

    /// <summary>A REGISTER for an address-of-record of this worker.</summary>
    public Verdict OnRegister(in Registration registration, (ulong Low, ulong High) key)
    {
        Origin origin = registration.Origin;
        RegistrarRelay relay = registration.Registrar.Relay!;
        int row = _shard.Find(registration.Aor, registration.Hash);
        int refusal = Prepare(registration, row);
        KnownAs known = refusal == 0 ? cache.Judge(registration) : KnownAs.Unknown;
        bool isAnswer = refusal == 0 && registration.Register.Has(HeaderName.Authorization) &&
            _challenged.TryTake(origin.Source, registration.Hash, work.Now);
        bool goes = refusal == 0 && (isAnswer || known != KnownAs.Fresh) && Admits(relay, known, isAnswer);
        bool waits = refusal == 0 && !goes && known == KnownAs.Unknown;
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(registration.Via, origin);
        Handle server = Handle.None;
        if (waits || !servers.TryCreate(registration.Register, registration.Via, key, origin.Source, origin.Listener,
            toSource, out server))
        {
            changes.Discard();
            return Defer(registration, relay);
        }
        if (refusal != 0) cache.Respond(server, registration, refusal, row, default);
        else if (!goes) cache.Answer(server, registration, row);
        else return Begin(server, registration, isAnswer);
        return Verdict.Answered;
    }

    private int Prepare(in Registration registration, int row) => changes.Prepare(
        registration.Register, registration.Via, registration.Origin, registration.Registrar, row);

    private bool Admits(RegistrarRelay relay, KnownAs known, bool isAnswer)
    {
        RegistrationRate rate = work.Cells.Registrations;
        if (!isAnswer) return rate.TryTake(relay.PerSecond, work.Now, isPatient: known == KnownAs.Moved);
        rate.Take(relay.PerSecond, work.Now);
        return true;
    }

    /// <summary>It has to wait: as long as those before it need.</summary>
    private Verdict Defer(in Registration registration, RegistrarRelay relay)
    {
        work.Counters.CountRegistration(RegistrationResult.Deferred);
        Span<byte> line = stackalloc byte[32];
        return reply.Send(
            registration.Register, registration.Via, registration.Origin, 503, default, WriteRetryAfter(relay, line));
    }

    private ReadOnlySpan<byte> WriteRetryAfter(RegistrarRelay relay, Span<byte> line)
    {
        var writer = new SipWriter(line);
        writer.Header(
            "Retry-After: "u8, work.Cells.Registrations.WaitSeconds(relay.PerSecond, work.Now, work.NextRandom()));
        return line[..writer.Length];
    }

    /// <summary>Sends it to the registrar, for the first time.</summary>
    private Verdict Begin(Handle server, in Registration registration, bool isAnswer)
    {
        if (!_pool.TryRent(out Handle handle))
        {
            changes.Discard();
            responses.Send(server, 503, default, "Retry-After: 10\r\n"u8);
            return Verdict.Answered;
        }
        work.Counters.CountRegistration(RegistrationResult.Relayed);
        ref RelayState state = ref _pool[handle.Index];
        state.Server = server;
        state.Client = Handle.None;
        state.StartedAt = work.Now;
        state.Expires = Math.Max(registration.Registrar.Relay!.Expires, _expiresMin);
        state.IsAnswer = isAnswer;
        if (TrySend(handle, registration)) changes.Discard();
        else FinishFromHere(handle, registration, isPrepared: true);
        return Verdict.Forwarded;
    }

    /// <summary>To the next peer that is up; all of one address-of-record go to the same one.</summary>
    private bool TrySend(Handle handle, in Registration registration)
    {
        ref RelayState state = ref _pool[handle.Index];
        Group group = registration.Registrar.Relay!.Group;
        if (state.Attempts >= group.Failover.AttemptsMax) return false;
        int member = registration.Registrar.Relay.MemberFor(registration.Aor, state.Tried, work.Cells, work.Now);
        if (member < 0) return false;
        state.Tried |= 1UL << member;
        return TrySendTo(handle, registration, group.Members[member]);
    }

    private bool TrySendTo(Handle handle, in Registration registration, Peer peer)
    {
        ref RelayState state = ref _pool[handle.Index];
        RegistrarRelay relay = registration.Registrar.Relay!;
        if (!clients.TryCreate(SipMethod.Register, ClientPurpose.RelayedRegister, out Handle client)) return false;
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        request.Write(ref writer, registration, changes.IsStar ? default : changes.Items, new RelayRequestParts
        {
            Peer = peer,
            Client = client,
            Attempt = state.Attempts++,
            Expires = state.Expires,
            WritesPath = relay.WritesPath,
        });
        ref ClientTransaction transaction = ref clients[client];
        transaction.Registration = handle;
        transaction.Server = state.Server;
        transaction.Peer = peer.Id;
        // The phone's own transaction ends after 64*T1: an answer must come before that, whoever was asked.
        Timers timers = work.Snapshot.Timers;
        int life = timers.T1x64 - (4 * timers.T1) - (int)work.Now.MillisecondsSince(state.StartedAt);
        if (writer.Overflowed || life <= 0)
        {
            clients.Drop(client);
            return false;
        }
        if (!clients.Send(client, slot, writer.Length, peer.Listener.Index, peer.Address, life)) return false;
        state.Client = client;
        state.Peer = peer.Id;
        servers[state.Server].Client = client;
        clients.StartSilence(client, relay.Group.Failover.SilenceMilliseconds);
        return true;
    }

    /// <summary>A response of the registrar.</summary>
    public Verdict OnResponse(Handle client, SipMessage response)
    {
        int code = response.StatusCode;
        Handle handle = clients[client].Registration;
        if (code < 200 || !TryRestore(client, out Registration registration)) return Verdict.Absorbed;
        ref RelayState state = ref _pool[handle.Index];
        RegistrarRelay relay = registration.Registrar.Relay!;
        bool isServerFailure = code == 503 || (code is >= 500 and < 600 && relay.Group.Failover.IsOn(code));
        if (isServerFailure || (code == 423 && TryRaise(ref state, response)))
        {
            // A higher minimum is asked for where it was named.
            if (!isServerFailure) state.Tried = 0;
            GoOn(handle, registration);
            return Verdict.Absorbed;
        }
        if (code < 300) OnSuccess(handle, registration, response);
        else OnFailure(handle, registration, response);
        End(handle);
        return Verdict.Forwarded;
    }

    /// <summary>Its minimum (RFC 3261 10.2.8) is followed, this time and from now on.</summary>
    private bool TryRaise(ref RelayState state, SipMessage response)
    {
        if (state.IsRaised || !Numbers.TryParse(response.Value(HeaderName.MinExpires), out uint seconds) ||
            seconds <= state.Expires || seconds > ExpiresMax) return false;
        state.IsRaised = true;
        state.Expires = _expiresMin = (int)seconds;
        return true;
    }

    private void OnSuccess(Handle handle, in Registration registration, SipMessage response)
    {
        ref RelayState state = ref _pool[handle.Index];
        int row = _shard.Find(registration.Aor, registration.Hash);
        int code = Prepare(registration, row);
        if (code == 0)
        {
            Confirm(registration, state.Peer, response);
            code = changes.TryApply(registration.Aor, registration.Hash, ref row) ? 200 : 503;
        }
        // One of the same phone was faster: what there is now is the answer to both.
        if (code == 500) code = 200;
        Prune(row, response, state.StartedAt);
        row = _shard.Find(registration.Aor, registration.Hash);
        Span<byte> lines = stackalloc byte[Limits.CoreFieldsBytesMax];
        var fields = new SipWriter(lines);
        RelayAnswer.CopyFields(ref fields, response);
        cache.Respond(state.Server, registration, code, row, lines[..fields.Length]);
    }

    /// <summary>Each prepared Contact gets what the registrar gave it; what it does not name is not taken.</summary>
    private void Confirm(in Registration registration, int peer, SipMessage response)
    {
        Span<byte> kept = stackalloc byte[Limits.CoreBytesMax];
        var writer = new SipWriter(kept);
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        int routeLength = 0;
        if (work.Snapshot.PeerById(peer) is { } from)
            RelayAnswer.WriteKept(response, MapToPhone(registration.Origin, from, text), ref writer, out routeLength);
        // More than fits is no route at all.
        int length = writer.Overflowed ? 0 : writer.Length;
        foreach (ref ContactChange change in changes.Items)
        {
            if (change.Removes) continue;
            ContactId id = change.Target < 0 ? default : _shard[change.Target].Id;
            if (!RelayAnswer.TryFind(response, id, out uint seconds))
            {
                id = request.NewIdOf(change, registration.Aor);
                if (!RelayAnswer.TryFind(response, id, out seconds))
                {
                    change.Removes = true;
                    continue;
                }
            }
            change.Binding.Id = id;
            change.Binding.Peer = (short)peer;
            change.Binding.ConfirmedAt = work.Now;
            SetExpiry(ref change.Binding, seconds);
            if (length == 0 || !_shard.TryRent(length, out change.Binding.Core)) continue;
            kept[..length].CopyTo(_shard.Bytes(change.Binding.Core));
            change.Binding.ServiceRouteLength = (ushort)routeLength;
        }
    }

    /// <summary>
    /// It is refreshed there two of the phone's expiries before its end, and up to a tenth of its time earlier, so that
    /// those that came together do not come together again.
    /// </summary>
    private void SetExpiry(ref Binding binding, uint seconds)
    {
        seconds = Math.Min(seconds, ExpiresMax);
        long early = 2 * (binding.ExpiresAt - work.Now);
        early += 1_000_000 * (long)(work.NextRandom() % ((seconds / 10) + 1));
        binding.RegistrarExpiresAt = work.Now.AddMilliseconds(seconds * 1000L);
        binding.RefreshAt = binding.RegistrarExpiresAt.AddMicroseconds(-early);
        cache.Shorten(ref binding);
    }

    /// <summary>A binding of ours that the registrar no longer names is gone, unless it came after the question.
    /// </summary>
    private void Prune(int row, SipMessage response, Instant asked)
    {
        int next;
        for (int at = _shard.FirstOf(row); at >= 0; at = next)
        {
            ref Binding binding = ref _shard[at];
            next = binding.Next;
            if (binding.UpdatedAt < asked && !RelayAnswer.TryFind(response, binding.Id, out _)) changes.Drop(at);
        }
    }

    private void OnFailure(Handle handle, in Registration registration, SipMessage response)
    {
        ref RelayState state = ref _pool[handle.Index];
        int code = response.StatusCode;
        Origin origin = registration.Origin;
        if (code is 401 or 407 && !state.IsAnswer) _challenged.Add(origin.Source, registration.Hash, work.Now);
        if (code is 403 or 404) Forget(registration);
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        if (work.Snapshot.PeerById(state.Peer) is { } peer)
        {
            responses.Forward(state.Server, Handle.None, code, response.ReasonPhrase, response,
                MapToPhone(origin, peer, text), default);
        }
        else
        {
            responses.Send(state.Server, code);
        }
    }

    /// <summary>
    /// The registrar does not have that user any more. Only the phone itself can cause it, or a stranger's REGISTER
    /// would end another one's binding.
    /// </summary>
    private void Forget(in Registration registration)
    {
        int row = _shard.Find(registration.Aor, registration.Hash);
        if (Prepare(registration, row) != 0) return;
        Span<int> gone = stackalloc int[ContactChanges.ItemsMax];
        int count = 0;
        foreach (ref readonly ContactChange change in changes.Items)
        {
            if (change.Target >= 0 && _shard[change.Target].Remote.SameAddress(registration.Origin.Source))
                gone[count++] = change.Target;
        }
        changes.Discard();
        foreach (int binding in gone[..count]) changes.Drop(binding);
    }

    /// <summary>Nothing was heard for the failover's time: the next peer, or what is known here.</summary>
    public void OnSilent(Handle client)
    {
        Handle handle = clients[client].Registration;
        if (!TryRestore(client, out Registration registration)) return;
        int row = _shard.Find(registration.Aor, registration.Hash);
        bool isPrepared = Prepare(registration, row) == 0;
        if (isPrepared && TrySend(handle, registration))
        {
            changes.Discard();
            clients.StopRetransmitting(client);
        }
        else if (isPrepared && cache.Judge(registration) != KnownAs.Unknown)
        {
            clients.StopRetransmitting(client);
            FinishFromHere(handle, registration, isPrepared);
        }
        else
        {
            // Who is not known here waits on: the answer may still come.
            changes.Discard();
        }
    }

    /// <summary>It ended without a response.</summary>
    public void OnUnreachable(Handle client)
    {
        Handle handle = clients[client].Registration;
        if (TryRestore(client, out Registration registration)) GoOn(handle, registration);
    }

    /// <summary>To the next peer, else to an end.</summary>
    private void GoOn(Handle handle, in Registration registration)
    {
        bool isPrepared = Prepare(registration, _shard.Find(registration.Aor, registration.Hash)) == 0;
        if (isPrepared && TrySend(handle, registration)) changes.Discard();
        else FinishFromHere(handle, registration, isPrepared);
    }

    /// <summary>
    /// No registrar answers: what it has confirmed lives on to the end of its expiry, others come again later.
    /// </summary>
    private void FinishFromHere(Handle handle, in Registration registration, bool isPrepared)
    {
        Handle server = _pool[handle.Index].Server;
        if (isPrepared && cache.Judge(registration) != KnownAs.Unknown)
        {
            cache.Answer(server, registration, _shard.Find(registration.Aor, registration.Hash));
        }
        else
        {
            changes.Discard();
            Span<byte> line = stackalloc byte[32];
            responses.Send(server, 503, default, WriteRetryAfter(registration.Registrar.Relay!, line));
        }
        End(handle);
    }

    private void End(Handle handle) => _pool.Return(handle);

    /// <summary>
    /// What a transaction's REGISTER is about. False where nobody waits for it any more, or a reload took the registrar
    /// away.
    /// </summary>
    private bool TryRestore(Handle client, out Registration registration)
    {
        registration = default;
        Handle handle = clients[client].Registration;
        if (!_pool.IsLive(handle) || _pool[handle.Index].Client != client) return false;
        Handle server = _pool[handle.Index].Server;
        if (!servers.IsUnanswered(server))
        {
            End(handle);
            return false;
        }
        ref ServerTransaction transaction = ref servers[server];
        ArraySegment<byte> bytes = work.Buffers.Segment(transaction.Request);
        _stored.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        Realm realm = work.Snapshot.Realms[transaction.Realm];
        ViaValue.TryParse(_stored.Value(HeaderName.Via), out ViaValue via);
        NameAddress.TryParse(_stored.Value(HeaderName.To), out NameAddress to);
        if (work.Snapshot.Registrar is not { Relay: not null } registrar || !SipUri.TryParse(to.Uri, out SipUri user) ||
            !AddressOfRecord.TryWrite(user, registrar, realm, _aor, out int length))
        {
            responses.Send(server, 503, default, "Retry-After: 10\r\n"u8);
            End(handle);
            return false;
        }
        registration = new Registration
        {
            Register = _stored,
            Via = via,
            Origin = new Origin(transaction.Source, transaction.Listener, realm,
                work.Snapshot.PeerLookup.Find(realm.Id, transaction.Source)),
            Registrar = registrar,
            Aor = _aor.AsSpan(0, length),
            Hash = locations.HashOf(_aor.AsSpan(0, length)),
        };
        return true;
    }

    private HostMap MapToPhone(in Origin origin, Peer peer, Span<byte> text) => new()
    {
        From = peer.Realm,
        FromTrusted = work.Snapshot.Trusts(peer.Realm.Id, peer.Id),
        To = origin.Realm,
        ToTrusted = work.Snapshot.Trusts(origin.Realm.Id, origin.Peer?.Id ?? -1),
        ToListener = work.Snapshot.Listeners[origin.Listener],
        Target = text[..HostMap.WriteTarget(origin.Source, text)],
        TargetAddress = origin.Source,
        ToPeer = origin.Peer is not null,
    };
}
