using Sbc.Engine.Routing;
using Sbc.Runtime;

namespace Sbc.Program.Exposition;

/// <summary>Names of peers and routes with their rows, also of those that a reload took away: their calls end, and are
/// counted, after it.</summary>
internal sealed class SeenNames(SnapshotCell<Snapshot> snapshots)
{
    private readonly Dictionary<string, int> _peers = [];
    private readonly Dictionary<string, int> _routes = [];

    public IReadOnlyDictionary<string, int> Peers => _peers;

    public IReadOnlyDictionary<string, int> Routes => _routes;

    public void Collect()
    {
        Snapshot snapshot = snapshots.Current;
        foreach (Peer peer in snapshot.Peers) _peers[peer.Name] = peer.Id;
        foreach (Route route in snapshot.Routes) _routes[route.Name] = route.Id;
    }
}
