namespace Sbc.Engine.Config;

/// <summary>What kind of target a route has.</summary>
public enum RouteTargetKind
{
    /// <summary>A peer or a group.</summary>
    Named,

    /// <summary>Where Route or Request-URI says, out of the route's realm.</summary>
    RequestUri,

    /// <summary>Where the user has registered.</summary>
    Registered,

    /// <summary>Answered here.</summary>
    Reject,
}
