namespace Sbc.Sip;

/// <summary>The limits of what the parser accepts, each with its reason.</summary>
public static class SipLimits
{
    /// <summary>Header fields in one message. The busiest real INVITE known has 60; beyond this it is an attack.</summary>
    public const int HeadersMax = 160;

    /// <summary>Bytes of one message: no datagram is longer (RFC 768), and positions are 16 bits wide.</summary>
    public const int MessageBytesMax = 65_536;
}
