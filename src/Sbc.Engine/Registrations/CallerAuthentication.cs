using System.Text;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Who sends a new request in a realm with <c>authenticate: true</c> proves who he is (RFC 3261 22.3), and calls under
/// his own name. Configured peers need not: their address is known.
/// </summary>
public sealed class CallerAuthentication(Workspace work, Authenticator authenticator, StatelessReply reply)
{
    /// <summary>False: it may go on. True: it was answered, without state.</summary>
    public bool TryRefuse(SipMessage request, in ViaValue via, in Origin origin)
    {
        if (!origin.Realm.Authenticates || origin.Peer is not null) return false;
        if (request.Method == SipMethod.Register || work.Snapshot.Registrar is not { } registrar) return false;
        NameAddress.TryParse(request.Value(HeaderName.From), out NameAddress from);
        // A From of another domain is nobody's here, and hears so when it has proven to be somebody.
        byte[] domain = registrar.Domains[0];
        if (SipUri.TryParse(from.Uri, out SipUri uri) && uri.IsSip)
            registrar.TryFindDomain(uri.Host, origin.Realm, out domain);
        Authentication answer = authenticator.Check(
            request, HeaderName.ProxyAuthorization, origin, registrar, domain, out ReadOnlySpan<byte> user);
        if (answer == Authentication.Valid)
        {
            if (IsHis(request, from.Uri, user, domain, registrar, origin)) return false;
            reply.Send(request, via, origin, 403);
            return true;
        }
        Span<byte> lines = stackalloc byte[Authenticator.ChallengeBytesMax];
        var writer = new SipWriter(lines);
        authenticator.WriteChallenge(
            ref writer, "Proxy-Authenticate: "u8, origin.Source, registrar, domain, answer == Authentication.Stale);
        reply.Send(request, via, origin, 407, default, writer.Written);
        return true;
    }

    /// <summary>
    /// From, and where he prefers one the identity (RFC 3325 9.2), are the user's. Who is anonymous names nobody.
    /// </summary>
    private static bool IsHis(
        SipMessage request, ReadOnlySpan<byte> from, ReadOnlySpan<byte> user, byte[] domain, Registrar registrar,
        in Origin origin)
    {
        if (!IsAnonymous(from) && !Names(from, user, domain, registrar, origin)) return false;
        var preferred = new HeaderValues(request, HeaderName.PPreferredIdentity);
        while (preferred.MoveNext())
        {
            if (!NameAddress.TryParse(preferred.Current, out NameAddress identity) ||
                !Names(identity.Uri, user, domain, registrar, origin)) return false;
        }
        return true;
    }

    private static bool Names(
        ReadOnlySpan<byte> uriText, ReadOnlySpan<byte> user, byte[] domain, Registrar registrar, in Origin origin)
    {
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        return SipUri.TryParse(uriText, out SipUri uri) &&
            AddressOfRecord.TryWrite(uri, registrar, origin.Realm, aor, out int length) &&
            AddressOfRecord.UserOf(aor[..length]).SequenceEqual(user) &&
            AddressOfRecord.DomainOf(aor[..length]).SequenceEqual(domain);
    }

    private static bool IsAnonymous(ReadOnlySpan<byte> from) =>
        SipUri.TryParse(from, out SipUri uri) && Ascii.EqualsIgnoreCase(uri.Host, "anonymous.invalid"u8);
}
