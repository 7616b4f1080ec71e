using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>New requests in a realm with `authenticate: true`.</summary>
public class CallerAuthenticationTests() : RegisterLadder(edge: "authenticate: true")
{
    [Fact]
    public void A_call_needs_credentials_which_go_no_further()
    {
        Registers("Contact: <sip:bob@203.0.113.66>", user: "bob", host: "mallory");
        Ladder.Run(Call("alice", "F1", ""));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 407 Proxy Authentication Required",
            "Proxy-Authenticate: Digest realm=\"example.net\", nonce=\"{proxynonce}\", algorithm=SHA-256, *\n" +
            "Proxy-Authenticate: Digest realm=\"example.net\", nonce=\"{proxynonce}\", algorithm=MD5, *"));
        Ladder.Set("nonce", Ladder.Value("proxynonce"));
        string credentials = Credentials("alice", PasswordOf("alice"), "example.net", "INVITE", 1);
        Ladder.Run(Call("alice", "F3", $"Proxy-Authorization: {credentials}\n" +
            "  Proxy-Authorization: Digest username=\"alice\", realm=\"elsewhere\", nonce=\"n\", uri=\"sip:x\", " +
            "response=\"00000000000000000000000000000000\""));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("mallory", "box", "F4", "INVITE sip:bob@203.0.113.66 SIP/2.0",
            "Proxy-Authorization: *realm=\"elsewhere\"*\n!Proxy-Authorization"));
    }

    [Theory]
    [InlineData("bob", "")]
    [InlineData("alice", "P-Preferred-Identity: <sip:bob@example.net>")]
    public void Nobody_calls_under_another_name(string from, string more)
    {
        Challenge();
        string credentials = Credentials("alice", PasswordOf("alice"), "example.net", "INVITE", 1);
        Ladder.Run(Call(from, "F1", $"Proxy-Authorization: {credentials}\n  {more}"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 403 Forbidden"));
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody", "wrong")]
    public void A_wrong_password_is_challenged_again_and_counted(string user, string password)
    {
        Challenge();
        string credentials = Credentials(user, password, "example.net", "INVITE", 1);
        Ladder.Run(Call(user, "F1", $"Proxy-Authorization: {credentials}"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 407 *", "Proxy-Authenticate: *qop=\"auth,auth-int\""));
        Assert.Equal(1, Box.Workers.Signalling.Sum(worker => worker.Counters.AuthFailures(0)));
    }

    [Fact]
    public void Every_request_needs_them()
    {
        Registers("Contact: <sip:bob@203.0.113.66>", user: "bob", host: "mallory");
        Ladder.Run("""
            mallory -> box: K
              MESSAGE sip:bob@example.net SIP/2.0
              Via: SIP/2.0/UDP {mallory};rport;branch=z9hG4bKk
              Max-Forwards: 70
              From: <sip:x@example.com>;tag=1
              To: <sip:bob@example.net>
              Call-ID: k
              CSeq: 1 MESSAGE
            """);
        Ladder.Run(Expect("mallory", "box", "K2", "SIP/2.0 407 *"));
    }

    private static string Call(string user, string label, string lines) => $$"""
        alice -> box: {{label}} INVITE
          INVITE sip:bob@example.net SIP/2.0
          Via: SIP/2.0/UDP {alice};rport;branch=z9hG4bK{+invite}
          Max-Forwards: 70
          From: <sip:{{user}}@example.net>;tag={+from}
          To: <sip:bob@example.net>
          Call-ID: {+call}
          CSeq: 1 INVITE
          Contact: <sip:alice@{alice}>
          {{lines}}
        """;
}
