using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>What a route rewrites, as it goes over the wire in both directions.</summary>
public sealed class RewriteTests : CallLadder
{
    private const string Rules = """
        to: farm, rewrite: {to_target: [
          {replace: request_user, match: '^0([1-9])', with: '+49$1'}, {replace: from_user, match: '^ali', with: al},
          {set: to_user, value: service}, {set: X-Plan, value: gold}, {add: X-Mark, value: box},
          {remove: Subject}, {replace: P-Note, match: '[0-9]+', with: n}],
          to_caller: [{set: X-Back, value: 'yes'}, {remove: X-Internal}], status: {486: 600}}}
        """;

    public RewriteTests()
    {
        Box.Publish(Yaml(OneProxy).Replace("to: farm}", Rules.ReplaceLineEndings(" "), StringComparison.Ordinal));
        Simulator.RunFor(10);
    }

    [Fact]
    public void Numbers_and_header_fields_change_on_the_way_there()
    {
        Ladder.Run(Invite("X-Plan: lead\nX-Plan: tin\nX-Mark: hers\nSubject: secret\nP-Note: 12 and 345",
            uri: "sip:030@{box}"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE sip:+4930@10.0.0.21 SIP/2.0",
            "From: \"Alice\" <sip:alce@*\nTo: <sip:service@*\nX-Plan: gold\n!X-Plan\nX-Mark: hers\nX-Mark: box\n" +
            "!Subject\nP-Note: n and n"));
    }

    [Fact]
    public void And_on_the_way_back_with_another_status()
    {
        Ladder.Run(Invite() + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "F3", "b",
            "Contact: <sip:bob@{proxy}>\nX-Internal: 7\nX-Back: no"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" +
            Expect("alice", "box", "F4", "SIP/2.0 180 *", "X-Back: yes\n!X-Back\n!X-Internal"));
        Ladder.Run(Response("proxy", "core", "F2", "486 Busy", "F5", "b") + "\n" +
            Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run(Expect("alice", "box", "F6", "SIP/2.0 600 *", "X-Back: yes"));
        AssertEmpty();
    }

    [Fact]
    public void Requests_in_the_dialog_are_rewritten_by_their_direction()
    {
        Establish();
        Ladder.Run(FromAlice("INFO", "G1", 2, "Subject: secret") + "\n" +
            Expect("proxy", "core", "G2", "INFO sip:bob@{proxy} *", "X-Plan: gold\n!Subject"));
        Ladder.Run(Response("proxy", "core", "G2", "200 OK", "G3", "", "X-Internal: 7"));
        Ladder.Run(Expect("alice", "box", "G4", "SIP/2.0 200 *", "X-Back: yes\n!X-Internal"));
        Ladder.Run(FromProxy("INFO", "K1", 1, "X-Internal: 8") + "\n" +
            Expect("alice", "box", "K2", "INFO *", "X-Back: yes\n!X-Internal\n!X-Plan"));
        Ladder.Run(Response("alice", "box", "K2", "200 OK", "K3"));
        Ladder.Run(Expect("proxy", "core", "K4", "SIP/2.0 200 *", "X-Plan: gold"));
        HangUp(3);
    }
}
