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
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        if (!AddressOfRecord.TryWrite(uri, registrar, from, aor, out int length)) return 404;
        if (!locations.TryRead(aor[..length], work.Now, found)) return 503;
        // A GRUU names one device of the user (RFC 5627 5.2); one that has gone is not there.
        if (uri.TryGetParameter("gr"u8, out ReadOnlySpan<byte> device)) found.KeepInstance(device);
        if (found.Count > 0)
        {
            found.Sort();
            return 0;
        }
        return registrar.Users.Find(aor[..length]) < 0 ? 404 : 480;
    }
}
