using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>Max-Forwards goes to the other leg minus one: with Vias hidden nothing else stops a loop (RFC 3261 16.6).</summary>
public static class MaxForwards
{
    public static int Next(SipMessage request)
    {
        if (!Numbers.TryParse(request.Value(HeaderName.MaxForwards), out uint value)) return LegRequest.MaxForwardsDefault;
        // An ACK is not refused, so it may come with 0.
        return Math.Max(0, (int)Math.Min(value, 255) - 1);
    }

    /// <summary>Present and 0: the request goes no further.</summary>
    public static bool IsSpent(SipMessage request) =>
        Numbers.TryParse(request.Value(HeaderName.MaxForwards), out uint value) && value == 0;
}
