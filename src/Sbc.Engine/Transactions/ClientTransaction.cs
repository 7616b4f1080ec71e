using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Transactions;

/// <summary>Who waits for the responses of a client transaction.</summary>
public enum ClientPurpose : byte
{
    /// <summary>A request of the other leg, carried on.</summary>
    Relayed,

    /// <summary>A request of our own: the BYE of a call that we end. Nobody waits.</summary>
    Own,

    /// <summary>A request of our own within an answered call: its end shows whether anybody is there.</summary>
    Check,

    Probe,

    /// <summary>A REGISTER of the box's own, at a peer.</summary>
    Register,

    /// <summary>A phone's REGISTER, at the core registrar.</summary>
    RelayedRegister,

    /// <summary>A NOTIFY of the box's own.</summary>
    Watch,
}

/// <summary>The CANCEL of an INVITE client transaction; it shares the branch (RFC 3261 9.1).</summary>
public enum CancelState : byte
{
    None,

    /// <summary>To be sent with the first provisional response, not before.</summary>
    Wanted,

    Sent,
    Answered,
}

/// <summary>State of one client transaction; which machine runs it is its method's matter.</summary>
public struct ClientTransaction
{
    public Handle Call;

    /// <summary>The registration that it is for, where that is its purpose.</summary>
    public Handle Registration;

    /// <summary>The server transaction that its responses answer.</summary>
    public Handle Server;

    /// <summary>What was sent; after a 2xx to INVITE the ACK, after a failure of it the same.</summary>
    public BufferRef Request;

    /// <summary>Header lines that its CANCEL carries: the Reason of who cancelled (RFC 3326).</summary>
    public BufferRef CancelLines;

    public TransportAddress Remote;
    public Instant SentAt;
    public Instant EndsAt;
    public Instant RetransmitAt;

    /// <summary>Failover when nothing at all was heard until then.</summary>
    public Instant SilentAt;
    public Instant CancelAt;
    public int RetransmitMilliseconds;
    public int CancelMilliseconds;
    public int Timer;
    public uint CSeq;

    /// <summary>Row of the peer it was sent to; -1: no peer.</summary>
    public int Peer;
    public byte Listener;

    /// <summary>The leg it was sent on.</summary>
    public byte Leg;
    public SipMethod Method;
    public ClientPurpose Purpose;
    public TransactionState State;
    public CancelState Cancel;

    /// <summary>What it answers: 1 for a 401, 2 for a 407.</summary>
    public byte Challenges;

    /// <summary>How many requests before it were challenged.</summary>
    public byte Answers;

    /// <summary>Any response was heard.</summary>
    public bool Heard;

    /// <summary>Sent within a dialog that was there before: when its call is over, that has had its BYE.</summary>
    public bool InDialog;

    /// <summary>
    /// It carries the last NOTIFY of a subscription, which is over with its response (RFC 6665 4.4.1).
    /// </summary>
    public bool EndsSubscription;

    /// <summary>The failover's silence has passed, and counts against the peer once.</summary>
    public bool WasSilent;

    /// <summary>The request had no body: an INVITE's 2xx brings the offer then (RFC 3261 13.2.1).</summary>
    public bool HasNoOffer;

    /// <summary>Request holds the ACK to the 2xx.</summary>
    public bool HasAck;

    public readonly bool IsInvite => Method == SipMethod.Invite;
}
