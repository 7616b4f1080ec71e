namespace Sbc.Engine.Config;

/// <summary><c>log.format</c>: the form of a log line.</summary>
public enum LogFormat
{
    /// <summary>Text on a terminal, JSON otherwise.</summary>
    Auto,
    Text,
    Json,
}
