namespace Sbc.Engine.Config;

/// <summary><c>log.level</c>: the least severe line that is written.</summary>
public enum LogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}
