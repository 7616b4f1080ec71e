using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// Max-Breadth bounds how many branches a request has at once (RFC 5393 5.3). Where the box forks, its branches share
/// it, and those that it does not reach for wait; one target after the other gets all of it, as it came.
/// </summary>
public static class MaxBreadth
{
    /// <summary>Of a request that does not say (5.3.3.1).</summary>
    private const int Default = 60;

    /// <summary>Present and 0: not even one branch is left, which is 440.</summary>
    public static bool IsSpent(SipMessage request) =>
        Numbers.TryParse(request.Value(HeaderName.MaxBreadth), out uint value) && value == 0;

    /// <summary>At least 1: what has none is refused before.</summary>
    public static int Of(SipMessage request) =>
        Numbers.TryParse(request.Value(HeaderName.MaxBreadth), out uint value)
            ? (int)Math.Clamp(value, 1, byte.MaxValue)
            : Default;
}
