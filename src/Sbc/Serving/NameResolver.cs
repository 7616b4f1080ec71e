using System.Net;
using DnsClient;
using Sbc.Engine;
using Sbc.Engine.Calls;
using Sbc.Engine.Routing;
using Sbc.Network.Dns;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>Asks DNS for names that requests carry, a task for each question.</summary>
public sealed class NameResolver : INameResolver
{
    /// <summary>A name with a longer life is asked again all the same: mistakes have long lives.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromHours(1);

    /// <summary>Of a name that DNS could not say anything about: long enough to spare a server that is ill.</summary>
    private const long FailedMilliseconds = 2000;

    private readonly Func<IReadOnlyList<TransportAddress>> _servers;
    private readonly Lock _gate = new();
    private IReadOnlyList<TransportAddress>? _asked;
    private LocationResolver? _resolver;
    private int _open;

    /// <param name="servers">Those of the configuration that is served; none: the system's.</param>
    public NameResolver(Func<IReadOnlyList<TransportAddress>> servers) => _servers = servers;

    public bool TryAsk(NameQuestion question, Action<NameAnswer> answer)
    {
        if (Interlocked.Increment(ref _open) > Limits.NameQuestionsMax)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }
        // Off the worker, from the first instruction on.
        _ = Task.Run(() => AskAsync(question, answer));
        return true;
    }

    private async Task AskAsync(NameQuestion question, Action<NameAnswer> answer)
    {
        var found = new NameAnswer(question.Key, true, [], FailedMilliseconds);
        using var late = new CancellationTokenSource(Limits.NameAnswerMilliseconds);
        try
        {
            var query = new LocationQuery(
                question.Host, question.Port, 5060, "SIP+D2U", "_sip._udp", question.IPv4, question.IPv6);
            LocationAnswer said = await Resolver().ResolveAsync(query, late.Token).WaitAsync(late.Token);
            TimeSpan life = said.TimeToLive < LifeMax ? said.TimeToLive : LifeMax;
            found = new NameAnswer(
                question.Key, false,
                [.. said.Locations.Select((l, i) => new PeerLocation(i, l.Address, l.Priority, l.Weight))],
                (long)life.TotalMilliseconds);
        }
        catch (Exception broken) when (broken is DnsResponseException or OperationCanceledException
            or ArgumentException or InvalidOperationException)
        {
            // Nobody answered in time, or what a stranger wrote is no name that DNS can be asked for.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            answer(found);
        }
    }

    private LocationResolver Resolver()
    {
        lock (_gate)
        {
            IReadOnlyList<TransportAddress> servers = _servers();
            if (_resolver is null || !servers.SequenceEqual(_asked!))
            {
                _asked = servers;
                _resolver = new LocationResolver([.. servers.Select(PeerLocations.EndPoint)]);
            }
            return _resolver;
        }
    }
}
