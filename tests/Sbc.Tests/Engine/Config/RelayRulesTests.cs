using Sbc.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Config;

/// <summary>Rules of <c>registrar: {mode: relay}</c>.</summary>
public class RelayRulesTests
{
    private static readonly RegistrarConfig Good = new()
    {
        Mode = RegistrarMode.Relay, To = "farm", Domains = ["example.net"],
    };

    private static readonly SbcConfig Box = new()
    {
        Realms =
        [
            new RealmConfig
            {
                Name = "core", Trust = RealmTrust.Trusted,
                Listen =
                [
                    new ListenConfig { Transport = SipTransport.Udp, Address = FixedFacts.Address("10.0.0.10", 5060) },
                ],
            },
        ],
        Peers = [Peer("one", "sip:10.0.0.21")],
        Groups = [new GroupConfig { Name = "farm", Peers = [new GroupPeerConfig { Peer = "one" }] }],
    };

    [Fact]
    public void A_good_one_has_no_problem() => Assert.Empty(Problems(Good));

    public static TheoryData<RegistrarConfig, string> Bad => new()
    {
        { Good with { To = null }, "registrar.to: mode: relay needs the peer or group" },
        { Good with { To = "form" }, "registrar.to: there is no peer or group \"form\"" },
        { Good with { Domains = [] }, "registrar.domains" },
        { Good with { RegistrationsPerSecond = 0 }, "registrar.registrations_per_second" },
        { Good with { RegistrarExpiresSeconds = 59 }, "registrar.registrar_expires_seconds" },
        { Good with { RegistrarExpiresSeconds = 600 }, "less than ten of the phones' own" },
        { Good with { Users = [new RegistrarUserConfig { User = "a" }] }, "the users are the core registrar's" },
        { Good with { Authenticate = false }, "registrar.authenticate: the core registrar asks" },
        { Good with { Mode = RegistrarMode.Local }, "registrar.to: a registrar of its own sends nothing on" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_cannot_be_meant_is_said(RegistrarConfig registrar, string expected) =>
        Assert.Contains(Problems(registrar), problem => problem.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void A_realm_that_authenticates_has_no_way_around_it()
    {
        SbcConfig box = Box with
        {
            Realms = [Box.Realms[0] with { Authenticate = true }],
            Registrar = new RegistrarConfig { Domains = ["example.net"], Users = [new RegistrarUserConfig
                { User = "a", Password = new Secret("b") }] },
            Groups = [Box.Groups[0] with { Balance = BalanceMethod.CallIdHash }],
            Routes = [new RouteConfig
            {
                Name = "r", From = "core", Mode = RouteMode.Forward, To = RouteTarget.Named(["farm"]),
            }],
        };
        Assert.Contains(ConfigValidator.Validate(box, new FixedFacts()), problem =>
            problem.Path == "routes[0].mode" && problem.Message.Contains("asks nobody", StringComparison.Ordinal));
    }

    private static PeerConfig Peer(string name, string text)
    {
        Assert.True(PeerUri.TryParse(text, out PeerUri? uri, out string error), error);
        return new PeerConfig { Name = name, Realm = "core", Uri = uri };
    }

    private static string[] Problems(RegistrarConfig registrar) =>
        [.. ConfigValidator.Validate(Box with { Registrar = registrar }, new FixedFacts())
            .Select(problem => $"{problem.Path}: {problem.Message}")];
}
