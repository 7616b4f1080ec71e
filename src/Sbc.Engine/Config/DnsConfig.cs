using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary><c>dns</c>: who is asked for the addresses of peers that are given by name.</summary>
public sealed record DnsConfig
{
    /// <summary><c>servers</c>: addresses, with a port where it is not 53. Empty: those of the system.</summary>
    public IReadOnlyList<TransportAddress> Servers { get; init; } = [];
}
