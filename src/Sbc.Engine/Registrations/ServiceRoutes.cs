using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Registrations;

/// <summary>
/// The route that the core registrar gave a phone (RFC 3608): the box takes it for the phone, which does not see it.
/// </summary>
public sealed class ServiceRoutes(Workspace work, LocationTable locations)
{
    private readonly FoundBindings _found = new();

    /// <summary>Value of the Route field of a phone's request; empty where it has none. Valid until the next one.
    /// </summary>
    /// <param name="request">Without a To tag.</param>
    /// <param name="from">The realm it came in at.</param>
    /// <param name="source">Where it came from: a route is for who registered from there.</param>
    /// <param name="to">The peer that it goes to; routes of the registrar are none anywhere else.</param>
    public ReadOnlySpan<byte> Of(SipMessage request, Realm from, in TransportAddress source, Realm to)
    {
        if (work.Snapshot.Registrar is not { Relay: { } relay } registrar || from.Trusted || !relay.IsAt(to))
            return default;
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        if (!NameAddress.TryParse(request.Value(HeaderName.From), out NameAddress caller) ||
            !SipUri.TryParse(caller.Uri, out SipUri uri) ||
            !AddressOfRecord.TryWrite(uri, registrar, from, aor, out int length) ||
            !locations.TryRead(aor[..length], work.Now, _found)) return default;
        for (int i = 0; i < _found.Count; i++)
        {
            if (_found[i].Remote == source) return _found.Core(i).ServiceRoute;
        }
        return default;
    }
}
