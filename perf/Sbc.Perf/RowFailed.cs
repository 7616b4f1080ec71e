namespace Sbc.Perf;

/// <summary>Why a row could not be run; the other rows go on.</summary>
internal sealed class RowFailed(string reason) : Exception(reason);
