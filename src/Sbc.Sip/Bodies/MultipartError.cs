namespace Sbc.Sip.Bodies;

/// <summary>Why a body is no multipart one, or not to its end.</summary>
public enum MultipartError : byte
{
    None,

    /// <summary>Another type, or one that cannot be read.</summary>
    NotMultipart,

    /// <summary>No boundary parameter, two of them, or no boundary in it (RFC 2046 5.1.1: 1 to 70 bytes).</summary>
    BadBoundary,

    /// <summary>The boundary never stands in the body.</summary>
    NoParts,

    /// <summary>A boundary that ends in no CRLF or stands behind a bare LF: a part to some, text to others.</summary>
    BadDelimiter,

    /// <summary>A part's header lines are none, or do not end.</summary>
    BadPartHeader,
    TooManyParts,

    /// <summary>The body is over before the closing boundary; the last part was what was left.</summary>
    Unending,
}
