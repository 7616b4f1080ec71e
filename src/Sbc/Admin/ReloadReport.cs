using Sbc.Program.Serving;

namespace Sbc.Program.Admin;

/// <summary>A reload that was taken.</summary>
/// <param name="Adopted">Every worker works by it.</param>
/// <param name="CallsOnOldTargets">Calls that stay with a peer that is gone, or at the address that it had.</param>
public sealed record ReloadReport(
    long Generation, bool Adopted, bool Changed, ConfigChanges Changes, long CallsOnOldTargets,
    IReadOnlyList<ProblemReport> Warnings);
