namespace Sbc.Engine.Config;

/// <summary><c>guard</c>: what happens to sources that misbehave.</summary>
public sealed record GuardConfig
{
    public const int BanSecondsDefault = 300;
    public const int BanSecondsMaxDefault = 86400;

    public KernelUse Kernel { get; init; } = KernelUse.Auto;

    /// <summary><c>ban_seconds</c> of a first ban; each further one is longer. Null: 300, so that a
    /// misconfigured phone comes back by itself.</summary>
    public int? BanSeconds { get; init; }

    /// <summary><c>ban_seconds_max</c>: the longest ban. Null: 86400, since addresses change hands in a day.</summary>
    public int? BanSecondsMax { get; init; }
}
