namespace Sbc.Engine.Config;

/// <summary>
/// <c>strictness</c>: how much of RFC 3261's grammar a request must keep. What could be read in two ways is refused
/// by both.
/// </summary>
public enum Strictness
{
    /// <summary>Whatever has one meaning passes, as real phones write it.</summary>
    Tolerant,

    /// <summary>A request whose start line, Via, From, To, Call-ID or Contact break the grammar gets 400.</summary>
    Strict,
}
