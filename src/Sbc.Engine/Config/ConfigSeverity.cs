namespace Sbc.Engine.Config;

/// <summary>Whether a configuration with the problem can be used.</summary>
public enum ConfigSeverity
{
    /// <summary>It can, and probably does not do what was meant.</summary>
    Warning,

    /// <summary>It is refused.</summary>
    Error,
}
