using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>How many reach the core registrar in a second, and when the others come again.</summary>
public sealed class RelayRateTests() : RelayLadder("registrations_per_second: 1")
{
    [Fact]
    public void One_that_has_to_wait_is_told_how_long_and_the_answer_to_a_challenge_does_not_wait()
    {
        Ladder.Run(Register(Contact));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *"));
        Ladder.Run(Register("Contact: <sip:m@{mallory}>", "mallory", "mallory"));
        Ladder.Run(Expect("mallory", "box", "A", "SIP/2.0 503 *", "Retry-After: 10"));
        Ladder.Run(Response("proxy", "core", "P", "401 Unauthorized", "Q", "{+tag}", "WWW-Authenticate: Digest a=b"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 401 *"));
        Ladder.Run(Register(Contact + "\nAuthorization: Digest a=b"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *"));
        Ladder.Run(Response("proxy", "core", "P", "401 Unauthorized", "Q", "{+tag}", "WWW-Authenticate: Digest a=b"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 401 *"));
        // Its credentials were wrong: it waits like everybody.
        Ladder.Run(Register(Contact + "\nAuthorization: Digest a=b"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 503 *", "Retry-After: 11"));
        Assert.Equal(2, Count(RegistrationResult.Deferred));
        AssertGone();
    }

    [Fact]
    public void Who_moved_is_answered_until_the_registrar_has_time()
    {
        string contact = "Contact: <sip:n@192.168.1.5:5060>";
        Registers(contact, "nated");
        Ladder.Host("rebooted", "203.0.113.8:41000");
        IsAnsweredHere(contact, "rebooted", "new", contact + ";expires=*\n!Contact");
        Simulator.RunFor(2000);
        Ladder.Run(Register(contact, "rebooted", call: "new"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>*"));
    }
}

public sealed class RegistrationRateTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(5000)]
    public void It_is_kept_whatever_comes(int perSecond)
    {
        var rate = new RegistrationRate();
        int taken = 0;
        for (long at = 0; at < 10_000_000; at += 50)
        {
            if (rate.TryTake(perSecond, new Instant(at))) taken++;
        }
        Assert.InRange(taken, (perSecond * 10) - 1, (perSecond * 10) + (perSecond / 10) + 1);
    }

    [Fact]
    public void What_was_promised_is_paid_by_those_who_come_later()
    {
        var rate = new RegistrationRate();
        int taken = 0;
        for (long at = 0; at < 10_000_000; at += 100)
        {
            if (!rate.TryTake(200, new Instant(at))) continue;
            rate.Take(200, new Instant(at));
            taken += 2;
        }
        Assert.InRange(taken, 1998, 2042);
    }

    [Fact]
    public void The_patient_take_what_nobody_else_wants()
    {
        var rate = new RegistrationRate();
        Assert.True(rate.TryTake(200, new Instant(0), isPatient: true));
        Assert.False(rate.TryTake(200, new Instant(4000), isPatient: true));
        Assert.True(rate.TryTake(200, new Instant(4000)));
        Assert.False(rate.TryTake(200, new Instant(9000), isPatient: true));
        Assert.True(rate.TryTake(200, new Instant(10_000), isPatient: true));
    }

    [Fact]
    public void Those_who_wait_come_back_at_the_rate_and_the_rest_at_any_time_of_the_queue()
    {
        var rate = new RegistrationRate();
        var waits = new List<int>();
        for (int i = 0; i < 100_000; i++) waits.Add(rate.WaitSeconds(200, new Instant(0), (ulong)i));
        Assert.Equal(RegistrationRate.WaitSecondsMin, waits.Min());
        Assert.Equal(RegistrationRate.WaitSecondsMax, waits.Max());
        // 290 s of 200 have a place of their own.
        Assert.All(waits.Take(58_000).GroupBy(wait => wait), second => Assert.InRange(second.Count(), 1, 200));
        Assert.All(waits.GroupBy(wait => wait).Where(second => second.Key is > 10 and < 300),
            second => Assert.InRange(second.Count(), 300, 400));
    }
}
