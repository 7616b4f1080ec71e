using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// Where a request goes whose route says `request_uri` (CONFIG: Routes of ours, next Route, Request-URI).
/// </summary>
public static class EgressLocation
{
    /// <param name="uri">What says where it goes: DNS, where there is no address.</param>
    /// <returns>0, or the response that refuses the request.</returns>
    public static int Locate(
        SipMessage invite, ReadOnlySpan<byte> requestUri, Snapshot snapshot, Realm from, Realm to,
        Span<byte> routeText, out int routeLength, out SipUri uri)
    {
        uri = default;
        routeLength = 0;
        ReadOnlySpan<byte> nextText = default;
        // Routes of an untrusted realm are ignored: they would be a way for strangers to choose where we send.
        if (from.Trusted)
        {
            var routes = new HeaderValues(invite, HeaderName.Route);
            while (routes.MoveNext())
            {
                if (!NameAddress.TryParse(routes.Current, out NameAddress route)) return 400;
                if (routeLength == 0 && SipUri.TryParse(route.Uri, out SipUri own) && from.IsOwnHost(own.Host))
                    continue;
                if (routeLength == 0) nextText = route.Uri;
                if (!TryAppend(routes.Current, routeText, ref routeLength)) return 400;
            }
        }
        if (!SipUri.TryParse(nextText.Length > 0 ? nextText : requestUri, out uri)) return 400;
        if (!uri.IsSip) return 416;
        return from.IsOwnHost(uri.Host) || to.IsOwnHost(uri.Host) ? 404 : 0;
    }

    /// <summary>Never ourselves, through another realm neither.</summary>
    public static bool IsOwn(Snapshot snapshot, in TransportAddress address)
    {
        foreach (Listener listener in snapshot.Listeners)
        {
            if (listener.Local == address || listener.Advertised == address) return true;
        }
        return false;
    }

    private static bool TryAppend(ReadOnlySpan<byte> value, Span<byte> text, ref int length)
    {
        int separator = length > 0 ? 2 : 0;
        if (length + separator + value.Length > text.Length) return false;
        if (separator > 0) ", "u8.CopyTo(text[length..]);
        value.CopyTo(text[(length + separator)..]);
        length += separator + value.Length;
        return true;
    }
}
