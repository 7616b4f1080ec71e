using Sbc.Engine.Worker;

namespace Sbc.Program.Admin;

/// <summary>Calls as they are now.</summary>
/// <param name="CallsActive">How many there are.</param>
/// <param name="Complete">False where the list is cut at its limit, or a worker did not answer in time.</param>
public sealed record CallsReport(long CallsActive, bool Complete, IReadOnlyList<CallSummary> Calls);
