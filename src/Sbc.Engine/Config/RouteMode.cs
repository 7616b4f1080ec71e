namespace Sbc.Engine.Config;

/// <summary><c>mode</c> of a route.</summary>
public enum RouteMode
{
    /// <summary>B2BUA: topology hidden, call tracked, media anchored where both realms have media.</summary>
    Call,

    /// <summary>Stateless load balancing: no call state, no hiding (RFC 3261 16.11).</summary>
    Forward,
}
