namespace Sbc.Bench.Ground;

/// <summary>Something the box does again and again, in a steady state.</summary>
/// <param name="Name">As it stands in allocations.tsv.</param>
/// <param name="Once">Does it once; nothing in it allocates but what is measured.</param>
/// <param name="AssertSound">What must hold at the end.</param>
public sealed record Operation(string Name, Action Once, Action AssertSound);
