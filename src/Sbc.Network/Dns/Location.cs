using Sbc.Runtime;

namespace Sbc.Network.Dns;

/// <summary>One address that a name stands for.</summary>
/// <param name="Address">With its port.</param>
/// <param name="Priority">The lowest is tried first (RFC 2782).</param>
/// <param name="Weight">At least 1.</param>
public readonly record struct Location(TransportAddress Address, int Priority, int Weight);

/// <summary>What DNS said.</summary>
/// <param name="Locations">Empty: the name stands for nothing.</param>
/// <param name="TimeToLive">The shortest of all records that it was made of.</param>
public sealed record LocationAnswer(IReadOnlyList<Location> Locations, TimeSpan TimeToLive);
