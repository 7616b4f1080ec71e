using System.Text;

namespace Sbc.Sip.Message;

/// <summary>Recognises header names, long and compact (RFC 3261 7.3.3), whatever their case.</summary>
public static class HeaderNames
{
    private const int TableBits = 9;

    private static readonly (string Text, HeaderName Name)[] Known =
    [
        ("Via", HeaderName.Via), ("v", HeaderName.Via), ("From", HeaderName.From), ("f", HeaderName.From),
        ("To", HeaderName.To), ("t", HeaderName.To), ("Call-ID", HeaderName.CallId), ("i", HeaderName.CallId),
        ("CSeq", HeaderName.CSeq), ("Contact", HeaderName.Contact), ("m", HeaderName.Contact),
        ("Max-Forwards", HeaderName.MaxForwards), ("Route", HeaderName.Route),
        ("Record-Route", HeaderName.RecordRoute), ("Content-Type", HeaderName.ContentType),
        ("c", HeaderName.ContentType), ("Content-Length", HeaderName.ContentLength), ("l", HeaderName.ContentLength),
        ("Content-Encoding", HeaderName.ContentEncoding), ("e", HeaderName.ContentEncoding),
        ("Content-Disposition", HeaderName.ContentDisposition), ("Allow", HeaderName.Allow),
        ("Supported", HeaderName.Supported), ("k", HeaderName.Supported), ("Require", HeaderName.Require),
        ("Proxy-Require", HeaderName.ProxyRequire), ("Unsupported", HeaderName.Unsupported),
        ("User-Agent", HeaderName.UserAgent), ("Server", HeaderName.Server), ("Warning", HeaderName.Warning),
        ("Date", HeaderName.Date), ("Expires", HeaderName.Expires), ("Min-Expires", HeaderName.MinExpires),
        ("Event", HeaderName.Event), ("o", HeaderName.Event), ("Allow-Events", HeaderName.AllowEvents),
        ("u", HeaderName.AllowEvents), ("Subject", HeaderName.Subject), ("s", HeaderName.Subject),
        ("Path", HeaderName.Path), ("Service-Route", HeaderName.ServiceRoute), ("Retry-After", HeaderName.RetryAfter),
        ("Reason", HeaderName.Reason), ("Privacy", HeaderName.Privacy),
        ("P-Asserted-Identity", HeaderName.PAssertedIdentity),
        ("P-Preferred-Identity", HeaderName.PPreferredIdentity), ("Remote-Party-ID", HeaderName.RemotePartyId),
        ("P-Charging-Vector", HeaderName.PChargingVector), ("Diversion", HeaderName.Diversion),
        ("History-Info", HeaderName.HistoryInfo), ("Refer-To", HeaderName.ReferTo), ("r", HeaderName.ReferTo),
        ("Referred-By", HeaderName.ReferredBy), ("b", HeaderName.ReferredBy), ("Replaces", HeaderName.Replaces),
        ("Join", HeaderName.Join), ("Call-Info", HeaderName.CallInfo), ("Alert-Info", HeaderName.AlertInfo),
        ("Error-Info", HeaderName.ErrorInfo), ("Reply-To", HeaderName.ReplyTo),
        ("Organization", HeaderName.Organization), ("RSeq", HeaderName.RSeq), ("RAck", HeaderName.RAck),
        ("Session-Expires", HeaderName.SessionExpires), ("x", HeaderName.SessionExpires), ("Min-SE", HeaderName.MinSe),
        ("Session-ID", HeaderName.SessionId), ("Max-Breadth", HeaderName.MaxBreadth),
        ("Target-Dialog", HeaderName.TargetDialog), ("In-Reply-To", HeaderName.InReplyTo),
        ("Authorization", HeaderName.Authorization), ("Proxy-Authorization", HeaderName.ProxyAuthorization),
        ("WWW-Authenticate", HeaderName.WwwAuthenticate), ("Proxy-Authenticate", HeaderName.ProxyAuthenticate),
        ("Authentication-Info", HeaderName.AuthenticationInfo), ("Identity", HeaderName.Identity),
        ("y", HeaderName.Identity), ("MIME-Version", HeaderName.MimeVersion),
        ("P-Associated-URI", HeaderName.PAssociatedUri), ("P-Visited-Network-ID", HeaderName.PVisitedNetworkId),
        ("P-Access-Network-Info", HeaderName.PAccessNetworkInfo),
    ];

    private static readonly byte[][] Texts = [.. Known.Select(k => Encoding.ASCII.GetBytes(k.Text.ToLowerInvariant()))];
    private static readonly byte[] Table = BuildTable();

    public static HeaderName Parse(ReadOnlySpan<byte> name)
    {
        for (int at = Hash(name); Table[at] is var entry && entry != 0; at = (at + 1) & ((1 << TableBits) - 1))
        {
            if (Ascii.EqualsIgnoreCase(name, Texts[entry - 1])) return Known[entry - 1].Name;
        }
        return HeaderName.Other;
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        int first = name[0] | 0x20, middle = name[name.Length / 2] | 0x20, last = name[^1] | 0x20;
        return ((first * 37) + (middle * 11) + (last * 5) + (name.Length * 113)) & ((1 << TableBits) - 1);
    }

    private static byte[] BuildTable()
    {
        byte[] table = new byte[1 << TableBits];
        for (int i = 0; i < Known.Length; i++)
        {
            int at = Hash(Encoding.ASCII.GetBytes(Known[i].Text));
            while (table[at] != 0) at = (at + 1) & ((1 << TableBits) - 1);
            table[at] = (byte)(i + 1);
        }
        return table;
    }
}
