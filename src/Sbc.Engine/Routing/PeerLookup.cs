using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Recognises a peer by where a packet came from: longest prefix, then a matching port, then order.</summary>
public sealed class PeerLookup
{
    // Whole addresses are found by hash, as every packet asks: a scan of a thousand peers cost 6.6 us, five times the
    // parsing of an INVITE (LookupBenchmarks). The prefixes that are left are few.
    private readonly Dictionary<Host, Entry[]> _hosts;
    private readonly Entry[] _prefixes;

    public PeerLookup(Peer[] peers)
    {
        // Sorted so that the first hit is the best one; the sort is stable, which keeps the configured order.
        Entry[] entries = [.. peers
            .SelectMany(peer => peer.Sources, (peer, source) => new Entry(peer.Realm.Id, source, peer))
            .OrderByDescending(e => e.Source.Length).ThenByDescending(e => e.Source.Port != 0)];
        _hosts = entries.Where(IsHost).GroupBy(e => new Host(e.RealmId, e.Source.Address.High, e.Source.Address.Low))
            .ToDictionary(group => group.Key, group => group.ToArray());
        _prefixes = [.. entries.Where(e => !IsHost(e))];
    }

    public Peer? Find(int realmId, in TransportAddress source)
    {
        // A whole address is the longest prefix there is, so what is found here is the best.
        if (_hosts.TryGetValue(new Host(realmId, source.High, source.Low), out Entry[]? entries))
        {
            foreach (ref readonly Entry entry in entries.AsSpan())
            {
                if (entry.Source.Port == 0 || entry.Source.Port == source.Port) return entry.Peer;
            }
        }
        foreach (ref readonly Entry entry in _prefixes.AsSpan())
        {
            if (entry.RealmId != realmId) continue;
            if (entry.Source.Port != 0 && entry.Source.Port != source.Port) continue;
            if (source.InPrefix(entry.Source.Address, entry.Source.Length)) return entry.Peer;
        }
        return null;
    }

    private static bool IsHost(Entry entry) => entry.Source.Length == (entry.Source.Address.IsIPv4 ? 32 : 128);

    /// <summary>Realm and address without scope and port.</summary>
    private readonly record struct Host(int RealmId, ulong High, ulong Low);

    private readonly record struct Entry(int RealmId, SourcePrefix Source, Peer Peer);
}
