namespace Sbc.Sip.Message;

/// <summary>What is wrong with a message, as far as framing and grammar of lines go.</summary>
public enum ParseError : byte
{
    None,

    /// <summary>Nothing but line ends: a keep-alive (RFC 5626 3.5.1).</summary>
    KeepAlive,

    /// <summary>The first line is neither a request line nor a status line.</summary>
    NotSip,

    /// <summary>A request line with spaces or control characters where none belong; the headers are indexed.</summary>
    BadStartLine,

    /// <summary>A request of another SIP version (RFC 3261 21.5.6); the headers are indexed.</summary>
    BadVersion,

    /// <summary>The message ends before its empty line; what came before it is indexed.</summary>
    HeaderUnending,

    /// <summary>A header line without a name or a colon, a name that is no token, a bare CR or NUL.</summary>
    BadHeader,

    TooManyHeaders,

    /// <summary>Content-Length says more than the datagram holds (RFC 3261 18.3), or is no number.</summary>
    BadContentLength,
}
