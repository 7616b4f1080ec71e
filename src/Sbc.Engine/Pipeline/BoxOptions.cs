using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>
/// OPTIONS for the box: named without a user (RFC 3261 11). One for somebody else that has no hop left gets 483 as any
/// request does (16.3), from strangers too.
/// </summary>
public sealed class BoxOptions(Workspace work, StatelessReply reply)
{
    private static ReadOnlySpan<byte> Lines =>
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, "u8 +
        "REFER, NOTIFY, SUBSCRIBE, MESSAGE, PUBLISH\r\n"u8 +
        "Accept: application/sdp\r\nSupported: timer, 100rel, replaces, norefersub\r\n"u8;

    public static bool IsFor(SipMessage request, Realm realm) =>
        request.Method == SipMethod.Options && SipUri.TryParse(request.RequestUri, out SipUri uri) && uri.IsSip &&
        !uri.HasUser && realm.IsOwnHost(uri.Host);

    public Verdict OnRequest(SipMessage options, in ViaValue via, in Origin origin)
    {
        AnswerOptions answers = origin.Realm.AnswerOptions;
        // A scanner learns nothing, not even that somebody is here.
        if (answers == AnswerOptions.None || (answers == AnswerOptions.Known && origin.Peer is null))
            return Verdict.Dropped(DropReason.NotFromPeer);
        if (work.Cells.Draining) reply.Send(options, via, origin, 503, default, "Retry-After: 30\r\n"u8);
        else reply.Send(options, via, origin, 200, default, Lines);
        return Verdict.Answered;
    }
}
