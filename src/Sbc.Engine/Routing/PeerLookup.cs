using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Recognises a peer by where a packet came from: longest prefix, then a matching port, then order.</summary>
public sealed class PeerLookup
{
    private readonly Entry[] _entries;

    public PeerLookup(Peer[] peers)
    {
        // Sorted so that the first hit is the best one. Peers are tens to hundreds: a scan of one flat array.
        _entries = [.. peers
            .SelectMany(peer => peer.Sources, (peer, source) => new Entry(peer.Realm.Id, source, peer))
            .OrderByDescending(e => e.Source.Length).ThenByDescending(e => e.Source.Port != 0)];
    }

    public Peer? Find(int realmId, in TransportAddress source)
    {
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            if (entry.RealmId != realmId) continue;
            if (entry.Source.Port != 0 && entry.Source.Port != source.Port) continue;
            if (source.InPrefix(entry.Source.Address, entry.Source.Length)) return entry.Peer;
        }
        return null;
    }

    private readonly record struct Entry(int RealmId, SourcePrefix Source, Peer Peer);
}
