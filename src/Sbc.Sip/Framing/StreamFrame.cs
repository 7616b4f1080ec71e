namespace Sbc.Sip.Framing;

/// <summary>What was found at the beginning of a stream's bytes, and how many of them it takes.</summary>
/// <param name="Length">Bytes to take off the stream; 0 for Incomplete and Error.</param>
/// <param name="HeaderLength">
/// Of a message, and of an error behind a whole header section: its bytes with the empty line. Else 0.
/// </param>
public readonly record struct StreamFrame(FrameKind Kind, FramingError Error, int Length, int HeaderLength);
