namespace Sbc.Sip.Framing;

/// <summary>
/// Why a stream cannot be read further. Where the header section is whole, a request in it can be answered.
/// </summary>
public enum FramingError : byte
{
    None,

    /// <summary>No SIP message begins with this byte: TLS on a plain port, a stray CR or LF.</summary>
    NotSip,

    /// <summary>No empty line within <see cref="SipLimits.StreamHeaderBytesMax"/>.</summary>
    HeaderTooLong,

    /// <summary>
    /// A line that ends in LF alone, or a CR in one. Datagrams are read so; on a stream one who takes only CRLF for a
    /// line end would see the next message begin elsewhere.
    /// </summary>
    BadLineEnd,

    /// <summary>Required on a stream (RFC 3261 18.3); the header section is whole.</summary>
    NoContentLength,

    /// <summary>Two of them, or no number; the header section is whole.</summary>
    BadContentLength,

    /// <summary>The message is above <see cref="SipLimits.MessageBytesMax"/>; its header section is whole.</summary>
    BodyTooLong,
}
