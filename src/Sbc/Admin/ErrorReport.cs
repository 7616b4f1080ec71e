using System.Text.Json.Serialization;

namespace Sbc.Program.Admin;

/// <summary>Why a request was refused.</summary>
/// <param name="Problems">Of a configuration, all of them; absent elsewhere.</param>
public sealed record ErrorReport(
    string Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyList<ProblemReport>? Problems = null);

/// <summary>One problem of a configuration file.</summary>
/// <param name="Path">The key, such as <c>routes[2].to</c>.</param>
/// <param name="Severity">error or warning.</param>
public sealed record ProblemReport(string File, int Line, int Column, string Path, string Severity, string Message)
{
    /// <summary>As `sbc check` prints it.</summary>
    public override string ToString() =>
        Line > 0 ? $"{File}:{Line}:{Column}: {Severity}: {Message}" : $"{File}: {Severity}: {Message}";
}
