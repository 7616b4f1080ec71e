using Sbc.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Config;

public class DefaultsTests
{
    [Theory]
    [InlineData(RealmTrust.Untrusted, NatMode.Auto, AnswerOptions.Known, Latching.Signalling, true)]
    [InlineData(RealmTrust.Trusted, NatMode.Off, AnswerOptions.All, Latching.Strict, false)]
    public void What_a_realm_does_by_default_follows_its_trust(
        RealmTrust trust, NatMode nat, AnswerOptions options, Latching latching, bool limited)
    {
        var realm = new RealmConfig { Name = "edge", Trust = trust, Media = new RealmMediaConfig() };
        Assert.Equal(nat, realm.Nat);
        Assert.Equal(options, realm.AnswerOptions);
        Assert.Equal(latching, realm.Latching);
        Assert.Equal(limited, realm.LimitsInForce is not null);
    }

    [Fact]
    public void What_is_written_wins_over_the_default()
    {
        var realm = new RealmConfig
        {
            Name = "edge",
            Nat = NatMode.Off,
            AnswerOptions = AnswerOptions.None,
            Media = new RealmMediaConfig { Latching = Latching.Open },
            Trust = RealmTrust.Untrusted,
        };
        Assert.Equal(NatMode.Off, realm.Nat);
        Assert.Equal(AnswerOptions.None, realm.AnswerOptions);
        Assert.Equal(Latching.Open, realm.Latching);
    }

    [Theory]
    [InlineData(null, "192.0.2.10", "192.0.2.10")]
    [InlineData("203.0.113.5", "192.0.2.10", "203.0.113.5")]
    [InlineData("sip.example.net", "2001:db8::10", "sip.example.net")]
    [InlineData("203.0.113.5", "2001:db8::10", "[2001:db8::10]")]
    [InlineData(null, "2001:db8::10", "[2001:db8::10]")]
    public void Messages_carry_the_advertised_host_of_the_same_family(string? advertise, string listen, string expected)
    {
        SipHost? host = null;
        if (advertise is not null) Assert.True(SipHost.TryParse(advertise, out host));
        var realm = new RealmConfig { Name = "edge", Advertise = host };
        var listener = new ListenConfig { Transport = SipTransport.Udp, Address = FixedFacts.Address(listen, 5060) };
        Assert.Equal(expected, realm.HostWritten(listener));
    }

    [Fact]
    public void A_peer_without_sources_is_recognised_by_the_address_of_its_uri()
    {
        Assert.True(PeerUri.TryParse("sip:198.51.100.7", out PeerUri? uri, out _));
        var peer = new PeerConfig { Name = "carrier", Realm = "edge", Uri = uri };
        Assert.Equal("198.51.100.7/32", Assert.Single(peer.SourcesInForce).ToString());
    }

    [Fact]
    public void Sdp_names_the_advertised_address_of_the_same_family()
    {
        var media = new RealmMediaConfig
        {
            Addresses = [FixedFacts.Address("192.0.2.10"), FixedFacts.Address("2001:db8::10")],
            Advertise = [FixedFacts.Address("203.0.113.5")],
        };
        Assert.Equal("203.0.113.5:0", media.Advertised(media.Addresses[0]).ToString());
        Assert.Equal("[2001:db8::10]:0", media.Advertised(media.Addresses[1]).ToString());
    }

    [Fact]
    public void A_secret_does_not_show_itself() =>
        Assert.DoesNotContain("hunter2", new PeerAuthConfig { User = "a",
            Password = new Secret("hunter2") }.ToString());
}
