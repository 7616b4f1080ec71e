using Sbc.Engine.Calls;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>What the core registrar's 200 says (RFC 3261 10.2.4, RFC 3608, RFC 7315 4.1).</summary>
public static class RelayAnswer
{
    /// <summary>Seconds that it gives where it does not say (RFC 3261 10.2.1.1).</summary>
    private const uint ExpiresDefault = 3600;

    /// <summary>The seconds that a Contact of ours has there. False where it is not named, or has none left.</summary>
    public static bool TryFind(SipMessage response, ContactId id, out uint seconds)
    {
        seconds = 0;
        if (id.IsNone) return false;
        var contacts = new HeaderValues(response, HeaderName.Contact);
        while (contacts.MoveNext())
        {
            if (!NameAddress.TryParse(contacts.Current, out NameAddress contact) ||
                !SipUri.TryParse(contact.Uri, out SipUri uri) ||
                !ContactId.TryRead(uri.User, out ContactId named) || named != id) continue;
            seconds = SecondsOf(response, contact);
            return seconds > 0;
        }
        return false;
    }

    private static uint SecondsOf(SipMessage response, in NameAddress contact)
    {
        if (!Parameters.TryGet(contact.Parameters, "expires"u8, out ReadOnlySpan<byte> text))
            text = response.Value(HeaderName.Expires);
        return Numbers.TryParse(text, out uint seconds) ? seconds : ExpiresDefault;
    }

    /// <summary>What the box keeps of it: Service-Route as the value of a Route field, then P-Associated-URI.</summary>
    /// <param name="response">The registrar's.</param>
    /// <param name="map">To the phone's side.</param>
    /// <param name="writer">Where it is written; what does not fit is left out whole.</param>
    /// <param name="routeLength">Bytes of the first part.</param>
    public static void WriteKept(SipMessage response, scoped HostMap map, ref SipWriter writer, out int routeLength)
    {
        var routes = new HeaderValues(response, HeaderName.ServiceRoute);
        while (routes.MoveNext())
        {
            if (writer.Length > 0) writer.Raw(", "u8);
            writer.Raw(routes.Current);
        }
        routeLength = writer.Length;
        var identities = new HeaderValues(response, HeaderName.PAssociatedUri);
        while (identities.MoveNext())
        {
            if (writer.Length > routeLength) writer.Raw(", "u8);
            HostMap.Write(ref writer, identities.Current, map);
        }
    }

    /// <summary>Fields of it that the phone gets as they are.</summary>
    public static void CopyFields(ref SipWriter writer, SipMessage response)
    {
        for (int i = 0; i < response.HeaderCount; i++)
        {
            if (response.NameAt(i) is HeaderName.AuthenticationInfo) writer.Copy(response, i);
        }
    }
}
