namespace Sbc.Engine.Config;

/// <summary>What kind of target a route has.</summary>
public enum RouteTargetKind
{
    /// <summary>Peers or groups, in order.</summary>
    Named,

    /// <summary>The peer or group that a number table says.</summary>
    Table,

    /// <summary>Where Route or Request-URI says, out of the route's realm.</summary>
    RequestUri,

    /// <summary>Where the user has registered.</summary>
    Registered,

    /// <summary>Answered here.</summary>
    Reject,
}
