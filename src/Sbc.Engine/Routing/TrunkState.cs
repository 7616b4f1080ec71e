namespace Sbc.Engine.Routing;

/// <summary>The box's own registration at a peer.</summary>
public enum TrunkState : byte
{
    /// <summary>It needs none.</summary>
    None,

    /// <summary>Not yet, or it was refused: calls would be, too.</summary>
    Unregistered,

    Registered,
}
