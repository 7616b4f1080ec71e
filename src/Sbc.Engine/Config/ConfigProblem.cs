namespace Sbc.Engine.Config;

/// <summary>What is wrong with a configuration and what would be right.</summary>
/// <param name="Path">Where, such as <c>routes[2].to</c>; empty for the whole.</param>
public sealed record ConfigProblem(string Path, ConfigSeverity Severity, string Message);
