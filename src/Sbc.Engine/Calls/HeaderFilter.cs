using System.Text;
using Sbc.Engine.Routing;
using Sbc.Sip.Authentication;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// Which header fields of a message pass to the other leg, and how: the hiding of ARCHITECTURE section 4.
/// </summary>
public static class HeaderFilter
{
    /// <summary>
    /// Writes every field that passes. What a leg makes itself (Via to Contact, lengths) is not among them.
    /// </summary>
    /// <param name="leavesBodyOut">It has a body that does not pass: what is said of that would be wrong.</param>
    public static void Copy(ref SipWriter writer, SipMessage message, scoped HostMap map, bool leavesBodyOut = false)
    {
        bool isAnonymous = IsAnonymous(message, map);
        for (int i = 0; i < message.HeaderCount; i++)
        {
            switch (message.NameAt(i))
            {
                // What a user says of herself (RFC 3323 4.1.2).
                case HeaderName.Subject or HeaderName.Organization or HeaderName.ReplyTo or HeaderName.CallInfo
                    when isAnonymous:
                // Who had the call before, and so who has it now (RFC 7044 10.1).
                case HeaderName.HistoryInfo when KeepsHistory(message, map):
                case HeaderName.Diversion or HeaderName.RemotePartyId
                    when !map.ToTrusted && IsPrivate(message.Value(i)):
                // Each leg has its own of these.
                case HeaderName.Via or HeaderName.From or HeaderName.To or HeaderName.CallId or HeaderName.CSeq:
                case HeaderName.Contact or HeaderName.MaxForwards or HeaderName.Route or HeaderName.RecordRoute:
                case HeaderName.Path or HeaderName.ServiceRoute or HeaderName.ContentLength:
                // It names the INVITE by this side's number; the other side's is written with the PRACK.
                case HeaderName.RAck:
                // What they say of one side's equipment is not the other's business.
                case HeaderName.UserAgent or HeaderName.Server or HeaderName.Warning:
                case HeaderName.PChargingVector or HeaderName.PVisitedNetworkId or HeaderName.PAccessNetworkInfo:
                // It names calls of one side, which may be long over.
                case HeaderName.InReplyTo:
                    break;
                case HeaderName.MaxBreadth when map.OwnsMaxBreadth:
                case HeaderName.ContentType or HeaderName.ContentEncoding or HeaderName.ContentDisposition
                    when leavesBodyOut:
                    break;
                // Credentials for the box are spent here (RFC 3261 22.3).
                case HeaderName.ProxyAuthorization when IsForBox(message.Value(i), map):
                    break;
                case HeaderName.SessionExpires or HeaderName.MinSe:
                    if (!map.OwnsSessionTimer) writer.Copy(message, i);
                    break;
                case HeaderName.Supported or HeaderName.Require or HeaderName.ProxyRequire:
                    CopyOptions(ref writer, message, i, map.OwnsSessionTimer);
                    break;
                case HeaderName.PAssertedIdentity or HeaderName.RemotePartyId:
                    if (PassesIdentity(message, map)) CopyMapped(ref writer, message, i, map);
                    break;
                // A hint for the proxy that asserts (RFC 3325 9.2), and for nobody else.
                case HeaderName.PPreferredIdentity:
                    if (map.ToTrusted) CopyMapped(ref writer, message, i, map);
                    break;
                case HeaderName.Replaces or HeaderName.Join or HeaderName.TargetDialog:
                    CopyDialogName(ref writer, message, i, map);
                    break;
                case HeaderName.Event when map.ReferCSeq.From != map.ReferCSeq.To:
                    CopyEvent(ref writer, message, i, map);
                    break;
                case HeaderName.ReferTo:
                    CopyReferTo(ref writer, message, i, map);
                    break;
                case HeaderName.Diversion or HeaderName.HistoryInfo or HeaderName.ReferredBy or HeaderName.CallInfo:
                case HeaderName.AlertInfo or HeaderName.ErrorInfo or HeaderName.ReplyTo or HeaderName.PAssociatedUri:
                // A header field that is not known may name hosts by URI too; without one it is copied as it is.
                case HeaderName.Other:
                    CopyMapped(ref writer, message, i, map);
                    break;
                default:
                    writer.Copy(message, i);
                    break;
            }
        }
    }

    private static bool IsForBox(ReadOnlySpan<byte> credentials, scoped HostMap map)
    {
        if (map.From.AuthenticationRealms.Length == 0) return false;
        if (!DigestCredentials.TryParse(credentials, out DigestCredentials digest)) return false;
        foreach (byte[] realm in map.From.AuthenticationRealms)
        {
            if (digest.Realm.SequenceEqual(realm)) return true;
        }
        return false;
    }

    /// <summary>
    /// An untrusted side's assertion is none; and none goes to an untrusted side against its subject's wish.
    /// </summary>
    private static bool PassesIdentity(SipMessage message, scoped HostMap map)
    {
        if (!map.FromTrusted) return false;
        return map.ToTrusted || !(Asks(message, "id"u8) || Asks(message, "user"u8));
    }

    /// <summary>Whether it names a party that strangers are not to know (RFC 5806 4.2: full, name, uri).</summary>
    private static bool IsPrivate(ReadOnlySpan<byte> parties)
    {
        while (parties.Length > 0)
        {
            int end = Quoting.IndexOfValueEnd(parties);
            if (NameAddress.TryParse(end < 0 ? parties : parties[..end], out NameAddress party) &&
                Parameters.TryGet(party.Parameters, "privacy"u8, out ReadOnlySpan<byte> privacy) &&
                !Ascii.EqualsIgnoreCase(privacy, "off"u8)) return true;
            parties = end < 0 ? default : parties[(end + 1)..];
        }
        return false;
    }

