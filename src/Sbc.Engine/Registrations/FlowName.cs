using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Names the flow that a binding had at one time: a REGISTER since then has made another one of it (RFC 5626 7).
/// </summary>
/// <param name="Shard">Worker that has the binding.</param>
/// <param name="Row">Where it is there.</param>
/// <param name="UpdatedAt">Of the REGISTER that it is the flow of.</param>
/// <param name="IsToken">The core names it by a Contact of ours, and may know another one (RFC 5626 5.3.1).</param>
public readonly record struct FlowName(short Shard, bool IsToken, int Row, Instant UpdatedAt)
{
    public bool IsNone => UpdatedAt == default;
}
