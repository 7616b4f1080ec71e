using System.Net;
using DnsClient;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Network.Dns;
using Sbc.Program.Logging;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>
/// Where peers are that are given by name: asked ahead of the end of each answer, and kept while DNS is dead.
/// </summary>
/// <remarks>
/// A task for each name, off the workers: they see a new snapshot when an answer differs. What a name says no more
/// stays too, as long as it says nothing else: peers have a health of their own, and an empty zone is a mistake.
/// </remarks>
public sealed class PeerLocations(Server server) : IDisposable
{
    private static readonly TimeSpan RefreshMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefreshMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    /// <summary>Part of an answer's life after which it is asked again.</summary>
    private const double RefreshAt = 0.8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (LocationQuery Query, CancellationTokenSource Stop)> _names = [];
    private Dictionary<string, IReadOnlyList<PeerLocation>> _current = [];
    private LocationResolver? _resolver;
    private IReadOnlyList<TransportAddress> _servers = [];

    /// <summary>By name of the peer or group.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>> Current => _current;

    /// <summary>Asks for what this configuration names, and no more for what it does not.</summary>
    public void Follow(SbcConfig config)
    {
        lock (_gate)
        {
            Dictionary<string, LocationQuery> wanted = Queries(config);
            bool moved = _resolver is null || !_servers.SequenceEqual(config.Dns.Servers);
            foreach (string name in _names.Keys.ToArray())
            {
                bool same = wanted.TryGetValue(name, out LocationQuery? query) && query == _names[name].Query;
                if (!moved && same) continue;
                _names[name].Stop.Cancel();
                _names.Remove(name);
            }
            // What it was is known by its old name: a peer that now has another one begins anew.
            _current = _current.Where(pair => wanted.ContainsKey(pair.Key)).ToDictionary();
            if (wanted.Count == 0) return;
            if (moved)
            {
                _servers = config.Dns.Servers;
                _resolver = new LocationResolver([.. _servers.Select(EndPoint)]);
            }
            foreach ((string name, LocationQuery query) in wanted)
            {
                if (_names.ContainsKey(name)) continue;
                var stop = new CancellationTokenSource();
                _names.Add(name, (query, stop));
                _ = KeepAsync(name, query, _resolver!, stop.Token);
            }
        }
    }

    /// <summary>What DNS says now, for who does not serve; a name that it does not know is left out.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>>> AskOnceAsync(SbcConfig config)
    {
        var found = new Dictionary<string, IReadOnlyList<PeerLocation>>();
        var resolver = new LocationResolver([.. config.Dns.Servers.Select(EndPoint)]);
        foreach ((string name, LocationQuery query) in Queries(config))
        {
            try
            {
                LocationAnswer answer = await resolver.ResolveAsync(query, CancellationToken.None);
                found.Add(name, Placed([], answer.Locations));
            }
            catch (DnsResponseException)
            {
                // Its group has a peer less, as it would have in a box that starts now.
            }
        }
        return found;
    }

    private static Dictionary<string, LocationQuery> Queries(SbcConfig config)
    {
        var queries = new Dictionary<string, LocationQuery>();
        foreach (PeerConfig peer in config.Peers)
        {
            if (peer.Uri is not { Host.Address: null } uri || config.FindRealm(peer.Realm) is not { } realm) continue;
            queries.Add(peer.Name, new LocationQuery(
                uri.Host.Text, uri.PortWritten ? uri.Port : 0, uri.Port, "SIP+D2U", "_sip._udp", Has(realm, true),
                Has(realm, false)));
        }
        foreach (GroupConfig group in config.Groups)
        {
            if (group.Srv is null || config.FindRealm(group.Realm ?? "") is not { } realm) continue;
            queries.Add(group.Name, new LocationQuery(
                group.Srv, 0, 0, null, null, Has(realm, true), Has(realm, false)));
        }
        return queries;
    }

    private static bool Has(RealmConfig realm, bool ipv4) => realm.Listen.Any(l => l.Address.IsIPv4 == ipv4);

    private async Task KeepAsync(string name, LocationQuery query, LocationResolver resolver, CancellationToken stop)
    {
        TimeSpan retry = RefreshMin;
        bool failing = false;
        while (!stop.IsCancellationRequested)
        {
            TimeSpan next = retry;
            try
            {
                LocationAnswer answer = await resolver.ResolveAsync(query, stop);
                next = answer.TimeToLive * RefreshAt;
                next = next < RefreshMin ? RefreshMin : next > RefreshMax ? RefreshMax : next;
                retry = RefreshMin;
                if (answer.Locations.Count > 0) Take(name, query, answer.Locations, stop);
                else Complain(query, "there is no such name", ref failing);
                if (answer.Locations.Count > 0) failing = false;
            }
            catch (DnsResponseException broken)
            {
                Complain(query, broken.Message, ref failing);
                retry = retry * 2 > RetryMax ? RetryMax : retry * 2;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            try
            {
                await Task.Delay(next, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Complain(LocationQuery query, string why, ref bool failing)
    {
        if (failing) return;
        failing = true;
        server.Log.Write(new LogLine(
            LogLevel.Warning, "dns_failed", $"{query.Name} is not resolved: {why}; what it was stays in use",
            ("name", query.Name), ("problem", why)));
    }

    /// <summary>Publishes an answer that is another one.</summary>
    private void Take(string name, LocationQuery query, IReadOnlyList<Location> found, CancellationToken stop)
    {
        lock (_gate)
        {
            if (stop.IsCancellationRequested) return;
            IReadOnlyList<PeerLocation> before = _current.GetValueOrDefault(name, []);
            PeerLocation[] after = Placed(before, found);
            if (before.SequenceEqual(after)) return;
            _current = new Dictionary<string, IReadOnlyList<PeerLocation>>(_current) { [name] = after };
            string addresses = string.Join(", ", after.Select(location => $"{location.Address}"));
            server.Log.Write(new LogLine(
                LogLevel.Info, "dns", $"{query.Name} is {addresses}", ("name", query.Name), ("addresses", addresses)));
        }
        server.PublishLocations();
    }

    /// <summary>An address keeps its place while it is in the answer; a new one takes one that is free.</summary>
    private static PeerLocation[] Placed(IReadOnlyList<PeerLocation> before, IReadOnlyList<Location> found)
    {
        Dictionary<TransportAddress, int> places = before
            .Where(old => found.Any(location => location.Address == old.Address))
            .ToDictionary(old => old.Address, old => old.Slot);
        foreach (Location location in found)
        {
            int free = 0;
            while (places.ContainsValue(free)) free++;
            places.TryAdd(location.Address, free);
        }
        return [.. found.DistinctBy(location => location.Address)
            .Select(location => new PeerLocation(
                places[location.Address], location.Address, location.Priority, location.Weight))
            .OrderBy(location => location.Slot)];
    }

    internal static IPEndPoint EndPoint(TransportAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPEndPoint(new IPAddress(bytes[..address.WriteAddressBytes(bytes)]), address.Port);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach ((_, CancellationTokenSource stop) in _names.Values) stop.Cancel();
            _names.Clear();
        }
    }
}
