using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>What a call of the core tells the edge of its caller (RFC 3323, RFC 3325).</summary>
public class PrivacyTests : CallLadder
{
    [Theory]
    [InlineData("id")]
    [InlineData("header;id")]
    [InlineData("critical; ID ;session")]
    public void An_identity_that_is_to_be_kept_is_not_told_to_strangers(string privacy)
    {
        Call($"Privacy: {privacy}");
        Ladder.Run(Expect("alice", "box", "P2", "INVITE sip:alice@{alice} *",
            "!P-Asserted-Identity\n!Remote-Party-ID\nFrom: \"Bob\" *"));
    }

    [Theory]
    [InlineData("Privacy: none\n")]
    [InlineData("")]
    public void An_identity_without_a_wish_is_told(string privacy)
    {
        Call(privacy + "Subject: lunch");
        Ladder.Run(Expect("alice", "box", "P2", "INVITE sip:alice@{alice} *",
            "P-Asserted-Identity: <sip:bob@{box.host}>\nFrom: \"Bob\" <sip:bob@{box.host}>;tag=*\nSubject: lunch"));
    }

    [Fact]
    public void A_user_who_is_to_be_private_is_anonymous_in_the_whole_dialog()
    {
        Call("""
            Privacy: id;user
            Subject: lunch
            Organization: Secret
            Reply-To: <sip:bob@{proxy.host}>
            Call-Info: <http://example.com/bob.jpg>;purpose=icon
            In-Reply-To: a@b
            User-Agent: Phone of Bob
            """);
        const string Anonymous = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag={egress}";
        Ladder.Run(Expect("alice", "box", "P2", "INVITE sip:alice@{alice} *", Anonymous + "\n!Subject\n" +
            "!Organization\n!Reply-To\n!Call-Info\n!In-Reply-To\n!User-Agent\n!P-Asserted-Identity"));
        Ladder.Run(Response("alice", "box", "P2", "200 OK", "P3", "a", "Contact: <sip:alice@{alice}>") + "\n" +
            Expect("proxy", "core", "P4", "SIP/2.0 200 *", "From: \"Bob\" <sip:bob@{proxy.host}>;tag={from}"));
        Ladder.Run(InDialog("ACK", 1) + "\n" + Expect("alice", "box", "P6", "ACK *", Anonymous));
        Ladder.Run(InDialog("BYE", 2) + "\n" + Expect("alice", "box", "P8", "BYE *", Anonymous));
        Ladder.Run(Response("alice", "box", "P8", "200 OK", "P9") + "\n" +
            Expect("proxy", "core", "P10", "SIP/2.0 200 *"));
        AssertEmpty();
    }

    [Theory]
    [InlineData("history", "!History-Info")]
    [InlineData("header", "!History-Info")]
    [InlineData("id", "History-Info: *")]
    [InlineData("user", "!P-Asserted-Identity")]
    public void A_history_that_is_to_be_kept_is_not_told(string privacy, string expected)
    {
        Call($"Privacy: {privacy}\nHistory-Info: <sip:boss@{{proxy.host}}>;index=1");
        Ladder.Run(Expect("alice", "box", "P2", "INVITE sip:alice@{alice} *", expected));
    }

    [Theory]
    [InlineData("Diversion", "full", "!Diversion")]
    [InlineData("Diversion", "off", "Diversion: *")]
    [InlineData("Remote-Party-ID", "\"full\"", "!Remote-Party-ID")]
    [InlineData("Remote-Party-ID", "uri", "!Remote-Party-ID")]
    [InlineData("Remote-Party-ID", "off", "Remote-Party-ID: *")]
    public void A_party_may_be_private_by_itself(string name, string privacy, string expected)
    {
        Call($"{name}: <sip:x@{{proxy.host}}>, <sip:boss@{{proxy.host}}>;party=calling;privacy={privacy}");
        Ladder.Run(Expect("alice", "box", "P2", "INVITE sip:alice@{alice} *", expected));
    }

    [Fact]
    public void The_core_hears_who_a_private_user_is()
    {
        Ladder.Run(Invite("Privacy: user\nSubject: lunch") + "\n" +
            Expect("proxy", "core", "F2", "INVITE *", "From: \"Alice\" *\nSubject: lunch"));
    }

    private void Call(string more) => Ladder.Run("""
        proxy -> core: P1 INVITE
          INVITE sip:alice@{alice} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bK{+invite}
          Max-Forwards: 70
          From: "Bob" <sip:bob@{proxy.host}>;tag={+from}
          To: <sip:alice@{core.host}>
          Call-ID: {+call}@{proxy.host}
          CSeq: 1 INVITE
          Contact: <sip:bob@{proxy}>
          P-Asserted-Identity: <sip:bob@{proxy.host}>

        """.TrimEnd() + "\n" + string.Join('\n', more.Split('\n').Where(line => line.Length > 0)
            .Select(line => "  " + line.Trim())) + "\n" + Expect("proxy", "core", "100", "SIP/2.0 100 *"));

    private static string InDialog(string method, int cseq) => $$"""
        proxy -> core: P5 {{method}}
          {{method}} {P4.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {proxy};branch=z9hG4bK{+within}
          Max-Forwards: 70
          [P1 From Call-ID]
          To: {P4.To}
          CSeq: {{cseq}} {{method}}
        """;
}
