namespace Sbc.Program.Admin;

/// <summary>All configured peers.</summary>
public sealed record PeersReport(IReadOnlyList<PeerReport> Peers);

/// <summary>A configured neighbour as it is now.</summary>
/// <param name="Groups">The groups it is balanced in.</param>
/// <param name="Probed">Whether OPTIONS ask for its health; one that is not probed is always up.</param>
/// <param name="Draining">It gets no new calls.</param>
/// <param name="ResponseMs">Smoothed time to its first response; null before the first.</param>
public sealed record PeerReport(
    string Name, string Realm, string Address, IReadOnlyList<string> Groups, bool Probed, bool Up, bool Draining,
    long CallsActive, double? ResponseMs);
