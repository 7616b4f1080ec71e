using System.Runtime.CompilerServices;
using Sbc.Runtime;

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
}

/// <summary>A call: ingress leg and egress leg.</summary>
public struct CallState
{
    public const int Ingress = 0;
    public const int Egress = 1;

    public LegPair Legs;

    /// <summary>The INVITE in progress: its server transaction on the leg it came from...</summary>
    public Handle InviteServer;

    /// <summary>...and its client transaction on the other one.</summary>
    public Handle InviteClient;

    /// <summary>Members of the group that were tried.</summary>
    public ulong Tried;

    /// <summary>Keyed hash of ingress Call-ID and From tag.</summary>
    public ulong IngressKey;
    public Instant StartedAt;
    public Instant AnsweredAt;

    /// <summary>Where the relay keeps this call's streams.</summary>
    public Handle Media;
    public StreamStates Streams;

    /// <summary>Session identifier in what we write into o= (RFC 8866 5.2).</summary>
    public ulong SdpSession;

    /// <summary>CSeq number of the INVITE in progress on the leg it came from: its ACK carries the same.</summary>
    public uint InviteCSeq;
    public int Timer;

    /// <summary>Row of the route in the counters.</summary>
    public short Route;

    /// <summary>Row of the group to fail over in; -1 without.</summary>
    public short Group;
    public byte Attempts;

    /// <summary>The leg that the INVITE in progress came from.</summary>
    public byte InviteFrom;
    public CallPhase Phase;

    /// <summary>The INVITE in progress has its 2xx and waits for the ACK.</summary>
    public bool InviteAnswered;

    /// <summary>A response between 101 and 199 went to the caller.</summary>
    public bool Rang;

    /// <summary>The box ends the call as soon as the ACK to its 2xx has come.</summary>
    public bool EndsWithAck;

    public bool HasMedia;

    /// <summary>The last description asked for no media.</summary>
    public bool Held;

    /// <summary>The realm that the media's egress side was opened in.</summary>
    public byte MediaEgressRealm;
}

/// <summary>The stream of one m-line.</summary>
public readonly struct StreamState(int place, ushort ingressPort, ushort egressPort)
{
    /// <summary>RTP port in what the ingress leg is sent; RTCP is the next one.</summary>
    public readonly ushort IngressPort = ingressPort;
    public readonly ushort EgressPort = egressPort;

    /// <summary>Its place in the relay's session.</summary>
    public readonly byte Place = (byte)place;

    public bool IsOpen => IngressPort != 0;
}

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
