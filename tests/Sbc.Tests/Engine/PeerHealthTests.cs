using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Forwarding;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Tests.Engine.Routing;
using Xunit;

namespace Sbc.Tests.Engine;

/// <summary>What real traffic shows takes a peer out: soon, and never for another's fault.</summary>
public sealed class PeerHealthTests
{
    private readonly Farm _farm = new(BalanceMethod.RoundRobin, 4);
    private readonly Workspace _work;
    private readonly PeerHealth _health;

    public PeerHealthTests()
    {
        var counters = new WorkerCounters();
        _work = new Workspace(
            0, _farm.Snapshot, _farm.Cells, new Tokens(new SipHash(1, 2)),
            new ForwardTokens(new SipHash(1, 2)), new SipHash(3, 4),
            new Outbox([], counters), counters, new SpscRing<LogRecord>(64), 5, _farm.Now);
        _health = new PeerHealth(_work);
    }

    [Fact]
    public void Three_silences_in_a_row_take_it_out_and_any_response_between_them_does_not()
    {
        for (int i = 0; i < 10; i++)
        {
            _health.OnSilence(0);
            _health.OnSilence(0);
            _farm.Cells.Failures.Heard(0);
        }
        Assert.True(_farm.Cells.PeerIsUp(0));
        for (int i = 0; i < 3; i++) _health.OnSilence(0);
        Assert.False(_farm.Cells.PeerIsUp(0));
    }

    [Fact]
    public void The_503_of_one_dead_number_takes_nobody_out_and_that_of_many_does()
    {
        for (int i = 0; i < 100; i++) Refuse(0, "dead");
        Assert.True(_farm.Cells.PeerIsUp(0));
        for (int i = 0; i < 10; i++) Refuse(0, $"number-{i}");
        Assert.False(_farm.Cells.PeerIsUp(0));
    }

    [Fact]
    public void A_call_that_is_served_between_them_says_that_it_is_well()
    {
        for (int i = 0; i < 50; i++)
        {
            Refuse(0, $"number-{i}");
            Refuse(0, $"other-{i}");
            _health.OnResponse(0, default, Response("SIP/2.0 486 Busy"));
        }
        Assert.True(_farm.Cells.PeerIsUp(0));
    }

    [Fact]
    public void Traffic_never_takes_out_more_than_half_of_a_group()
    {
        for (int peer = 0; peer < 4; peer++)
        {
            for (int i = 0; i < 20; i++) _health.OnSilence(peer);
        }
        Assert.Equal([false, false, true, true], Enumerable.Range(0, 4).Select(_farm.Cells.PeerIsUp));
    }

    [Theory]
    [InlineData("Retry-After: 2", 5)]
    [InlineData("Retry-After: 7 (tired);duration=3600", 7)]
    [InlineData("Retry-After: 86400", 60)]
    [InlineData("Retry-After: soon", 5)]
    [InlineData("X-Other: 9", 5)]
    public void Retry_after_counts_from_repeated_503_and_a_minute_at_most(string header, int seconds)
    {
        Refuse(0, "number", header);
        Assert.False(_farm.Cells.PeerIsHeld(0, _farm.Now), "one 503 is the matter of one call");
        for (int i = 0; i < 10; i++) Refuse(0, $"number-{i}", header);
        for (int s = 0; s <= 61; s++)
            Assert.Equal(s < seconds, _farm.Cells.PeerIsHeld(0, _farm.Now.AddMilliseconds(s * 1000)));
    }

    [Fact]
    public void Each_failure_asks_for_a_probe_at_once()
    {
        Refuse(2, "number");
        Assert.True(_farm.Cells.AnyProbeWanted && _work.ProbesWanted);
        Assert.True(_farm.Cells.TakeWantedProbe(2));
        Assert.False(_farm.Cells.AnyProbeWanted);
        _health.OnSilence(1);
        Assert.True(_farm.Cells.TakeWantedProbe(1));
    }

    private void Refuse(int peer, string user, string header = "X-None: 1") =>
        _health.OnResponse(peer, Encoding.ASCII.GetBytes($"sip:{user}@10.0.1.1"),
            Response($"SIP/2.0 503 Full\r\n{header}"));

    private static SipMessage Response(string text) => Message(text + "\r\n\r\n");

    private static SipMessage Message(string text)
    {
        var message = new SipMessage();
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(ParseError.None, message.Parse(bytes, 0, bytes.Length));
        return message;
    }
}
