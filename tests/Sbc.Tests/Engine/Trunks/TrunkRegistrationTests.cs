using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Tests.Engine.Calls;
using Xunit;

namespace Sbc.Tests.Engine.Trunks;

/// <summary>The box registers itself at a peer (RFC 3261 10.2).</summary>
public class TrunkRegistrationTests : CallLadder
{
    public TrunkRegistrationTests()
    {
        Box.Publish(Trunk);
    }

    private static string Trunk => Yaml(OneProxy).Replace(
        "uri: \"sip:10.0.0.21:5060\"",
        "uri: \"sip:10.0.0.21:5060\", auth: {user: acme, password: secret, register: true, expires_seconds: 600}",
        StringComparison.Ordinal);

    private TrunkState State => Box.Cells.TrunkOf(Box.Row("proxy-a"));

    [Fact]
    public void It_answers_the_challenge_and_comes_again_before_its_registration_expires()
    {
        Register();
        Assert.Equal(TrunkState.Registered, State);
        Ladder.Run("proxy <- core: nothing within 29000 ms");
        Ladder.Run(Asks("R3", 3, within: 27_000));
        Ladder.Run(Accepted("R3", 60));
        Assert.Equal(TrunkState.Registered, State);
    }

    [Fact]
    public void A_longer_life_that_the_peer_wants_is_asked_for()
    {
        Ladder.Run(Asks("R1", 1) + "\n" +
            Response("proxy", "core", "R1", "423 Too brief", "X", "r", "Min-Expires: 900"));
        Ladder.Run(Asks("R2", 2, expires: 900) + "\n" + Accepted("R2", 900));
        Simulator.RunFor(10);
        Assert.Equal(TrunkState.Registered, State);
        Ladder.Run("proxy <- core: nothing within 440000 ms");
        Ladder.Run(Asks("R3", 3, within: 400_000, expires: 900));
    }

    [Fact]
    public void The_peer_gets_no_calls_while_it_refuses_and_is_asked_again_with_growing_pauses()
    {
        Ladder.Run(Asks("R1", 1) + "\n" + Response("proxy", "core", "R1", "403 No", "X", "r"));
        Simulator.RunFor(10);
        Assert.Equal(TrunkState.Unregistered, State);
        Ladder.Run(Invite() + "\nalice <- box optional: 100\n  SIP/2.0 100 *\n" +
            Expect("alice", "box", "F2", "SIP/2.0 503 *"));
        Ladder.Run("proxy <- core: nothing within 29000 ms");
        Ladder.Run(Asks("R2", 2, within: 32_000) + "\n" + Response("proxy", "core", "R2", "403 No", "X", "r"));
        Ladder.Run("proxy <- core: nothing within 59000 ms");
        Ladder.Run(Asks("R3", 3, within: 62_000) + "\n" + Accepted("R3", 60));
        Simulator.RunFor(10);
        Assert.Equal(TrunkState.Registered, State);
    }

    [Fact]
    public void Nothing_heard_is_a_failure_too()
    {
        Register();
        Simulator.RunFor(60_000 + 33_000);
        Assert.Equal(TrunkState.Unregistered, State);
    }

    [Fact]
    public void At_the_stop_of_the_box_its_registration_ends()
    {
        Register();
        foreach (SignallingWorker worker in Box.Workers.Signalling)
        {
            Assert.True(worker.Mailbox.TryPost(new ControlRequest(ControlKind.Unregister)));
            worker.Doorbell.Ring();
        }
        Ladder.Run(Asks("R3", 3, expires: 0));
        Assert.Equal(TrunkState.None, State);
    }

    [Fact]
    public void A_reload_without_it_ends_it_and_leaves_nothing()
    {
        Register();
        Box.Publish(Yaml(OneProxy).Replace(
            "uri: \"sip:10.0.0.21:5060\"", "uri: \"sip:10.0.0.21:5060\", auth: {user: acme, password: secret}",
            StringComparison.Ordinal));
        Ladder.Run(Asks("R3", 3, expires: 0) + "\n" + Response("proxy", "core", "R3", "200 OK", "X", "r"));
        AssertEmpty();
    }

    private void Register()
    {
        Ladder.Run(Asks("R1", 1) + "\n" + Response("proxy", "core", "R1", "401 Who", "X", "r",
            "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"one\", qop=\"auth\""));
        Ladder.Run(Asks("R2", 2) + "\n" + Accepted("R2", 60));
        Simulator.RunFor(10);
    }

    private static string Asks(string label, int cseq, int within = 5000, int expires = 600) =>
        Expect("proxy", "core", $"{label} within {within} ms", "REGISTER sip:{proxy.host} SIP/2.0", $$"""
            To: <sip:acme@{proxy.host}>
            From: <sip:acme@{proxy.host}>;tag=*
            Contact: <sip:acme@{core};line=*>
            Expires: {{expires}}
            CSeq: {{cseq}} REGISTER
            """);

    private static string Accepted(string request, int seconds) => Response(
        "proxy", "core", request, "200 OK", "A", "r",
        $"Contact: <sip:other@10.0.0.99>;expires=7\nContact: <{{{request}.ContactUri}}>;expires={seconds}");
}
