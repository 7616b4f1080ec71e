using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class TimerWheelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_timer_fires_once_not_early_and_within_the_next_deadline(int seed)
    {
        var random = new Random(seed);
        var wheel = new TimerWheel(100_000, new Instant(12_345_678));
        long now = 12_345_678;
        var due = new Dictionary<int, long>();
        var timers = new Dictionary<int, int>();
        int next = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int schedule = random.Next(3);
            for (int i = 0; i < schedule; i++)
            {
                long delay = random.Next(6) switch
                {
                    0 => random.Next(2_000),
                    1 => random.Next(500_000),
                    2 => random.Next(70_000_000),
                    3 => 32_000_000,
                    4 => (long)random.Next(43_200) * 1_000_000,
                    _ => (long)random.Next(100) * 100_000_000_000,
                };
                due[next] = now + delay;
                timers[next] = wheel.Schedule(new Instant(now + delay), 1, new Handle(next, 1));
                next++;
            }
            if (due.Count > 50 && random.Next(2) == 0)
            {
                int victim = due.Keys.ElementAt(random.Next(Math.Min(20, due.Count)));
                int timer = timers[victim];
                wheel.Cancel(ref timer);
                Assert.Equal(0, timer);
                due.Remove(victim);
                timers.Remove(victim);
            }
            Instant deadline = wheel.NextDeadline;
            if (due.Count == 0)
            {
                Assert.Equal(Instant.Never, deadline);
            }
            else
            {
                long earliest = due.Values.Min();
                Assert.True(deadline.Microseconds <= earliest + 999, $"deadline {deadline} after {earliest}");
            }
            now += random.Next(4) switch { 0 => 0, 1 => random.Next(1_000), 2 => random.Next(300_000), _ => random.Next(3_000_000) };
            while (wheel.TryExpire(new Instant(now), out TimerEntry entry))
            {
                Assert.True(due.Remove(entry.Owner.Index, out long expected));
                timers.Remove(entry.Owner.Index);
                Assert.True(expected <= now);
            }
            Assert.DoesNotContain(due.Values, value => value + 999 < (now / 1000 * 1000));
            Assert.Equal(due.Count, wheel.Count);
        }
    }
}
