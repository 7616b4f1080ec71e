using Sbc.Program.Serving;

namespace Sbc.Program.Admin;

/// <summary>A reload that was taken.</summary>
/// <param name="Adopted">Every worker works by it.</param>
public sealed record ReloadReport(
    long Generation, bool Adopted, bool Changed, ConfigChanges Changes, IReadOnlyList<ProblemReport> Warnings);
