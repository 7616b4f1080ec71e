namespace Sbc.Program.Admin;

/// <summary>All configured peers.</summary>
public sealed record PeersReport(IReadOnlyList<PeerReport> Peers);

/// <summary>A configured neighbour as it is now.</summary>
/// <param name="Groups">The groups it is balanced in.</param>
/// <param name="Probed">Whether OPTIONS ask for its health; one that is not probed is always up.</param>
/// <param name="Draining">It gets no new calls.</param>
/// <param name="Held">It asked for a pause (Retry-After), which is not over.</param>
/// <param name="StartPercent">How much of its share it gets: less than 100 in its slow start.</param>
/// <param name="CallsActive">From and to it.</param>
/// <param name="CallsTotal">Sent to it since the start.</param>
/// <param name="SharePercent">Its part of all calls that were sent to peers of its groups; null before the first.
/// </param>
/// <param name="ResponseMs">Smoothed time to its first response; null before the first.</param>
public sealed record PeerReport(
    string Name, string Realm, string Address, IReadOnlyList<string> Groups, bool Probed, bool Up, bool Draining,
    bool Held, int StartPercent, long CallsActive, long CallsTotal, double? SharePercent, double? ResponseMs);
