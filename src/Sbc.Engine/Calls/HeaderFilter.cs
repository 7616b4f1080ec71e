using System.Text;
using Sbc.Engine.Routing;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>Which header fields of a message pass to the other leg, and how: the hiding of ARCHITECTURE section 4.</summary>
public static class HeaderFilter
{
    /// <summary>Methods that calls carry; what Allow promises is their intersection with what the other end allows.</summary>
    public static ReadOnlySpan<byte> AllowedMethods => "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"u8;

    /// <summary>Option tags that work through two legs without help of ours.</summary>
    public static bool IsTransparentOption(ReadOnlySpan<byte> option) =>
        Ascii.EqualsIgnoreCase(option, "timer"u8) || Ascii.EqualsIgnoreCase(option, "histinfo"u8) ||
        Ascii.EqualsIgnoreCase(option, "norefersub"u8) || Ascii.EqualsIgnoreCase(option, "resource-priority"u8) ||
        Ascii.EqualsIgnoreCase(option, "answermode"u8) || Ascii.EqualsIgnoreCase(option, "privacy"u8) ||
        Ascii.EqualsIgnoreCase(option, "uui"u8) || Ascii.EqualsIgnoreCase(option, "early-session"u8);

    /// <summary>Writes every field that passes. What a leg makes itself (Via to Contact, lengths) is not among them.</summary>
    public static void Copy(ref SipWriter writer, SipMessage message, scoped HostMap map)
    {
        for (int i = 0; i < message.HeaderCount; i++)
        {
            switch (message.NameAt(i))
            {
                // Each leg has its own of these.
                case HeaderName.Via or HeaderName.From or HeaderName.To or HeaderName.CallId or HeaderName.CSeq:
                case HeaderName.Contact or HeaderName.MaxForwards or HeaderName.Route or HeaderName.RecordRoute:
                case HeaderName.Path or HeaderName.ServiceRoute or HeaderName.ContentLength:
                // Reliable provisional responses are not offered (Supported, Allow), so nothing of them crosses.
                case HeaderName.RSeq or HeaderName.RAck:
                // What they say of one side's equipment is not the other's business.
                case HeaderName.UserAgent or HeaderName.Server or HeaderName.Warning:
                case HeaderName.PChargingVector or HeaderName.PVisitedNetworkId or HeaderName.PAccessNetworkInfo:
                // They name dialogs of one side by Call-ID and tags.
                case HeaderName.Replaces or HeaderName.Join or HeaderName.TargetDialog or HeaderName.InReplyTo:
                case HeaderName.ProxyRequire or HeaderName.MaxBreadth:
                    break;
                case HeaderName.Allow:
                    CopyList(ref writer, message, i, "Allow: "u8, methods: true);
                    break;
                case HeaderName.Supported or HeaderName.Require:
                    CopyList(ref writer, message, i, NameOf(message.NameAt(i)), methods: false);
                    break;
                case HeaderName.PAssertedIdentity:
                    if (PassesIdentity(message, map)) CopyMapped(ref writer, message, i, map);
                    break;
                case HeaderName.PPreferredIdentity or HeaderName.RemotePartyId or HeaderName.Diversion:
                case HeaderName.HistoryInfo or HeaderName.ReferTo or HeaderName.ReferredBy or HeaderName.CallInfo:
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

    /// <summary>An untrusted side's assertion is none; and none goes to an untrusted side against its subject's wish.</summary>
    private static bool PassesIdentity(SipMessage message, scoped HostMap map)
    {
        if (!map.FromTrusted) return false;
        return map.ToTrusted || message.Value(HeaderName.Privacy).IndexOf("id"u8) < 0;
    }

    private static ReadOnlySpan<byte> NameOf(HeaderName name) =>
        name == HeaderName.Supported ? "Supported: "u8 : "Require: "u8;

    private static void CopyMapped(ref SipWriter writer, SipMessage message, int field, scoped HostMap map)
    {
        writer.Raw(message.NameText(field));
        writer.Raw(": "u8);
        HostMap.Write(ref writer, message.Value(field), map);
        writer.EndLine();
    }

    private static void CopyList(ref SipWriter writer, SipMessage message, int field, ReadOnlySpan<byte> name, bool methods)
    {
        ReadOnlySpan<byte> rest = message.Value(field);
        bool any = false;
        while (rest.Length > 0)
        {
            int comma = rest.IndexOf((byte)',');
            ReadOnlySpan<byte> item = Grammar.Trim(comma < 0 ? rest : rest[..comma]);
            rest = comma < 0 ? default : rest[(comma + 1)..];
            bool passes = methods ? IsAllowed(SipMethods.Parse(item)) : IsTransparentOption(item);
            if (!passes) continue;
            writer.Raw(any ? ", "u8 : name);
            writer.Raw(item);
            any = true;
        }
        if (any) writer.EndLine();
    }

    public static bool IsAllowed(SipMethod method) => method is SipMethod.Invite or SipMethod.Ack or SipMethod.Cancel
        or SipMethod.Bye or SipMethod.Options or SipMethod.Info;
}
