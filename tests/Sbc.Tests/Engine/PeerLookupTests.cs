using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine;

public sealed class PeerLookupTests
{
    private static readonly PeerLookup Lookup = Build(
        ("wide", "edge", "198.51.100.1", 5060, "10.0.0.0/8"),
        ("narrow", "edge", "198.51.100.2", 5060, "10.1.0.0/16"),
        ("host", "edge", "198.51.100.3", 5060, "10.1.0.3/32"),
        ("first", "edge", "192.0.2.50", 5060, null),
        ("second", "edge", "192.0.2.50", 5070, null),
        ("inside", "core", "192.0.2.50", 5060, null),
        ("six", "edge", "2001:db8::5", 5060, null));

    [Theory]
    [InlineData(0, "10.2.0.3", 1, "wide")]
    [InlineData(0, "10.1.0.4", 1, "narrow")]
    [InlineData(0, "10.1.0.3", 1, "host")]
    [InlineData(0, "192.0.2.50", 5060, "first")]
    [InlineData(0, "192.0.2.50", 5070, "second")]
    [InlineData(0, "192.0.2.50", 4444, "first")]
    [InlineData(1, "192.0.2.50", 5070, "inside")]
    [InlineData(0, "2001:db8::5", 9, "six")]
    [InlineData(0, "2001:db8::6", 5060, null)]
    [InlineData(1, "10.1.0.3", 5060, null)]
    public void Longest_prefix_then_very_port_then_order_decide(int realm, string host, int port, string? peer) =>
        Assert.Equal(peer, Lookup.Find(realm, FixedFacts.Address(host, port))?.Name);

    private static PeerLookup Build(params (string Name, string Realm, string Host, int Port, string? Source)[] peers)
    {
        var config = new SbcConfig
        {
            Realms = [Realm("edge", "192.0.2.10"), Realm("core", "10.0.0.10")],
            Peers = [.. peers.Select(peer => new PeerConfig
            {
                Name = peer.Name,
                Realm = peer.Realm,
                Uri = new PeerUri
                {
                    Host = SipHost.Of(FixedFacts.Address(peer.Host)), Port = peer.Port, PortWritten = true,
                    Transport = SipTransport.Udp,
                },
                Source = peer.Source is null ? [] : [Prefix(peer.Source)],
            })],
        };
        return new SnapshotBuilder()
            .Build(config, [FixedFacts.Address("192.0.2.10", 5060), FixedFacts.Address("10.0.0.10", 5060)]).PeerLookup;
    }

    private static RealmConfig Realm(string name, string address) => new()
    {
        Name = name,
        Listen = [new ListenConfig { Transport = SipTransport.Udp, Address = FixedFacts.Address(address, 5060) }],
    };

    private static IPPrefix Prefix(string text)
    {
        Assert.True(IPPrefix.TryParse(text, out IPPrefix prefix, out string error), error);
        return prefix;
    }
}
