namespace Sbc.Sip.Sdp;

/// <summary>Why a body is no session description that can be anchored.</summary>
public enum SdpError : byte
{
    None,
    Empty,
    TooLong,

    /// <summary>The first line is not v=0 (RFC 8866 5.1).</summary>
    NotVersionZero,

    /// <summary>
    /// NUL, or a CR that does not end a line: some parsers take a bare CR for a line end, others do not.
    /// </summary>
    IllegalByte,

    /// <summary>A line that is not letter, "=", value.</summary>
    MalformedLine,
    NoOrigin,

    /// <summary>
    /// A second v= or o=: SIP carries one description (RFC 3264 5), a list of them is not negotiable.
    /// </summary>
    SecondSession,
    MalformedMedia,
    TooManyMedia,
    TooManyEdits,

    /// <summary>An accepted m-line without a c= of its own or of the session (RFC 8866 5.7).</summary>
    NoConnection,
}
