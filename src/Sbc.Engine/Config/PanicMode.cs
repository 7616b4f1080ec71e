namespace Sbc.Engine.Config;

/// <summary><c>panic</c> of a group: what happens to calls when none of its peers is up.</summary>
public enum PanicMode
{
    /// <summary>503 with Retry-After, at once.</summary>
    Refuse,

    /// <summary>They are spread over all peers that are not drained: where probes err, calls still work.</summary>
    Spread,
}
