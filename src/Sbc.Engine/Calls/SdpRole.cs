namespace Sbc.Engine.Calls;

/// <summary>What a description is in its dialog (RFC 3264; RFC 3261 13.2.1, RFC 3262 5, RFC 3311 5).</summary>
public enum SdpRole : byte
{
    Offer,
    Answer,

    /// <summary>The first answer as a response that is not reliable foretells it.</summary>
    EarlyAnswer,

    /// <summary>The same within a session, which goes on as it is until the final response.</summary>
    Preview,

    /// <summary>The answer was given already.</summary>
    Repetition,

    /// <summary>
    /// No negotiation: an answer to OPTIONS, or a refusal that says what would do. No line has a port.
    /// </summary>
    Capabilities,
}
