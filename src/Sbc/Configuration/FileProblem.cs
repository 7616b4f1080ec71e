using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>A problem and where in the file it is.</summary>
public sealed record FileProblem(string File, Position Position, string Path, ConfigSeverity Severity, string Message)
{
    /// <summary><c>FILE:LINE:COLUMN: error: what is wrong and what would be right</c>; without a place where the file
    /// itself is what is wrong. Names from the file may hold anything, a terminal's escape sequences too.</summary>
    public override string ToString()
    {
        string place = Position.Line > 0 ? $"{File}:{Position.Line}:{Position.Column}" : File;
        string word = Severity == ConfigSeverity.Error ? "error" : "warning";
        return string.Concat($"{place}: {word}: {Message}".Select(c => char.IsControl(c) ? '?' : c));
    }
}
