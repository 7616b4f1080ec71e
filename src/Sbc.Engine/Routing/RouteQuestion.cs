using Sbc.Engine.Pipeline;
using Sbc.Sip.Message;

namespace Sbc.Engine.Routing;

/// <summary>What a rule may look at.</summary>
public readonly ref struct RouteQuestion
{
    public required SipMessage Request { get; init; }

    public required Origin Origin { get; init; }

    /// <summary>The request's own, or a target of a redirect.</summary>
    public required ReadOnlySpan<byte> RequestUri { get; init; }

    /// <summary>User of the Request-URI.</summary>
    public required ReadOnlySpan<byte> User { get; init; }

    /// <summary>Local time, from Monday 0:00.</summary>
    public required int MinuteOfWeek { get; init; }
}
