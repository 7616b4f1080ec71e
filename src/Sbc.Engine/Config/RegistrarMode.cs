namespace Sbc.Engine.Config;

/// <summary><c>registrar.mode</c>.</summary>
public enum RegistrarMode
{
    /// <summary>A registrar of its own.</summary>
    Local,

    /// <summary>A cache in front of the registrar <c>to</c>.</summary>
    Relay,
}
