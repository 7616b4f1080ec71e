using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Transactions;

/// <summary>State of one server transaction; which machine runs it is its method's matter.</summary>
public struct ServerTransaction
{
    /// <summary>128 bits of keyed hash over branch, sent-by and method: compared in full, unguessable.</summary>
    public ulong KeyLow;
    public ulong KeyHigh;

    /// <summary>The call it belongs to; none for requests answered outside of one.</summary>
    public Handle Call;

    /// <summary>The client transaction that carries the request on.</summary>
    public Handle Client;

    /// <summary>The request as received; kept until no response needs it any more.</summary>
    public BufferRef Request;

    /// <summary>The last response, for retransmissions.</summary>
    public BufferRef Response;

    public TransportAddress Source;
    public Instant StartedAt;
    public Instant EndsAt;
    public Instant RetransmitAt;
    public int RetransmitMilliseconds;
    public int Timer;
    public uint CSeq;

    /// <summary>Where responses go: the source address with this port (RFC 3261 18.2.2, RFC 3581).</summary>
    public ushort ReplyPort;
    public byte Listener;
    public byte Realm;
    public byte Leg;
    public SipMethod Method;
    public TransactionState State;

    public readonly bool IsInvite => Method == SipMethod.Invite;

    public readonly TransportAddress ReplyTo => Source.WithPort(ReplyPort);
}
