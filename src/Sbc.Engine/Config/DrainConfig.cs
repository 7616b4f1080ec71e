namespace Sbc.Engine.Config;

/// <summary><c>drain</c>: leaving without cutting calls off.</summary>
public sealed record DrainConfig
{
    /// <summary><c>seconds_max</c>: how long running calls may go on after SIGTERM. Default 300; 0: end them
    /// now.</summary>
    public int SecondsMax { get; init; } = 300;
}
