namespace Sbc.Engine.Config;

/// <summary><c>nat</c>: where answers and in-dialog requests go.</summary>
public enum NatMode
{
    /// <summary>Where the Contact says.</summary>
    Off,

    /// <summary>To the flow last used, when the Via differs from the source and there is no Record-Route.</summary>
    Auto,
}
