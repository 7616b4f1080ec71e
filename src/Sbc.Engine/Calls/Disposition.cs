using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>What the caller asks of who forks (RFC 3841 9.1). The rest of Request-Disposition is not read.</summary>
public static class Disposition
{
    /// <summary>How many targets may have the request at a time.</summary>
    public static int BranchesMax(SipMessage request) =>
        ForbidsForks(request) || HeaderValues.Contains(request, HeaderName.RequestDisposition, "sequential"u8)
            ? 1
            : Limits.BranchesAtOnceMax;

    /// <summary>The best target is the only one.</summary>
    public static bool ForbidsForks(SipMessage request) =>
        HeaderValues.Contains(request, HeaderName.RequestDisposition, "no-fork"u8);

    /// <summary>3xx are the caller's.</summary>
    public static bool ForbidsRecursion(SipMessage request) =>
        HeaderValues.Contains(request, HeaderName.RequestDisposition, "no-recurse"u8);
}
