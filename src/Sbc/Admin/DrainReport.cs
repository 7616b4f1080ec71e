namespace Sbc.Program.Admin;

/// <summary>A drain that has begun.</summary>
/// <param name="CallsActive">Calls left.</param>
/// <param name="SecondsMax">How long they may go on from the beginning of the drain.</param>
public sealed record DrainReport(bool Draining, long CallsActive, int SecondsMax);
