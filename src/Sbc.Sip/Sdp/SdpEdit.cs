namespace Sbc.Sip.Sdp;

/// <summary>What the editor does with a place of the body.</summary>
internal enum SdpEditKind : byte
{
    Origin,
    Connection,

    /// <summary>Only the port token of an m-line, "/count" included.</summary>
    Port,
    Rtcp,
    Remove,

    /// <summary>An address in a line that is not understood, without what stands around it.</summary>
    Literal,
}

/// <summary>A place of the body that never leaves as it came, noted while parsing.</summary>
/// <param name="Media">The m-line it belongs to; -1 for the session part.</param>
/// <param name="LineEndLength">0 to 2: bytes of the line end after the place; they go with a removed line.</param>
/// <param name="IsUnspecified">c= or a=rtcp with 0.0.0.0 or ::.</param>
/// <param name="HasAddress">a=rtcp names an address beside the port.</param>
/// <param name="IsIPv6">The literal is of that family.</param>
internal readonly record struct SdpEdit(
    SdpEditKind Kind,
    short Media,
    byte LineEndLength,
    bool IsUnspecified,
    bool HasAddress,
    int Start,
    int Length,
    bool IsIPv6 = false);
