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

    /// <summary>The name in the configuration, which all addresses of a host name share.</summary>
    public required string ConfiguredName { get; init; }

    /// <summary>Among the addresses of its host name: the lowest number is used first (RFC 2782).</summary>
    public int Priority { get; init; }

    /// <summary>Relative to the other addresses of its host name.</summary>
    public int Weight { get; init; } = 1;

    public required Realm Realm { get; init; }

    public required Listener Listener { get; init; }

    public required TransportAddress Address { get; init; }

    /// <summary>Host, and the port where it is not 5060: what a Request-URI that named us gets.</summary>
    public required byte[] HostPort { get; init; }

    /// <summary>Trusted with identities.</summary>
    public required bool Trusted { get; init; }

    public required SourcePrefix[] Sources { get; init; }

    public CallLimits Limits { get; init; }

    /// <summary>Row under which all addresses of a name share those limits; -1: they are this address's own.</summary>
    public int Named { get; init; } = -1;

    /// <summary>The groups it is a member of; set once, while the snapshot is made.</summary>
    public Group[] Groups { get; set; } = [];

    /// <summary>Null: the box has no credentials for it.</summary>
    public PeerAuth? Auth { get; init; }

    /// <summary>Null: not probed.</summary>
    public Probe? Probe { get; set; }
}

/// <summary>How a peer is probed.</summary>
/// <param name="IntervalMilliseconds">Between two probes.</param>
/// <param name="DownAfter">Failures in a row, of probes or of real traffic, that take it out.</param>
/// <param name="UpAfter">Answers in a row that bring it back.</param>
/// <param name="DownOn">Answers that count as failures.</param>
public sealed record Probe(int IntervalMilliseconds, int DownAfter, int UpAfter, int[] DownOn);
