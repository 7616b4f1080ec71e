using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>One of the addresses that a name stands for (RFC 3263).</summary>
/// <param name="Slot">Its place among them, kept while the address stays: health and counts are by place.</param>
/// <param name="Address">With the port that DNS or the configuration says.</param>
/// <param name="Priority">The lowest number is used first (RFC 2782).</param>
/// <param name="Weight">Relative to the others of the same priority; at least 1.</param>
public readonly record struct PeerLocation(int Slot, TransportAddress Address, int Priority, int Weight);
