using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Sip.Headers;

namespace Sbc.Engine.Registrations;

/// <summary>Where a request goes whose route says `registered`: to the bindings of the user that it asks for, each by
/// the flow that it was registered on and not to where its Contact points.</summary>
public sealed class RegisteredTargets(Workspace work, LocationTable locations)
{
    private readonly FoundBindings _found = new();

    /// <summary>Looks the user of a Request-URI up, whichever worker has him.</summary>
    /// <param name="requestUri">An address-of-record of ours.</param>
    /// <param name="from">The realm that the request came in at.</param>
    /// <param name="found">The bindings, best first; valid until the next look.</param>
    /// <returns>0, or the response that refuses the request.</returns>
    public int Find(ReadOnlySpan<byte> requestUri, Realm from, out FoundBindings found)
    {
        found = _found;
        found.Clear();
        if (work.Snapshot.Registrar is not { } registrar) return 404;
        if (!SipUri.TryParse(requestUri, out SipUri uri)) return 400;
        if (registrar.Relay is not null && ContactId.TryRead(uri.User, out ContactId id)) return Find(id);
        bool isDevice = uri.TryGetParameter("gr"u8, out ReadOnlySpan<byte> device);
        if (isDevice && device.Length == 0 && registrar.Relay is null) return FindTemporary(uri, registrar, from);
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        if (!AddressOfRecord.TryWrite(uri, registrar, from, aor, out int length)) return 404;
        // A user whom a reload took away is nobody, though his phones are still known.
        if (registrar.Challenges && registrar.Users.Find(aor[..length]) < 0) return 404;
        if (!locations.TryRead(aor[..length], work.Now, found)) return 503;
        // A GRUU names one device of the user (RFC 5627 5.2); one that has gone is not there.
        if (isDevice) found.KeepGruu(device);
        bool isRegistered = found.Count > 0;
        found.PassOverFailed(work.Snapshot);
        found.Sort();
        if (found.Count > 0) return 0;
        // Who exists, a registrar knows that asks for passwords; the core's own would be asked for it.
        return isRegistered || registrar.Challenges || registrar.Relay is not null ? 480 : 404;
    }

    /// <summary>A temporary GRUU (RFC 5627 3.2): good while its registration lasts, and then nobody's.</summary>
    private int FindTemporary(in SipUri uri, Registrar registrar, Realm from)
    {
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        if (!registrar.TryFindDomain(uri.Host, from, out _) ||
            !locations.Gruus.TryRead(uri.User, aor, out int length, out ulong registration)) return 404;
        if (!locations.TryRead(aor[..length], work.Now, _found)) return 503;
        for (int i = 0; i < _found.Count; i++)
        {
            if (locations.Gruus.RegistrationOf(_found.Text(i)) != registration) continue;
            // The device's newest flow, which may have come by another Call-ID.
            _found.KeepInstance(_found.Text(i).Instance);
            _found.PassOverFailed(work.Snapshot);
            _found.Sort();
            return _found.Count > 0 ? 0 : 480;
        }
        return 404;
    }

    /// <summary>The core calls the Contact that it was given.</summary>
    private int Find(ContactId id)
    {
        if (!locations.TryReadById(id, _found)) return 503;
        if (_found.Count == 0) return 404;
        // The registrar has it longer than the phone keeps its flow.
        if (_found[0].ExpiresAt <= work.Now) return 480;
        int refusal = _found.Target(0).Flow.IsToken ? 430 : 480;
        _found.PassOverFailed(work.Snapshot);
        return _found.Count == 0 ? refusal : 0;
    }

    /// <summary>A request through that flow failed.</summary>
    public void MarkFailed(in FlowName flow, bool isGone) => locations.MarkFailed(flow, isGone);

    /// <summary>Whether a Request-URI is a Contact that the core registrar was given.</summary>
    public bool IsContact(ReadOnlySpan<byte> requestUri, Realm from) =>
        work.Snapshot.Registrar is { Relay: not null } && SipUri.TryParse(requestUri, out SipUri uri) && uri.IsSip &&
        from.IsOwnHost(uri.Host) && ContactId.TryRead(uri.User, out _);
}
