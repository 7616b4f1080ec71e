using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Sbc.Runtime;

namespace Sbc.Network.Dns;

/// <summary>NAPTR, SRV, A and AAAA in the order of RFC 3263 4. No cache: who asks keeps the answer.</summary>
public sealed class LocationResolver
{
    /// <summary>Addresses of one name: a farm has some, an attack or a mistake has more.</summary>
    public const int LocationsMax = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>The time that "there is no such record" is believed where nothing says one.</summary>
    private static readonly TimeSpan NothingFor = TimeSpan.FromSeconds(30);

    private readonly LookupClient _client;

    /// <param name="servers">Empty: those of the system.</param>
    public LocationResolver(IReadOnlyList<IPEndPoint> servers)
    {
        LookupClientOptions options = servers.Count == 0
            ? new LookupClientOptions()
            : new LookupClientOptions([.. servers]);
        options.UseCache = false;
        options.Timeout = Timeout;
        options.Retries = 2;
        options.ThrowDnsErrors = false;
        // A name is what the operator wrote: search domains would make it another one.
        _client = new LookupClient(options);
    }

    /// <exception cref="DnsResponseException">No server answered, or it failed; not: there is no such name.</exception>
    public async Task<LocationAnswer> ResolveAsync(LocationQuery query, CancellationToken stop)
    {
        if (query.Port != 0) return await AddressesAsync(query, query.Name, query.Port, 0, 1, stop);
        string? service = query.SrvPrefix is null ? query.Name : null;
        TimeSpan life = TimeSpan.MaxValue;
        if (service is null && query.NaptrService is not null)
        {
            IDnsQueryResponse naptr = await AskAsync(query.Name, QueryType.NAPTR, stop);
            NAPtrRecord? record = naptr.Answers.OfType<NAPtrRecord>()
                .Where(r => string.Equals(r.Services, query.NaptrService, StringComparison.OrdinalIgnoreCase)
                    && string.Equals(r.Flags, "s", StringComparison.OrdinalIgnoreCase))
                .OrderBy(r => r.Order).ThenBy(r => r.Preference).FirstOrDefault();
            service = record?.Replacement.Value;
            if (record is not null) life = Shorter(life, record);
        }
        service ??= $"{query.SrvPrefix}.{query.Name}";
        IDnsQueryResponse answer = await AskAsync(service, QueryType.SRV, stop);
        SrvRecord[] targets = [.. answer.Answers.OfType<SrvRecord>()];
        if (targets.Length == 0)
        {
            return query.SrvPrefix is null
                ? new LocationAnswer([], NothingFor)
                : await AddressesAsync(query, query.Name, query.Default, 0, 1, stop);
        }
        var locations = new List<Location>();
        foreach (SrvRecord target in targets.OrderBy(t => t.Priority).ThenByDescending(t => t.Weight))
        {
            life = Shorter(life, target);
            // A target of "." says that the service is not there (RFC 2782).
            if (target.Target.Value == ".") continue;
            LocationAnswer one = await AddressesAsync(
                query, target.Target.Value, target.Port, target.Priority, Math.Max((int)target.Weight, 1), stop);
            locations.AddRange(one.Locations);
            life = one.TimeToLive < life ? one.TimeToLive : life;
            if (locations.Count >= LocationsMax) break;
        }
        return new LocationAnswer([.. locations.Take(LocationsMax)], life);
    }

    private async Task<LocationAnswer> AddressesAsync(
        LocationQuery query, string name, int port, int priority, int weight, CancellationToken stop)
    {
        var records = new List<AddressRecord>();
        if (query.IPv4) records.AddRange((await AskAsync(name, QueryType.A, stop)).Answers.OfType<ARecord>());
        if (query.IPv6) records.AddRange((await AskAsync(name, QueryType.AAAA, stop)).Answers.OfType<AaaaRecord>());
        if (records.Count == 0) return new LocationAnswer([], NothingFor);
        TimeSpan life = records.Aggregate(TimeSpan.MaxValue, Shorter);
        return new LocationAnswer(
            [.. records.Select(record => TransportAddress.FromBytes(record.Address.GetAddressBytes(), port)).Distinct()
                .Order(Comparer<TransportAddress>.Create((a, b) => (a.High, a.Low).CompareTo((b.High, b.Low))))
                .Take(LocationsMax).Select(address => new Location(address, priority, weight))],
            life);
    }

    private async Task<IDnsQueryResponse> AskAsync(string name, QueryType type, CancellationToken stop)
    {
        IDnsQueryResponse response = await _client.QueryAsync(name, type, QueryClass.IN, stop);
        DnsHeaderResponseCode code = response.Header.ResponseCode;
        // That a name does not exist is an answer; that a server failed is none, and the last good one stays.
        if (code is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain) return response;
        throw new DnsResponseException((DnsResponseCode)(int)code);
    }

    private static TimeSpan Shorter(TimeSpan life, DnsResourceRecord record)
    {
        TimeSpan own = TimeSpan.FromSeconds(record.InitialTimeToLive);
        return own < life ? own : life;
    }
}
