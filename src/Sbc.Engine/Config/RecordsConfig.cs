namespace Sbc.Engine.Config;

/// <summary><c>records</c>: one record for each call.</summary>
public sealed record RecordsConfig
{
    /// <summary><c>file</c>: JSON lines, resolved against the configuration's folder.</summary>
    public string? File { get; init; }
}
