using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// What a message's description is in its dialog, by where offer and answer are (RFC 3264 4, RFC 3261 13.2.1, RFC 3262
/// 5, RFC 3311 5).
/// </summary>
public static class OfferRules
{
    public static SdpRole RoleOf(in CallState call, int fromLeg, SipMethod method)
    {
        if (call.Kind != CallKind.Session) return SdpRole.Capabilities;
        if (method is SipMethod.Invite or SipMethod.Update) return SdpRole.Offer;
        if (method is not (SipMethod.Prack or SipMethod.Ack)) return SdpRole.Capabilities;
        if (IsOfInvite(call, 1 - fromLeg)) return SdpRole.Answer;
        return method == SipMethod.Prack ? SdpRole.Offer : SdpRole.Repetition;
    }

    public static SdpRole RoleOf(
        in CallState call, int fromLeg, SipMethod method, SipMessage response, bool isItsOffer)
    {
        bool negotiates = method is SipMethod.Invite or SipMethod.Update or SipMethod.Prack;
        if (call.Kind != CallKind.Session || !negotiates || response.StatusCode >= 300) return SdpRole.Capabilities;
        if (method == SipMethod.Invite && (call.Offer == Wanted(fromLeg) || IsOfInvite(call, fromLeg)))
            return SdpRole.Offer;
        if (!isItsOffer) return SdpRole.Repetition;
        bool counts = response.StatusCode >= 200 ||
            HeaderValues.Contains(response, HeaderName.Require, "100rel"u8);
        if (counts) return SdpRole.Answer;
        // What is not reliable says what will be (RFC 3261 13.2.1): early media, but no change of a session.
        return call.IsNegotiated ? SdpRole.Preview : SdpRole.EarlyAnswer;
    }

    /// <summary>
    /// One offer at a time (RFC 3264 4, RFC 3311 5.2, RFC 6337 4.1): 0, or the response that refuses another one.
    /// </summary>
    public static int GlareOf(in CallState call, int fromLeg)
    {
        if (call.Offer == OfferState.None) return 0;
        return call.Offer == From(fromLeg) || call.Offer == Wanted(1 - fromLeg) ? 500 : 491;
    }

    /// <summary>
    /// Whether the offer that is open is that of the request which is answered here. There is one INVITE at a time, of
    /// other methods there may be several, and not each has an offer.
    /// </summary>
    public static bool IsItsOffer(in CallState call, int fromLeg, SipMethod method, uint asked) =>
        call.Offer == From(1 - fromLeg) && call.OfferMethod == method &&
        (method == SipMethod.Invite || asked == 0 || asked == call.OfferCSeq);

    /// <summary>A response to an INVITE brought the offer that is open: ACK or PRACK answer it.</summary>
    public static bool IsOfInvite(in CallState call, int leg) =>
        call.Offer == From(leg) && call.OfferMethod == SipMethod.Invite;

    public static OfferState From(int leg) =>
        leg == CallState.Ingress ? OfferState.FromIngress : OfferState.FromEgress;

    public static OfferState Wanted(int leg) =>
        leg == CallState.Ingress ? OfferState.WantedFromIngress : OfferState.WantedFromEgress;
}
