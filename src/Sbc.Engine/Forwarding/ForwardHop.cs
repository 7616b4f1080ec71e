using Sbc.Engine.Routing;
using Sbc.Runtime;

namespace Sbc.Engine.Forwarding;

/// <summary>Where a request goes without state.</summary>
public readonly ref struct ForwardHop
{
    public required Listener Listener { get; init; }

    public required TransportAddress Address { get; init; }

    /// <summary>What our own name in the Request-URI becomes; empty: the Request-URI stays.</summary>
    public ReadOnlySpan<byte> Target { get; init; }

    /// <summary>Values at the top of Route that are ours.</summary>
    public int RoutesTaken { get; init; }

    /// <summary>What else stands in Route is a stranger's wish and goes too.</summary>
    public bool DropsRoutes { get; init; }

    /// <summary>The rule to stay in the path of the dialog for; null: no Record-Route.</summary>
    public Route? Recorded { get; init; }
}
