namespace Sbc.Engine.Config;

/// <summary><c>log</c>.</summary>
public sealed record LogConfig
{
    public LogLevel Level { get; init; } = LogLevel.Info;

    public LogFormat Format { get; init; } = LogFormat.Auto;
}
