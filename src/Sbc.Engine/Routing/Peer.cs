using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>A prefix of addresses; a port of 0 is any.</summary>
public readonly record struct SourcePrefix(TransportAddress Address, int Length, int Port);

/// <summary>A configured neighbour, compiled.</summary>
public sealed class Peer
{
    /// <summary>Row in the shared cells: stays the same over reloads while the name does.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required Realm Realm { get; init; }

    public required Listener Listener { get; init; }

    public required TransportAddress Address { get; init; }

    /// <summary>Host, and the port where it is not 5060: what a Request-URI that named us gets.</summary>
    public required byte[] HostPort { get; init; }

    /// <summary>Trusted with identities.</summary>
    public required bool Trusted { get; init; }

    public required SourcePrefix[] Sources { get; init; }

    /// <summary>Null: not probed.</summary>
    public Probe? Probe { get; set; }
}

/// <summary>How a peer is probed.</summary>
public sealed record Probe(int IntervalMilliseconds, int DownAfter, int UpAfter);
