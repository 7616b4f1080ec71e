using Sbc.Runtime;

namespace Sbc.Media;

public enum RelayVerb : byte
{
    /// <summary>Adopt four sockets as a stream.</summary>
    Open,

    /// <summary>Adopt two sockets as side A of a stream whose side B is that of <see cref="RelayCommand.Sibling"/>.
    /// </summary>
    OpenFork,

    /// <summary>A description of one side: where it receives.</summary>
    SetTarget,

    /// <summary>A re-INVITE or UPDATE of one side: its source may change.</summary>
    Allow,

    /// <summary>Watch for silence from now on, or stop (hold).</summary>
    Arm,
    Disarm,

    /// <summary>Answer with a <see cref="RelayEventKind.Report"/>.</summary>
    Report,

    /// <summary>Close the sockets and answer with <see cref="RelayEventKind.Closed"/>.</summary>
    Close,
}

/// <summary>From a signalling worker to a media worker. Which fields count depends on the verb.</summary>
public struct RelayCommand
{
    public RelayVerb Verb;
    public MediaSide Side;

    // Open, and SetTarget where it says so.
    public StreamKind Kind;
    public LatchMode LatchA;
    public LatchMode LatchB;
    public bool IsArmed;
    public bool ReducesRtcpA;
    public bool ReducesRtcpB;
    public byte LatchBitsIPv4A;
    public byte LatchBitsIPv6A;
    public byte LatchBitsIPv4B;
    public byte LatchBitsIPv6B;
    public TransportAddress LocalA;
    public TransportAddress LocalB;

    // SetTarget.
    public bool MaySend;
    public bool IsMuted;
    public bool IsHeld;
    public bool HasKind;
    public RtcpMux Mux;
    public int PacketsPerSecondMax;
    public int BitsPerSecondMax;

    public ushort RealmA;
    public ushort RealmB;
    public int ClockHz;
    public int SilenceSeconds;
    public int SocketARtp;
    public int SocketARtcp;
    public int SocketBRtp;
    public int SocketBRtcp;

    /// <summary>The stream as the signalling worker names it.</summary>
    public Handle Stream;

    /// <summary>OpenFork: whose ports of side B it shares.</summary>
    public Handle Sibling;

    /// <summary>Handed back in every event.</summary>
    public long Owner;
    public TransportAddress Rtp;
    public TransportAddress Rtcp;
    public TransportAddress Signalling;
}
