namespace Sbc.Allocations;

/// <summary>What one operation cost in a steady state.</summary>
/// <param name="Bytes">Allocated by one of them, rounded up: one allocation in a thousand operations shows.</param>
/// <param name="Microseconds">For information: never compared.</param>
public readonly record struct Measurement(string Name, long Bytes, double Microseconds)
{
    public string Row => FormattableString.Invariant($"{Name}\t{Bytes}\t{Microseconds:0.00} us");
}
