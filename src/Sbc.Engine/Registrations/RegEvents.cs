using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>
/// The notifier of the event package reg (RFC 3680, RFC 6665 4.2), at the worker that owns the address-of-record: who
/// may know hears the full state at once and with every change.
/// </summary>
public sealed class RegEvents(
    Workspace work, LocationTable locations, CallTable calls, ServerTransactions servers, ClientTransactions clients,
    LegSetup setup, LegRequest requests, LegResponse responses, CallEnding ending, Authenticator authenticator,
    StatelessReply reply)
{
    /// <summary>Seconds where the subscriber does not say (RFC 3680 4.4).</summary>
    private const uint ExpiresDefault = 3761;

    private readonly LocationShard _shard = locations.Shard(work.Index);
    private readonly WatcherTable _watchers = new(work, calls);
    private readonly RegInfo _documents = new(work, locations);
    private readonly byte[] _body = new byte[Limits.RegInfoBytesMax];

    /// <summary>Subscriptions of this worker.</summary>
    public int Count => _watchers.Count;

    /// <summary>Whether a request subscribes to registrations, wherever it leads.</summary>
    public static bool IsSubscribe(SipMessage request) =>
        request.Method == SipMethod.Subscribe && IsReg(request.Value(HeaderName.Event));

    private static bool IsReg(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)';');
        return Ascii.EqualsIgnoreCase(Grammar.Trim(end < 0 ? value : value[..end]), "reg"u8);
    }

    private static ReadOnlySpan<byte> IdOf(SipMessage subscribe)
    {
        ReadOnlySpan<byte> value = subscribe.Value(HeaderName.Event);
        int end = value.IndexOf((byte)';');
        return end >= 0 && Parameters.TryGet(value[end..], "id"u8, out ReadOnlySpan<byte> id) ? id : default;
    }

    /// <summary>Whether it asks for a user of the registrar's own; else it goes through the routes.</summary>
    public bool Serves(SipMessage request, in Origin origin) =>
        IsSubscribe(request) && work.Snapshot.Registrar is { Relay: null } registrar &&
        SipUri.TryParse(request.RequestUri, out SipUri uri) && uri.IsSip && uri.HasUser &&
        !uri.TryGetParameter("gr"u8, out _) && registrar.TryFindDomain(uri.Host, origin.Realm, out _);

    /// <summary>A SUBSCRIBE without a To tag that <see cref="Serves"/> is true of.</summary>
    public Verdict OnSubscribe(SipMessage subscribe, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        Registrar registrar = work.Snapshot.Registrar!;
        SipUri.TryParse(subscribe.RequestUri, out SipUri uri);
        Span<byte> text = stackalloc byte[AddressOfRecord.BytesMax];
        if (!AddressOfRecord.TryWrite(uri, registrar, origin.Realm, text, out int length))
            return reply.Send(subscribe, via, origin, 404);
        ReadOnlySpan<byte> aor = text[..length];
        if (TryRefuse(subscribe, via, origin, registrar, aor)) return Verdict.Answered;
        if (!IsUser(registrar, aor)) return reply.Send(subscribe, via, origin, 404);
        if (!LegSetup.MakesDialog(subscribe)) return reply.Send(subscribe, via, origin, 400);
        if (work.Cells.Draining) return reply.Send(subscribe, via, origin, 503, default, RetryAfterLine);
        uint seconds = ExpiresOf(subscribe);
        if (IsTooBrief(seconds, registrar))
        {
            Span<byte> line = stackalloc byte[32];
            return reply.Send(subscribe, via, origin, 423, default, WriteMinExpires(registrar, line));
        }
        ulong hash = locations.HashOf(aor);
        if (!_watchers.HasRoom(aor, hash) || !calls.TryCreate(work.NextRandom(), out Handle handle))
            return reply.Send(subscribe, via, origin, 503, default, RetryAfterLine);
        work.CallAtWork = handle;
        ref CallState call = ref calls[handle];
        call.Kind = CallKind.Watch;
        call.Phase = CallPhase.Confirmed;
        call.Legs[CallState.Ingress].Peer = origin.Peer?.Id ?? -1;
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!setup.TryIngress(handle, subscribe, via, origin) ||
            !_watchers.TryAdd(aor, hash, handle, IdOf(subscribe), out call.Watcher))
        {
            ending.Finish(handle);
            return reply.Send(subscribe, via, origin, 503, default, RetryAfterLine);
        }
        if (!servers.TryCreate(subscribe, via, key, origin.Source, origin.Listener, toSource, out Handle server))
        {
            End(call.Watcher);
            return reply.Send(subscribe, via, origin, 503, default, RetryAfterLine);
        }
        servers[server].Call = handle;
        Answer(call.Watcher, server, subscribe, seconds);
        return Verdict.Answered;
    }

    /// <summary>Where nobody is asked for a password everybody may be one.</summary>
    private static bool IsUser(Registrar registrar, ReadOnlySpan<byte> aor) =>
        !registrar.Challenges || registrar.Users.Find(aor) >= 0;

    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 30\r\n"u8;

    /// <summary>
    /// Who is trusted may watch everybody, others themselves: proven to the realm already, or here.
    /// </summary>
    private bool TryRefuse(
        SipMessage subscribe, in ViaValue via, in Origin origin, Registrar registrar, ReadOnlySpan<byte> aor)
    {
        if (work.Snapshot.Trusts(origin.Realm.Id, origin.Peer?.Id ?? -1)) return false;
        if (origin.Realm.Authenticates && origin.Peer is null)
        {
            NameAddress.TryParse(subscribe.Value(HeaderName.From), out NameAddress from);
            Span<byte> text = stackalloc byte[AddressOfRecord.BytesMax];
            if (SipUri.TryParse(from.Uri, out SipUri uri) &&
                AddressOfRecord.TryWrite(uri, registrar, origin.Realm, text, out int length) &&
                aor.SequenceEqual(text[..length])) return false;
            reply.Send(subscribe, via, origin, 403);
            return true;
        }
        if (!registrar.Challenges)
        {
            // Nobody can prove here who he is.
            reply.Send(subscribe, via, origin, 403);
            return true;
        }
        ReadOnlySpan<byte> domain = AddressOfRecord.DomainOf(aor);
        Authentication answer = authenticator.Check(
            subscribe, HeaderName.Authorization, origin, registrar, domain, out ReadOnlySpan<byte> user);
        if (answer == Authentication.Valid)
        {
            if (user.SequenceEqual(AddressOfRecord.UserOf(aor))) return false;
            reply.Send(subscribe, via, origin, 403);
            return true;
        }
        Span<byte> lines = stackalloc byte[Authenticator.ChallengeBytesMax];
        var writer = new SipWriter(lines);
        authenticator.WriteChallenge(
            ref writer, "WWW-Authenticate: "u8, origin.Source, registrar, domain, answer == Authentication.Stale);
        reply.Send(subscribe, via, origin, 401, default, writer.Written);
        return true;
    }

    /// <summary>A request in the dialog of a watcher: a refresh or its end (RFC 6665 4.2.1.4).</summary>
    public void OnRequest(Handle handle, Handle server, SipMessage request)
    {
        int row = calls[handle].Watcher;
        if (request.Method != SipMethod.Subscribe)
        {
            responses.Send(server, 405, default, "Allow: SUBSCRIBE\r\n"u8);
            return;
        }
        // One subscription a dialog; another event, or another one of this, belongs into a dialog of its own.
        if (!IsReg(request.Value(HeaderName.Event)) ||
            !IdOf(request).SequenceEqual(work.Buffers.Bytes(_watchers[row].EventId)))
        {
            responses.Send(server, 489, default, "Allow-Events: reg\r\n"u8);
            return;
        }
        uint seconds = ExpiresOf(request);
        if (work.Snapshot.Registrar is { } registrar && IsTooBrief(seconds, registrar))
        {
            Span<byte> line = stackalloc byte[32];
            responses.Send(server, 423, default, WriteMinExpires(registrar, line));
            return;
        }
        Answer(row, server, request, seconds);
    }

    /// <summary>200 with what it got, and the state at once (RFC 6665 4.2.1.2).</summary>
    private void Answer(int row, Handle server, SipMessage subscribe, uint seconds)
    {
        seconds = Math.Min(seconds, Limits.SubscriptionSecondsMax);
        Handle handle = _watchers[row].Call;
        ref LegState leg = ref calls[handle].Legs[CallState.Ingress];
        Span<byte> lines = stackalloc byte[RouteSet.BytesMax + 512];
        var writer = new SipWriter(lines);
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int length = RouteSet.Write(subscribe, reversed: false, routes);
        if (length > 0) writer.Header("Record-Route: "u8, routes[..length]);
        Span<byte> token = stackalloc byte[Tokens.Length];
        calls.WriteToken(handle, CallState.Ingress, token);
        LegRequest.WriteContact(ref writer, work.Snapshot.Listeners[leg.Listener], token, null);
        writer.Header("Expires: "u8, seconds);
        responses.Send(server, 200, default, writer.Written);
        _watchers[row].EndsAt = work.Now.AddMilliseconds(seconds * 1000L);
        calls.SetEnd(handle, seconds * 1000L);
        if (seconds == 0) End(row, "timeout"u8);
        else Notify(row);
    }

    /// <summary>A contact is about to go; its watchers hear of it with the next NOTIFY.</summary>
    public void OnLeaving(int binding, ContactEvent cause)
    {
        if (_watchers.Count == 0) return;
        int owner = _shard[binding].Owner;
        int row = _watchers.Find(_shard.NameOf(owner), _shard.HashOf(owner));
        if (row < 0) return;
        ref BufferRef departed = ref _watchers.Aor(row).Departed;
        ReadOnlySpan<byte> contact = _documents.Contact(binding, cause);
        int length = departed.Length + contact.Length;
        if (length > Limits.DepartedBytesMax || !work.Buffers.TryRent(length, out BufferRef both)) return;
        work.Buffers.Bytes(departed).CopyTo(work.Buffers.Bytes(both));
        contact.CopyTo(work.Buffers.Bytes(both)[departed.Length..]);
        work.Buffers.Return(ref departed);
        departed = both;
    }

    /// <summary>An address-of-record is not what it was: its watchers hear of it at the end of this turn, or when they
    /// have had some quiet (RFC 3680 4.10).</summary>
    public void OnChanged(ReadOnlySpan<byte> aor, ulong hash)
    {
        if (_watchers.Count == 0) return;
        int row = _watchers.Find(aor, hash);
        if (row < 0) return;
        ref WatchedAor watched = ref _watchers.Aor(row);
        if (watched.Timer != 0) return;
        Instant due = watched.QuietUntil > work.Now ? watched.QuietUntil : work.Now;
        watched.Timer = work.Timers.Schedule(due, TimerKind.Watch, _watchers.HandleOf(row));
    }

    /// <summary>What has changed is told to all that watch it.</summary>
    public void OnTimer(Handle aor)
    {
        if (!_watchers.IsLive(aor)) return;
        ref WatchedAor watched = ref _watchers.Aor(aor.Index);
        watched.Timer = 0;
        watched.QuietUntil = work.Now.AddMilliseconds(Limits.RegEventQuietMilliseconds);
        int next;
        for (int row = watched.First; row >= 0; row = next)
        {
            next = _watchers[row].Next;
            Notify(row);
        }
        ForgetDeparted(aor);
    }

    /// <summary>Once all have heard of them. Who waits for an answer to his last NOTIFY has not.</summary>
    private void ForgetDeparted(Handle aor)
    {
        // The last watcher takes its address with it.
        if (!_watchers.IsLive(aor)) return;
        ref WatchedAor watched = ref _watchers.Aor(aor.Index);
        bool isTold = watched.Timer == 0;
        for (int row = watched.First; row >= 0; row = _watchers[row].Next) isTold &= !_watchers[row].IsDirty;
        if (isTold) work.Buffers.Return(ref watched.Departed);
    }

    private void Notify(int row)
    {
        ref Watcher watcher = ref _watchers[row];
        if (!calls.IsLive(watcher.Call))
        {
            _watchers.Remove(row);
            return;
        }
        // One after the other: two on the way could change places.
        watcher.IsDirty = clients.IsLive(watcher.Client);
        if (watcher.IsDirty) return;
        ReadOnlySpan<byte> aor = _watchers.NameOf(watcher.Aor);
        if (work.Snapshot.Registrar is { Relay: null } registrar && IsUser(registrar, aor)) Send(row, default);
        else End(row, "noresource"u8);
    }

    /// <summary>A NOTIFY with the full state.</summary>
    /// <param name="reason">Why it is the last one (RFC 6665 4.1.3); empty: it is not.</param>
    private void Send(int row, ReadOnlySpan<byte> reason)
    {
        ref Watcher watcher = ref _watchers[row];
        ref WatchedAor watched = ref _watchers.Aor(watcher.Aor);
        ReadOnlySpan<byte> aor = _watchers.NameOf(watcher.Aor);
        Span<byte> lines = stackalloc byte[Limits.EventLinesBytesMax];
        var writer = new SipWriter(lines);
        writer.Raw("Event: reg"u8);
        ReadOnlySpan<byte> id = work.Buffers.Bytes(watcher.EventId);
        if (id.Length is > 0 and <= Limits.EventIdBytesMax)
        {
            writer.Raw(";id="u8);
            writer.Raw(id);
        }
        writer.Raw("\r\nSubscription-State: "u8);
        writer.Raw(reason.Length > 0 ? "terminated;reason="u8 : "active;expires="u8);
        if (reason.Length > 0) writer.Raw(reason);
        else writer.Number(Math.Max(0, (watcher.EndsAt - work.Now + 999_999) / 1_000_000));
        writer.Raw("\r\nContent-Type: application/reginfo+xml\r\n"u8);
        int length = _documents.Write(
            _body, aor, _shard.Find(aor, watched.Hash), watcher.Version++, work.Buffers.Bytes(watched.Departed));
        var parts = new LegRequestParts
        {
            Method = "NOTIFY"u8,
            MaxForwards = LegRequest.MaxForwardsDefault,
            ExtraLines = writer.Written,
            Body = _body.AsSpan(0, length),
            HasContact = true,
        };
        var use = new LegRequestUse(SipMethod.Notify, ClientPurpose.Watch) { InDialog = true };
        requests.Send(watcher.Call, CallState.Ingress, parts, default, use, out watcher.Client);
    }

    /// <summary>The answer to a NOTIFY: a failure ends the subscription (RFC 6665 4.2.2).</summary>
    public void OnNotified(Handle client, SipMessage response)
    {
        Handle handle = clients[client].Call;
        if (response.StatusCode < 200 || !IsWatch(handle)) return;
        int row = calls[handle].Watcher;
        Handle aor = _watchers.HandleOf(_watchers[row].Aor);
        _watchers[row].Client = Handle.None;
        if (response.StatusCode >= 300) End(row);
        else if (_watchers[row].IsDirty) Notify(row);
        ForgetDeparted(aor);
    }

    /// <summary>A NOTIFY was not answered.</summary>
    public void OnUnreachable(Handle handle)
    {
        if (IsWatch(handle)) End(calls[handle].Watcher);
    }

    /// <summary>It was not refreshed in time.</summary>
    public void OnExpired(Handle handle) => End(calls[handle].Watcher, "timeout"u8);

    /// <summary>The box stops: whoever watches hears so, and may ask again at once (RFC 6665 4.1.3).</summary>
    public void EndAll()
    {
        for (int index = 0; index < calls.Created; index++)
        {
            if (calls.TryAt(index, out Handle handle) && IsWatch(handle))
                End(calls[handle].Watcher, "deactivated"u8);
        }
    }

    private bool IsWatch(Handle handle) => calls.IsLive(handle) && calls[handle].Kind == CallKind.Watch;

    /// <summary>With a last NOTIFY, which lives on by itself.</summary>
    private void End(int row, ReadOnlySpan<byte> reason)
    {
        Send(row, reason);
        End(row);
    }

    private void End(int row)
    {
        Handle handle = _watchers[row].Call;
        _watchers.Remove(row);
        ending.Finish(handle);
    }

    private static uint ExpiresOf(SipMessage subscribe) =>
        Numbers.TryParse(subscribe.Value(HeaderName.Expires), out uint seconds) ? seconds : ExpiresDefault;

    /// <summary>0 asks for the state once; what is longer and still brief costs more than it is worth (423).</summary>
    private static bool IsTooBrief(uint seconds, Registrar registrar) => seconds > 0 && seconds < registrar.ExpiresMin;

    private static ReadOnlySpan<byte> WriteMinExpires(Registrar registrar, Span<byte> line)
    {
        var writer = new SipWriter(line);
        writer.Header("Min-Expires: "u8, registrar.ExpiresMin);
        return line[..writer.Length];
    }
}