    /// <summary>
    /// Whether the sender's user asked us, whom she trusts, not to tell strangers who she is (RFC 3323 5.3).
    /// </summary>
    public static bool IsAnonymous(SipMessage message, scoped HostMap map) =>
        map.FromTrusted && !map.ToTrusted && Asks(message, "user"u8);

    private static bool KeepsHistory(SipMessage message, scoped HostMap map) =>
        !map.ToTrusted && (Asks(message, "history"u8) || Asks(message, "header"u8) || Asks(message, "session"u8));

    /// <summary>
    /// Contacts of a 3xx or 485 name where to try next: what they say of the other side leads to the box instead.
    /// </summary>
    public static void CopyContacts(ref SipWriter writer, SipMessage message, scoped HostMap map)
    {
        if (!message.TryFind(HeaderName.Contact, out int field)) return;
        do
        {
            writer.Raw("Contact: "u8);
            HostMap.WriteDialable(ref writer, message.Value(field), map);
            writer.EndLine();
        }
        while (message.TryNext(ref field));
    }

    /// <summary>Whether Privacy asks for it (RFC 3323 4.2: values separated by semicolons).</summary>
    public static bool Asks(SipMessage message, ReadOnlySpan<byte> privacy)
    {
        ReadOnlySpan<byte> rest = message.Value(HeaderName.Privacy);
        while (rest.Length > 0)
        {
            int end = rest.IndexOf((byte)';');
            ReadOnlySpan<byte> value = Grammar.Trim(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (Ascii.EqualsIgnoreCase(value, privacy)) return true;
        }
        return false;
    }

    private static void CopyDialogName(ref SipWriter writer, SipMessage message, int field, scoped HostMap map)
    {
        writer.Raw(message.NameText(field));
        writer.Raw(": "u8);
        if (map.Names is null) writer.Raw(message.Value(field));
        else map.Names.Write(ref writer, message.Value(field), map.From.Id, map.To.Id);
        writer.EndLine();
    }

    /// <summary>A subscription of REFER is told from others by the number that the REFER has on that leg.</summary>
    private static void CopyEvent(ref SipWriter writer, SipMessage message, int field, scoped HostMap map)
    {
        ReadOnlySpan<byte> value = message.Value(field);
        int end = value.IndexOf((byte)';');
        if (end < 0 || !Parameters.TryGet(value[end..], "id"u8, out ReadOnlySpan<byte> id) ||
            !Numbers.TryParse(id, out uint number) || number != map.ReferCSeq.From ||
            !Ascii.EqualsIgnoreCase(Grammar.Trim(value[..end]), "refer"u8))
        {
            writer.Copy(message, field);
            return;
        }
        writer.Header("Event: refer;id="u8, map.ReferCSeq.To);
    }

    /// <summary>Who is referred sends to it, so it leads to the box; a dialog that it names is theirs.</summary>
    private static void CopyReferTo(ref SipWriter writer, SipMessage message, int field, scoped HostMap map)
    {
        writer.Raw("Refer-To: "u8);
        ReadOnlySpan<byte> value = message.Value(field);
        if (map.Names is not null && NameAddress.TryParse(value, out NameAddress target) &&
            SipUri.TryParse(target.Uri, out SipUri uri) &&
            map.Names.TryFindParty(uri.User, out ReadOnlySpan<byte> party))
        {
            // All of the URI but its header part is the party's.
            writer.Byte((byte)'<');
            HostMap.WriteDialable(ref writer, party, map);
            value = value.Overlaps(uri.HeaderPart, out int headers) ? value[headers..] : ">"u8;
        }
        if (map.Names is null || !ReferredDialog.TryFind(value, out Range replaces))
        {
            HostMap.WriteDialable(ref writer, value, map);
        }
        else
        {
            HostMap.WriteDialable(ref writer, value[..replaces.Start.Value], map);
            map.Names.WriteEscaped(ref writer, value[replaces], map.From.Id, map.To.Id);
            writer.Raw(value[replaces.End.Value..]);
        }
        writer.EndLine();
    }

    private static void CopyMapped(ref SipWriter writer, SipMessage message, int field, scoped HostMap map)
    {
        writer.Raw(message.NameText(field));
        writer.Raw(": "u8);
        HostMap.Write(ref writer, message.Value(field), map);
        writer.EndLine();
    }

    private static void CopyOptions(ref SipWriter writer, SipMessage message, int field, bool ownsTimer)
    {
        ReadOnlySpan<byte> rest = message.Value(field);
        bool any = false;
        while (rest.Length > 0)
        {
            int comma = rest.IndexOf((byte)',');
            ReadOnlySpan<byte> option = Grammar.Trim(comma < 0 ? rest : rest[..comma]);
            rest = comma < 0 ? default : rest[(comma + 1)..];
            if (!OptionTags.Passes(option) || (ownsTimer && Ascii.EqualsIgnoreCase(option, "timer"u8))) continue;
            if (!any) writer.Raw(message.NameText(field));
            writer.Raw(any ? ", "u8 : ": "u8);
            writer.Raw(option);
            any = true;
        }
        if (any) writer.EndLine();
    }
}
