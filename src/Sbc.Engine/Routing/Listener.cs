using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>One socket address of a realm, and how it is written into messages.</summary>
public sealed class Listener
{
    /// <summary>Index of the worker's port.</summary>
    public required int Index { get; init; }

    /// <summary>Which of those it is that ever had this index.</summary>
    public ushort Generation { get; init; }

    public required int RealmId { get; init; }

    /// <summary>A reload took it away: it serves what it began, and nothing new.</summary>
    public bool IsRetired { get; init; }

    /// <summary>Where it is bound.</summary>
    public required TransportAddress Local { get; init; }

    /// <summary>The advertised address, where one is set as a literal; else <see cref="Local"/>.</summary>
    public required TransportAddress Advertised { get; init; }

    /// <summary>Host for Contact and for URIs, without port; IPv6 in brackets.</summary>
    public required byte[] Host { get; init; }

    /// <summary>Host and port, for Via and Contact.</summary>
    public required byte[] HostPort { get; init; }

    /// <summary>The same as it is after a reload that took it away.</summary>
    public Listener Retired() => IsRetired ? this : new Listener
    {
        Index = Index, Generation = Generation, RealmId = RealmId, IsRetired = true, Local = Local,
        Advertised = Advertised, Host = Host, HostPort = HostPort,
    };

    public bool IsOwnAddress(in TransportAddress address) =>
        Local.SameAddress(address) || Advertised.SameAddress(address);
}
