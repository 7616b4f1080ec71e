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
/// REGISTER at the registrar of its own (RFC 3261 10.3), at the worker that owns the address-of-record: whose domain,
/// who it is, what he may, what changes, and what is there now.
/// </summary>
public sealed class RegisterFlow(
    Workspace work, LocationTable locations, ContactChanges changes, Authenticator authenticator, RelayFlow relay,
    ServerTransactions servers, StatelessReply reply)
{
    private readonly LocationShard _shard = locations.Shard(work.Index);
    private readonly RegisterResponse _response = new(work, locations);

    public Verdict OnRegister(SipMessage register, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        if (work.Snapshot.Registrar is not { } registrar)
            return Refuse(register, via, origin, 405, default, StatelessReply.AllowLine);
        // A domain that is not served is nobody's here (step 1), an AOR of no SIP domain is no AOR (step 5).
        if (!SipUri.TryParse(register.RequestUri, out SipUri target) || !target.IsSip ||
            !registrar.TryFindDomain(target.Host, origin.Realm, out _)) return Refuse(register, via, origin, 404);
        if (RegisterOptions.AnyUnsupported(register)) return RefuseOptions(register, via, origin);
        NameAddress.TryParse(register.Value(HeaderName.To), out NameAddress to);
        if (!SipUri.TryParse(to.Uri, out SipUri user) || !user.IsSip) return Refuse(register, via, origin, 400);
        Span<byte> text = stackalloc byte[AddressOfRecord.BytesMax];
        if (!AddressOfRecord.TryWrite(user, registrar, origin.Realm, text, out int length))
            return Refuse(register, via, origin, 404);
        ReadOnlySpan<byte> aor = text[..length];
        if (registrar.Relay is not null)
        {
            var registration = new Registration
            {
                Register = register,
                Via = via,
                Origin = origin,
                Registrar = registrar,
                Aor = aor,
                Hash = locations.HashOf(aor),
            };
            return relay.OnRegister(registration, key);
        }
        ReadOnlySpan<byte> name = AddressOfRecord.UserOf(aor);
        if (registrar.Challenges)
        {
            Authentication answer = authenticator.Check(
                register, HeaderName.Authorization, origin, registrar, AddressOfRecord.DomainOf(aor), out name);
            if (answer != Authentication.Valid) return Challenge(register, via, origin, registrar, aor, answer);
        }
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        // A retransmission must find the response: its count is used up.
        if (!servers.TryCreate(register, via, key, origin.Source, origin.Listener, toSource, out Handle server))
            return Refuse(register, via, origin, 503, default, RetryAfterLine);
        int code = name.SequenceEqual(AddressOfRecord.UserOf(aor)) ? 0 : 403;
        ulong hash = locations.HashOf(aor);
        int row = _shard.Find(aor, hash);
        ReadOnlySpan<byte> reason = default;
        if (code == 0)
        {
            code = changes.Prepare(register, via, origin, registrar, row);
            reason = changes.Reason;
        }
        if (code == 0) code = changes.TryApply(aor, hash, ref row) ? 200 : 503;
        _response.Send(servers, server, register, origin, registrar, code, reason, row);
        return Verdict.Answered;
    }

    /// <summary>The worker whose address-of-record a REGISTER is about, or a SUBSCRIBE to its state. False for anything
    /// else.</summary>
    /// <remarks>One without credentials gets its challenge where it is: that needs nothing of its owner's.</remarks>
    public bool TryFindOwner(SipMessage request, in Origin origin, in NameAddress to, out int worker)
    {
        worker = work.Index;
        bool watches = RegEvents.IsSubscribe(request);
        if (request.Method != SipMethod.Register && !watches) return false;
        if (work.Snapshot.Registrar is not { } registrar || (watches && registrar.Relay is not null)) return false;
        if (!watches && registrar.Challenges && !request.TryFind(HeaderName.Authorization, out _)) return true;
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        if (!SipUri.TryParse(watches ? request.RequestUri : to.Uri, out SipUri uri) ||
            !AddressOfRecord.TryWrite(uri, registrar, origin.Realm, aor, out int length)) return false;
        worker = locations.OwnerOf(aor[..length]);
        return true;
    }

    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 5\r\n"u8;

    /// <summary>Puts a binding back that was kept elsewhere, before the workers run. False: no room.</summary>
    public bool TryRestore(
        ReadOnlySpan<byte> aor, in Binding binding, ReadOnlySpan<byte> text, ReadOnlySpan<byte> core) =>
        changes.TryRestore(aor, binding, text, core);

    /// <summary>Takes all bindings of an address away. How many there were.</summary>
    public int RemoveAll(ReadOnlySpan<byte> aor)
    {
        int row = _shard.Find(aor, locations.HashOf(aor));
        int count = _shard.CountOf(row);
        for (int left = count; left > 0; left--) Remove(_shard.FirstOf(row));
        return count;
    }

    /// <summary>A binding has expired.</summary>
    public void OnTimer(Handle binding)
    {
        if (!_shard.IsLive(binding)) return;
        _shard[binding.Index].Timer = 0;
        Remove(binding.Index);
    }

    /// <summary>Takes one binding away, whoever wants it.</summary>
    public void Remove(int binding) => changes.Drop(binding);

    private Verdict Challenge(
        SipMessage register, in ViaValue via, in Origin origin, Registrar registrar, ReadOnlySpan<byte> aor,
        Authentication answer)
    {
        Span<byte> lines = stackalloc byte[Authenticator.ChallengeBytesMax];
        var writer = new SipWriter(lines);
        authenticator.WriteChallenge(
            ref writer, "WWW-Authenticate: "u8, origin.Source, registrar, AddressOfRecord.DomainOf(aor),
            answer == Authentication.Stale);
        return Refuse(register, via, origin, 401, default, writer.Written);
    }

    private Verdict RefuseOptions(SipMessage register, in ViaValue via, in Origin origin)
    {
        Span<byte> line = stackalloc byte[UnsupportedOptions.LineBytesMax];
        return Refuse(register, via, origin, 420, default, RegisterOptions.WriteUnsupported(register, line));
    }

    private Verdict Refuse(
        SipMessage register, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> reason = default,
        ReadOnlySpan<byte> extraLines = default)
    {
        reply.Send(register, via, origin, code, reason, extraLines);
        return Verdict.Answered;
    }
}
