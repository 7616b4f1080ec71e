namespace Sbc.Sip;

/// <summary>The limits of what the parser accepts, each with its reason.</summary>
public static class SipLimits
{
    /// <summary>Header fields in one message. The busiest real INVITE known has 60; more is an attack.</summary>
    public const int HeadersMax = 160;

    /// <summary>Bytes of one message: no datagram is longer (RFC 768), and positions are 16 bits wide.</summary>
    public const int MessageBytesMax = 65_536;

    /// <summary>
    /// Bytes of a header section on a stream, its empty line included: a sender who never ends it holds no more than
    /// this of our memory. Real ones end within 10 kB, those of long Via and Identity lists included.
    /// </summary>
    public const int StreamHeaderBytesMax = 32_768;

    /// <summary>Parts of a multipart body: SDP, ISUP, PIDF, a picture or two. More is somebody at play.</summary>
    public const int BodyPartsMax = 32;
}
