using System.Text;
using Sbc.Sip.Authentication;
using Sbc.Tests.Engine.Calls;
using Xunit;

namespace Sbc.Tests.Engine.Trunks;

/// <summary>A peer that the box has credentials for: its challenges are the box's matter (RFC 3261 22).</summary>
public class TrunkTests : CallLadder
{
    private const string Challenge = "Digest realm=\"carrier\", nonce=\"one\", qop=\"auth\", algorithm=SHA-256";

    public TrunkTests()
    {
        Publish("auth: {user: acme, password: secret}");
    }

    [Fact]
    public void The_INVITE_goes_again_with_credentials_and_all_that_follows_has_them_at_once()
    {
        Begin();
        Challenged("F2", "407 Who", $"Proxy-Authenticate: {Challenge}");
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE sip:bob@{proxy.host} SIP/2.0",
            "CSeq: 2 INVITE\nTo: <sip:bob@{proxy.host}>\nProxy-Authorization: {auth}"));
        AssertRight("auth", "INVITE", 1);
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "CSeq: 1 INVITE"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *",
            "CSeq: 2 ACK\nProxy-Authorization: {auth}"));
        Ladder.Run(FromAlice("BYE", "H1", 2) + "\n" +
            Expect("proxy", "core", "H2", "BYE *", "CSeq: 3 BYE\nProxy-Authorization: {bye}"));
        AssertRight("bye", "BYE", 2);
        Ladder.Run(Response("proxy", "core", "H2", "200 OK", "H3") + "\n" +
            Expect("alice", "box", "H4", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_BYE_and_an_INFO_are_answered_too_and_who_sent_them_hears_nothing_of_it()
    {
        Establish();
        Ladder.Run(FromAlice("INFO", "I1", 2) + "\n" + Expect("proxy", "core", "I2", "INFO *", "CSeq: 2 INFO"));
        Ladder.Run(Response("proxy", "core", "I2", "401 Who", "X", "", $"WWW-Authenticate: {Challenge}"));
        Ladder.Run(Expect("proxy", "core", "I3", "INFO *", "CSeq: 3 INFO\nAuthorization: {auth}"));
        AssertRight("auth", "INFO", 1);
        Ladder.Run(Response("proxy", "core", "I3", "200 OK", "I4") + "\n" +
            Expect("alice", "box", "I5", "SIP/2.0 200 *", "CSeq: 2 INFO"));
        Ladder.Run(FromAlice("BYE", "H1", 3) + "\n" +
            Expect("proxy", "core", "H2", "BYE *", "CSeq: 4 BYE\nAuthorization: {bye}"));
        AssertRight("bye", "BYE", 2);
        Ladder.Run(Response("proxy", "core", "H2", "401 Stale", "X", "",
            "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"two\", qop=\"auth\", algorithm=SHA-256, stale=true"));
        Ladder.Run(Expect("proxy", "core", "H3", "BYE *", "CSeq: 5 BYE\nAuthorization: {again}"));
        AssertRight("again", "BYE", 1);
        Ladder.Run(Response("proxy", "core", "H3", "200 OK", "H4") + "\n" +
            Expect("alice", "box", "H5", "SIP/2.0 200 *", "CSeq: 3 BYE"));
        AssertEmpty();
    }

    [Fact]
    public void Credentials_that_are_refused_are_not_tried_twice()
    {
        Begin();
        Challenged("F2", "407 Who", $"Proxy-Authenticate: {Challenge}");
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "CSeq: 2 INVITE"));
        Challenged("F2", "407 Wrong", "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"two\", qop=\"auth\"");
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 407 *") + "\nproxy <- core: nothing within 100 ms");
        AssertEmpty();
    }

    [Fact]
    public void Stale_nonces_are_followed_and_not_for_ever()
    {
        Begin();
        for (int i = 0; i < 4; i++)
        {
            Challenged("F2", "401 Stale",
                $"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"n{i}\", stale=true");
            if (i < 3) Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", $"CSeq: {i + 2} INVITE"));
        }
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 401 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_proxy_and_who_is_behind_it_may_both_ask()
    {
        Begin();
        Challenged("F2", "407 Who", $"Proxy-Authenticate: {Challenge}");
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "CSeq: 2 INVITE"));
        Challenged("F2", "401 Who", $"WWW-Authenticate: {Challenge.Replace("one", "two", StringComparison.Ordinal)}");
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *",
            "CSeq: 3 INVITE\nAuthorization: {auth}\nProxy-Authorization: *nc=00000002*"));
        AssertRight("auth", "INVITE", 1);
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy", "X", "b") + "\n" +
            Expect("proxy", "core", "ACK", "ACK *") + "\n" + Expect("alice", "box", "F5", "SIP/2.0 486 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_realm_that_is_not_the_peers_is_the_callers_matter()
    {
        Publish("auth: {user: acme, password: secret, realm: carrier}");
        Begin();
        Challenged("F2", "401 Who", "WWW-Authenticate: Digest realm=\"elsewhere\", nonce=\"n\"");
        Ladder.Run(Expect("alice", "box", "F5", "SIP/2.0 401 *",
            "WWW-Authenticate: Digest realm=\"elsewhere\", nonce=\"n\""));
        Ladder.Run("proxy <- core: nothing within 100 ms");
        AssertEmpty();
    }

    [Fact]
    public void A_call_that_is_cancelled_meanwhile_is_not_tried_again()
    {
        Begin();
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", "b") + "\n" +
            Expect("alice", "box", "R", "SIP/2.0 180 *"));
        Ladder.Run("""
            alice -> box: C0 CANCEL
              CANCEL sip:bob@{box} SIP/2.0
              Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{invite}
              Max-Forwards: 70
              [F1 From To Call-ID]
              CSeq: 1 CANCEL
            alice <- box: C00
              SIP/2.0 200 *
            alice <- box: F5
              SIP/2.0 487 *
            """);
        Ladder.Run(Expect("proxy", "core", "C1", "CANCEL *"));
        Challenged("F2", "407 Who", $"Proxy-Authenticate: {Challenge}");
        Ladder.Run("proxy <- core: nothing within 100 ms");
        Ladder.Run(Response("proxy", "core", "C1", "200 OK", "C2"));
        AssertEmpty();
    }

    private void Publish(string auth)
    {
        Box.Publish(Yaml(OneProxy).Replace(
            "uri: \"sip:10.0.0.21:5060\"", $"uri: \"sip:10.0.0.21:5060\", {auth}", StringComparison.Ordinal));
        Simulator.RunFor(10);
    }

    private void Begin()
    {
        Ladder.Run(Invite() + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "CSeq: 1 INVITE\n!Proxy-Authorization"));
    }

    private void Challenged(string request, string status, string challenge) => Ladder.Run(
        Response("proxy", "core", request, status, "X", "x", challenge) + "\n" +
        Expect("proxy", "core", "ACK", "ACK *"));

    private void AssertRight(string name, string method, uint count)
    {
        Span<byte> hashed = stackalloc byte[32];
        Assert.True(DigestCredentials.TryParse(
            Encoding.ASCII.GetBytes(Ladder.Value(name)), out DigestCredentials credentials));
        Assert.True(Digest.TryHashUser(DigestAlgorithm.Sha256, "acme"u8, "carrier"u8, "secret"u8, hashed));
        Assert.True(Digest.Matches(credentials, hashed, Encoding.ASCII.GetBytes(method), default));
        Assert.Equal(count, credentials.NonceCount);
    }
}
