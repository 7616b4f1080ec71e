namespace Sbc.Sip.Framing;

/// <summary>What stands at the beginning of a stream's bytes.</summary>
public enum FrameKind : byte
{
    /// <summary>Not enough bytes to tell; more are needed.</summary>
    Incomplete,

    /// <summary>A whole message.</summary>
    Message,

    /// <summary>
    /// One CRLF: the answer to a keep-alive of ours, the first half of theirs, or an empty line before a message
    /// (RFC 3261 7.5), which is ignored.
    /// </summary>
    Pong,

    /// <summary>The second CRLF in a row: a keep-alive, to be answered with one CRLF (RFC 5626 4.4.1).</summary>
    Ping,

    /// <summary>
    /// Where the next message begins cannot be known any more: <see cref="FramingError"/> says why, and the connection
    /// has to be closed.
    /// </summary>
    Error,
}
