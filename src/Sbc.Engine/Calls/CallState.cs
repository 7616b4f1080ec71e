using System.Runtime.CompilerServices;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

public enum CallPhase : byte
{
    /// <summary>The INVITE is on its way; no final response yet.</summary>
    Setup,

    /// <summary>2xx went to the caller, whose ACK is awaited.</summary>
    Answered,

    Confirmed,

    /// <summary>A BYE was passed on and is not answered yet.</summary>
    Ending,

    /// <summary>Refused with a challenge: the caller may repeat it on the same egress dialog.</summary>
    Challenged,

    /// <summary>An early dialog that became the call's: its tag leads to <see cref="CallState.Primary"/>.</summary>
    Joined,

    /// <summary>A subscription that ended while others that forked from it live on: only its tag is needed.</summary>
    Over,
}

/// <summary>What began it, and so how it ends.</summary>
public enum CallKind : byte
{
    /// <summary>An INVITE: ends with BYE.</summary>
    Session,

    /// <summary>A SUBSCRIBE or REFER outside of a session: ends with the last NOTIFY, or when it expires.</summary>
    Subscription,

    /// <summary>Any other request without a To tag: over with its response.</summary>
    Request,

    /// <summary>A SUBSCRIBE that the box itself serves: a dialog with one leg, which ends with the last NOTIFY.
    /// </summary>
    Watch,
}

/// <summary>
/// A call: ingress leg and egress leg. Each further early dialog of a call that forked behind the box is a state of
/// its own, chained to the first (RFC 3261 12.1.2): what came with its tag is found like any dialog. Where the box
/// forks itself, each branch is such a state too, and the call has no egress leg until one of them has won.
/// </summary>
public struct CallState
{
    public const int Ingress = 0;
    public const int Egress = 1;

    public LegPair Legs;

    /// <summary>The call that this early dialog belongs to; none: it is the call itself.</summary>
    public Handle Primary;

    /// <summary>The next early dialog of the same call.</summary>
    public Handle NextFork;

    /// <summary>
    /// The INVITE in progress, or the request that began it: its server transaction on the leg it came from...
    /// </summary>
    public Handle InviteServer;

    /// <summary>...and its client transaction on the other one.</summary>
    public Handle InviteClient;

    /// <summary>How far it is in its route's targets, and the places it holds there.</summary>
    public TargetState Target;

    /// <summary>Targets of a redirection that is being followed, one a line.</summary>
    public BufferRef Redirects;

    /// <summary>
    /// Targets that the box forks to (<see cref="TargetList"/>); none: the route's, one at a time.
    /// </summary>
    public BufferRef Targets;

    /// <summary>The registered flow that has the request; none: it went elsewhere.</summary>
    public FlowName Flow;

    /// <summary>The best failure of its branches, whole; none where none came as a response.</summary>
    public BufferRef Best;

    /// <summary>Challenges of the branches beside the best one's, as header lines.</summary>
    public BufferRef Challenges;

    /// <summary>In the list of targets: of a call the first that waits, of a branch its own.</summary>
    public ushort TargetAt;

    /// <summary>Where that which has the request begins, and the next one.</summary>
    public ushort RedirectStart;
    public ushort RedirectNext;

    /// <summary>The best failure that did not go to the caller; 0: none.</summary>
    public ushort BestFailure;

    /// <summary>Keyed hash of ingress Call-ID and From tag.</summary>
    public ulong IngressKey;
    public Instant StartedAt;
    public Instant AnsweredAt;

    /// <summary>What its phase waits for at most: an answer, an ACK, the longest duration, an expiry.</summary>
    public Instant EndsAt;

    /// <summary>The session timer's end (RFC 4028 10), and a little more; never without one.</summary>
    public Instant SessionEndsAt;

    /// <summary>When the box looks at or refreshes the dialogs itself.</summary>
    public Instant CheckAt;

    /// <summary>When the subscriptions within the dialog are over at the latest.</summary>
    public Instant SubscribedUntil;

    /// <summary>Where the relay keeps this call's streams.</summary>
    public Handle Media;
    public StreamStates Streams;

    /// <summary>
    /// The streams before the offer that is open, or, until the first answer, those that the offer opened: what an
    /// answer, or the offer's refusal, goes back to.
    /// </summary>
    public StreamStates Former;

    /// <summary>
    /// The offer that is open, as it was received: within a session it counts with its answer and not before (RFC 3261
    /// 14.1), and an answer has its lines in its order (RFC 3264 6).
    /// </summary>
    public BufferRef Offered;

    /// <summary>The lines of the last offer (<see cref="Sbc.Sip.Sdp.SdpAlignment.LinesOf"/>).</summary>
    public ulong OfferedLines;

