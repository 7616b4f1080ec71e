using Sbc.Engine.Registrations;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>A core registrar that is slow, busy, silent or gone.</summary>
public sealed class RelayFailureTests() : RelayLadder(farm: TwoProxies)
{
    private void Answer(string host, string status, string more = "")
    {
        Ladder.Run(Expect(host, "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>*"));
        Ladder.Run(Response(host, "core", "P", status, "Q", "{+tag}", more));
    }

    /// <summary>Which of the two has alice.</summary>
    private string Home()
    {
        Ladder.Run(Register(Contact));
        Simulator.RunFor(100);
        string home = Ladder.Has("proxy", "core") ? "proxy" : "second";
        Answer(home, "200 OK", "Contact: <sip:{id}@{core}>;expires=3600");
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK"));
        return home;
    }

    private static string Other(string home) => home == "proxy" ? "second" : "proxy";

    [Fact]
    public void All_of_one_user_go_to_one_registrar()
    {
        string home = Home();
        for (int i = 0; i < 5; i++)
        {
            Ladder.Forget("id");
            Ladder.Run(Register($"Contact: <sip:alice-{i}@{{alice}}>", call: $"call{i}"));
            Answer(home, "200 OK", "Contact: <sip:{id}@{core}>;expires=3600");
            Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_next_one_is_asked_where_one_refuses_or_is_silent(bool refuses)
    {
        string home = Home();
        Ladder.Run(Register(Contact + ";expires=0"));
        Ladder.Run(Expect(home, "core", "P", "REGISTER *"));
        if (refuses) Ladder.Run(Response(home, "core", "P", "503 Service Unavailable", "Q", "{+tag}"));
        Answer(Other(home), "200 OK");
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", "!Contact"));
        Assert.Equal(0, Bindings);
    }

    [Fact]
    public void Who_is_known_is_answered_while_no_registrar_answers_and_others_come_again()
    {
        Home();
        Simulator.RunFor(3_400_000);
        // The phone has fallen silent for long, but the registrar still has it.
        Ladder.Run(Register(Contact));
        // Both are asked for the failover's time.
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", Contact + ";expires=*").Replace(
            ": A", ": A within 7000 ms", StringComparison.Ordinal));
        Assert.InRange(Expires(), 100, 150);
        Assert.Equal(2, Count(RegistrationResult.Relayed));
        Ladder.Run(Register("Contact: <sip:mallory@{mallory}>", "mallory", "mallory"));
        Ladder.Run(Expect("mallory", "box", "A", "SIP/2.0 503 *", "Retry-After: *").Replace(
            ": A", ": A within 32000 ms", StringComparison.Ordinal));
        // With the registrar's expiry the binding ends.
        Simulator.RunFor(200_000);
        Assert.Equal(0, Bindings);
    }

    [Fact]
    public void A_late_answer_is_taken_by_who_still_waits()
    {
        Ladder.Run(Register(Contact));
        Simulator.RunFor(100);
        string home = Ladder.Has("proxy", "core") ? "proxy" : "second";
        Ladder.Run(Expect(home, "core", "P1", "REGISTER *", "Contact: <sip:{id}@{core}>*"));
        Ladder.Run(Expect(Other(home), "core", "P2", "REGISTER *", "Contact: <sip:{id}@{core}>*").Replace(
            ": P2", ": P2 within 3500 ms", StringComparison.Ordinal));
        Simulator.RunFor(6000);
        Ladder.Run(Response(Other(home), "core", "P2", "200 OK", "Q", "{+tag}",
            "Contact: <sip:{id}@{core}>;expires=3600"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", Contact + ";expires=*"));
        Assert.Equal(1, Bindings);
    }
}
