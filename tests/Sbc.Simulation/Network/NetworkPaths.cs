using System.Globalization;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Which network a host is on, and what happens to a datagram between two of them.</summary>
/// <remarks>A path within one network has its profile once; between two it has both, one after the other.</remarks>
internal sealed class NetworkPaths(Xoshiro random)
{
    private static readonly (string Name, NetworkProfile Profile) Default = ("", NetworkProfile.Perfect);

    private readonly List<(TransportAddress Prefix, int Length, string Name, NetworkProfile Profile)> _networks = [];
    private readonly Dictionary<TransportAddress, (string Name, NetworkProfile Profile)> _byHost = [];
    private readonly Dictionary<(TransportAddress, TransportAddress), long> _lastArrival = [];

    public void Add(string name, NetworkProfile profile, string prefix)
    {
        int slash = prefix.IndexOf('/');
        Check.That(slash > 0);
        bool parsed = TransportAddress.TryParseHost(
            Encoding.ASCII.GetBytes(prefix[..slash]), 0, out TransportAddress address);
        Check.That(parsed);
        _networks.Add((address, int.Parse(prefix.AsSpan(slash + 1), CultureInfo.InvariantCulture), name, profile));
        _networks.Sort((a, b) => b.Length.CompareTo(a.Length));
        _byHost.Clear();
    }

    public (string Name, NetworkProfile Profile) NetworkOf(in TransportAddress host)
    {
        TransportAddress key = host.WithPort(0);
        if (_byHost.TryGetValue(key, out (string Name, NetworkProfile Profile) found)) return found;
        found = Default;
        foreach ((TransportAddress prefix, int length, string name, NetworkProfile profile) in _networks)
        {
            if (!key.InPrefix(prefix, length)) continue;
            found = (name, profile);
            break;
        }
        _byHost[key] = found;
        return found;
    }

    public bool AllInOrder => _networks.TrueForAll(network => network.Profile.InOrder);

    public bool IsInOrder(in TransportAddress from, in TransportAddress to) =>
        NetworkOf(from).Profile.InOrder && NetworkOf(to).Profile.InOrder;

    public bool DrawLoss(in TransportAddress from, in TransportAddress to)
    {
        (NetworkProfile first, NetworkProfile? second) = Between(from, to);
        return random.Chance(first.Loss) || (second != null && random.Chance(second.Loss));
    }

    public bool DrawDuplicate(in TransportAddress from, in TransportAddress to)
    {
        (NetworkProfile first, NetworkProfile? second) = Between(from, to);
        return random.Chance(first.Duplication) || (second != null && random.Chance(second.Duplication));
    }

    /// <summary>Microseconds until it arrives: not before an earlier one of its path, unless reordered.</summary>
    public long DrawDelay(in TransportAddress from, in TransportAddress to, Instant now)
    {
        (NetworkProfile first, NetworkProfile? second) = Between(from, to);
        long delay = Delay(first) + (second == null ? 0 : Delay(second));
        if (first.JitterMicroseconds == 0 && second is null or { JitterMicroseconds: 0 }) return delay;
        if (random.Chance(first.Reordering)) return delay + random.Between(0, first.ReorderingMicroseconds);
        long arrival = now.Microseconds + delay;
        if (_lastArrival.TryGetValue((from, to), out long last) && last > arrival) arrival = last;
        _lastArrival[(from, to)] = arrival;
        return arrival - now.Microseconds;
    }

    private (NetworkProfile First, NetworkProfile? Second) Between(in TransportAddress from, in TransportAddress to)
    {
        (string name, NetworkProfile first) = NetworkOf(from);
        (string otherName, NetworkProfile second) = NetworkOf(to);
        return (first, name == otherName ? null : second);
    }

    private long Delay(NetworkProfile profile) =>
        profile.DelayMicroseconds + random.Between(0, profile.JitterMicroseconds);
}
