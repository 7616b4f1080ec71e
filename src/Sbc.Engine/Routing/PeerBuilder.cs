using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Compiles peers: one for each address, so that each address of a name has a health of its own.</summary>
/// <param name="rows">Of the shared cells.</param>
/// <param name="realms">Compiled.</param>
/// <param name="locations">By name of the peer, or of the group with `srv`: what DNS says; absent: nothing yet.</param>
internal sealed class PeerBuilder(
    NameRows rows, Realm[] realms, IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>> locations)
{
    public IEnumerable<Peer> Build(PeerConfig config)
    {
        if (config.Uri!.Address is { } address)
        {
            // Without `source` it is its address with any port; one with its very port is preferred (CONFIG).
            yield return Build(config, new PeerLocation(0, address, 0, 1), HostPort(address));
            yield break;
        }
        string port = config.Uri.PortWritten ? $":{config.Uri.Port}" : "";
        byte[] hostPort = Encoding.ASCII.GetBytes($"{config.Uri.Host.Text}{port}");
        foreach (PeerLocation location in locations.GetValueOrDefault(config.Name, []))
            yield return Build(config, location, hostPort);
    }

    /// <summary>The targets of an SRV record: peers of the group that nobody wrote down.</summary>
    public IEnumerable<Peer> Build(GroupConfig group)
    {
        if (group.Srv is null) yield break;
        var config = new PeerConfig { Name = group.Name, Realm = group.Realm ?? "" };
        foreach (PeerLocation location in locations.GetValueOrDefault(group.Name, []))
            yield return Build(config, location, HostPort(location.Address));
    }

    private Peer Build(PeerConfig config, in PeerLocation location, byte[] hostPort)
    {
        Realm realm = realms.First(r => r.Name == config.Realm);
        TransportAddress address = location.Address;
        string name = location.Slot == 0 ? config.Name : $"{config.Name}:{location.Slot + 1}";
        var limits = new CallLimits(config.CallsMax ?? 0, config.CallsPerSecond ?? 0);
        return new Peer
        {
            Id = SnapshotBuilder.Row(rows, name),
            Name = name,
            ConfiguredName = config.Name,
            Realm = realm,
            Listener = realm.ListenerFor(address) ?? realm.Listeners[0],
            Address = address,
            HostPort = hostPort,
            Priority = location.Priority,
            Weight = location.Weight,
            Trusted = config.Trust is { } trust ? trust == RealmTrust.Trusted : realm.Trusted,
            Auth = config.Auth is { } auth ? Build(auth) : null,
            Limits = limits,
            Named = config.Uri?.Address is null && !limits.IsNone ? SnapshotBuilder.Row(rows, config.Name) : -1,
            Sources = config.Source.Count == 0
                ? [new SourcePrefix(address.WithPort(0), address.IsIPv4 ? 32 : 128, address.Port),
                   new SourcePrefix(address.WithPort(0), address.IsIPv4 ? 32 : 128, 0)]
                : [.. config.Source.Select(source => new SourcePrefix(source.Address, source.Length, 0))],
        };
    }

    private static PeerAuth Build(PeerAuthConfig config) => new()
    {
        User = Encoding.UTF8.GetBytes(config.User),
        Password = Encoding.UTF8.GetBytes(config.Password!.Value),
        Realm = Encoding.UTF8.GetBytes(config.Realm ?? ""),
        Registers = config.Register,
        ExpiresSeconds = config.ExpiresSeconds,
    };

    private static byte[] HostPort(TransportAddress address)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        return text[..HostMap.WriteTarget(address, text)].ToArray();
    }
}
