using Sbc.Program.Configuration;

namespace Sbc.Program.Serving;

/// <summary>What came of a reload.</summary>
/// <param name="Changes">Null: refused, and nothing changed.</param>
/// <param name="Problems">Every error of a refused file; warnings of one that was taken.</param>
/// <param name="Generation">What is served now.</param>
/// <param name="CallsOnOldTargets">Calls that stay with a peer that is gone, or at the address that it had.</param>
/// <param name="IsAdopted">Every worker works by it; false where one did not say so in time.</param>
public sealed record ReloadOutcome(
    ConfigChanges? Changes, IReadOnlyList<FileProblem> Problems, long Generation,
    long CallsOnOldTargets, bool IsAdopted);
