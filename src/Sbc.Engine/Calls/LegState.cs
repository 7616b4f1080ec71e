using Sbc.Runtime;

namespace Sbc.Engine.Calls;

/// <summary>One side of a call: a dialog (RFC 3261 12) and where its other end is.</summary>
public struct LegState
{
    /// <summary>Call-ID, URIs, tag, target and routes, one after the other; see <see cref="LegText"/>.</summary>
    public BufferRef Text;

    /// <summary>
    /// What our tag on this leg names: of all early dialogs' egress legs the call that sent the INVITE.
    /// </summary>
    public Handle Token;

    /// <summary>The description that was last written for this leg, where the box may have to repeat it.</summary>
    public BufferRef Description;
    public ushort CallIdLength;
    public ushort LocalLength;
    public ushort RemoteLength;
    public ushort RemoteTagLength;
    public ushort TargetLength;
    public ushort RoutesLength;

    /// <summary>Where the other end was last heard from.</summary>
    public TransportAddress Flow;

    /// <summary>Where requests of ours go.</summary>
    public TransportAddress NextHop;

    /// <summary>Keyed hash of the description that was last written for this leg, and our version of it.</summary>
    public ulong SdpHash;
    public ulong SdpVersion;

    /// <summary>A bit for each m-line: what this end's last description said of it.</summary>
    public byte HeldLines;
    public byte MuxLines;
    public byte CryptoLines;
    public byte FingerprintLines;

    /// <summary>The family of our media addresses on this leg, once it is decided.</summary>
    public bool HasMediaFamily;
    public bool MediaIsIPv6;

    /// <summary>
    /// CSeq number that the last REFER has on this leg: its NOTIFYs name it by that (RFC 3515 2.4.6); 0: none.
    /// </summary>
    public uint ReferCSeq;

    /// <summary>CSeq number of our last request.</summary>
    public uint LocalCSeq;

    /// <summary>
    /// The lowest CSeq number that their next request may have; 0 before the first (RFC 3261 12.2.2).
    /// </summary>
    public uint RemoteCSeqNext;

    /// <summary>Row of the peer at the other end; -1: no configured peer.</summary>
    public int Peer;
    public byte Realm;
    public byte Listener;

    /// <summary>A 2xx made it a dialog; it needs a BYE.</summary>
    public bool Established;

    /// <summary>The other end is behind NAT: requests go to its flow, not to its Contact.</summary>
    public bool Nat;

    /// <summary>The other end's Allow names UPDATE (RFC 3311 5.2).</summary>
    public bool TakesUpdate;

    /// <summary>The other end knows session timers (RFC 4028 4).</summary>
    public bool TakesTimer;
}
