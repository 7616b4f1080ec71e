using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// Max-Breadth bounds how many branches a request has at once (RFC 5393 5.3). The box tries its targets one after the
/// other, so each of them gets all of it, as it came.
/// </summary>
public static class MaxBreadth
{
    /// <summary>Present and 0: not even one branch is left, which is 440.</summary>
    public static bool IsSpent(SipMessage request) =>
        Numbers.TryParse(request.Value(HeaderName.MaxBreadth), out uint value) && value == 0;
}
