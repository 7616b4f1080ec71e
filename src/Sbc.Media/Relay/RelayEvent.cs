using Sbc.Runtime;

namespace Sbc.Media;

public enum RelayEventKind : byte
{
    /// <summary>A port learned its source.</summary>
    Latched,

    /// <summary>A stranger sent to a port; told once until signalling allows a change, then only counted.</summary>
    SourceRefused,

    /// <summary>Nothing came from either side for the time asked for.</summary>
    Silent,

    /// <summary>Media came back after <see cref="Silent"/>.</summary>
    Heard,
    Report,

    /// <summary>Like Report, unasked and now and then: for those who look at calls.</summary>
    Measured,

    /// <summary>The sockets are closed. Never lost: it gives the ports back.</summary>
    Closed,
}

/// <summary>From a media worker to the signalling worker that opened the stream.</summary>
public struct RelayEvent
{
    public RelayEventKind Kind;
    public MediaSide Side;
    public MediaComponent Component;
    public Handle Stream;
    public long Owner;

    /// <summary>Latched and SourceRefused: the source.</summary>
    public TransportAddress Address;

    /// <summary>Report and Closed: what the RTP ports received.</summary>
    public PortStatistics A;
    public PortStatistics B;
}
