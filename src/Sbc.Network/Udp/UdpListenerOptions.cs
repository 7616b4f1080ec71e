using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>What a UDP listener is bound with.</summary>
public sealed record UdpListenerOptions
{
    /// <summary>
    /// 8 MiB hold about 7000 SIP messages (the kernel grants the double and charges 2304 bytes for a short one): more
    /// than a worker ever leaves waiting.
    /// </summary>
    public const int ReceiveBufferBytesDefault = 8 << 20;

    public const int SendBufferBytesDefault = 4 << 20;

    /// <summary>Port 0: the kernel chooses one, the same for all workers.</summary>
    public required TransportAddress Local { get; init; }

    /// <summary>How many sockets, one for each worker.</summary>
    public required int Workers { get; init; }

    /// <summary>A floor for each socket; a host that gives more by itself keeps that.</summary>
    public int ReceiveBufferBytes { get; init; } = ReceiveBufferBytesDefault;

    public int SendBufferBytes { get; init; } = SendBufferBytesDefault;

    /// <summary>0 to 63; 24 (CS3) is usual for signalling (RFC 4594 4.1).</summary>
    public byte Dscp { get; init; }

    /// <summary>For untrusted listeners: worker by source address. Null: by the kernel's 4-tuple hash.</summary>
    public SourceSteering? Steering { get; init; }
}