    /// <summary>What the other end was sent before that offer, where the box may have to repeat it.</summary>
    public BufferRef FormerDescription;

    /// <summary>
    /// The callee's last description before the final response, which may come without one (RFC 3262 5).
    /// </summary>
    public BufferRef EarlyAnswer;

    /// <summary>Session identifier in what we write into o= (RFC 8866 5.2).</summary>
    public ulong SdpSession;

    /// <summary>Interval in seconds with which the box refreshes the session itself; 0: it only watches.</summary>
    public int SessionSeconds;

    /// <summary>CSeq number of the INVITE in progress on the leg it came from: its ACK carries the same.</summary>
    public uint InviteCSeq;
    public int Timer;

    /// <summary>Row of the watcher that its dialog is of.</summary>
    public int Watcher;

    /// <summary>Row of the route in the counters.</summary>
    public short Route;

    /// <summary>Row of the group whose failover applies; -1 without.</summary>
    public short Group;
    public CallKind Kind;

    /// <summary>Redirections that were followed.</summary>
    public byte Redirected;

    /// <summary>Early dialogs chained to this one.</summary>
    public byte Forks;

    /// <summary>Branches chained to this one: requests of the box's own fork that have no final response yet.</summary>
    public byte Branches;

    /// <summary>Of a branch: what is left of Max-Breadth for it (RFC 5393 5.3.3).</summary>
    public byte Breadth;

    /// <summary>Subscriptions that live in the dialog (RFC 6665, RFC 3515).</summary>
    public byte Subscriptions;

    /// <summary>The leg that the INVITE in progress came from.</summary>
    public byte InviteFrom;
    public CallPhase Phase;

    /// <summary>The INVITE in progress has its 2xx and waits for the ACK.</summary>
    public bool InviteAnswered;

    /// <summary>One of the requests that the box forks a call into, with a leg and a Call-ID of its own.</summary>
    public bool IsBranch;

    /// <summary>Of a branch: others wait for it to fail.</summary>
    public bool HasNext;

    /// <summary>The request waits for DNS: there is no client transaction yet.</summary>
    public bool AwaitsName;

    /// <summary>A response between 101 and 199 went to the caller.</summary>
    public bool Rang;

    /// <summary>The box ends the call as soon as the ACK to its 2xx has come.</summary>
    public bool EndsWithAck;

    /// <summary>Its tag told the caller of an early dialog that is over: the next one needs another.</summary>
    public bool TagSpent;

    /// <summary>The row of the caller's peer counts this call.</summary>
    public bool Counted;
    public bool HasMedia;

    /// <summary>CSeq number of the request that brought the offer, as its sender counts.</summary>
    public uint OfferCSeq;

    /// <summary>Where offer and answer are (RFC 3264), and the method that brought the offer.</summary>
    public OfferState Offer;
    public SipMethod OfferMethod;

    /// <summary>An offer has had its answer: the next one changes a session.</summary>
    public bool IsNegotiated;

    /// <summary>The relay's session is the primary's, which closes it.</summary>
    public bool MediaIsShared;

    /// <summary>The realm that the media's egress side was opened in.</summary>
    public byte MediaEgressRealm;
}

/// <summary>The offer that is open in a dialog.</summary>
public enum OfferState : byte
{
    None,
    FromIngress,
    FromEgress,

    /// <summary>An INVITE came without one: its response is to bring it (RFC 3261 13.2.1).</summary>
    WantedFromIngress,
    WantedFromEgress,
}

/// <summary>The stream of one m-line.</summary>
public readonly struct StreamState(int place, ushort ingressPort, ushort egressPort, StreamShape shape)
{
    /// <summary>RTP port in what the ingress leg is sent; RTCP is the next one.</summary>
    public readonly ushort IngressPort = ingressPort;
    public readonly ushort EgressPort = egressPort;

    /// <summary>Its place in the relay's session.</summary>
    public readonly byte Place = (byte)place;

    /// <summary>An m-line that becomes another needs another stream.</summary>
    public readonly StreamShape Shape = shape;

    public bool IsOpen => IngressPort != 0;
}

/// <summary>What cannot change in an open stream.</summary>
public readonly record struct StreamShape(bool IsRtp, bool IsIngressIPv6, bool IsEgressIPv6);

/// <summary>By m-line.</summary>
[InlineArray(Sbc.Media.MediaLimits.StreamsPerSessionMax)]
public struct StreamStates
{
    private StreamState _first;
}

/// <summary>Ingress and egress.</summary>
[InlineArray(2)]
public struct LegPair
{
    private LegState _first;
}
