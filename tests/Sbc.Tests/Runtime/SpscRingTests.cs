using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class SpscRingTests
{
    [Fact]
    public void What_is_pushed_is_popped_in_order_and_a_full_ring_refuses()
    {
        var ring = new SpscRing<int>(4);
        for (int round = 0; round < 10; round++)
        {
            Assert.True(ring.IsEmpty);
            for (int i = 0; i < 4; i++) Assert.True(ring.TryPush(i));
            Assert.False(ring.TryPush(4));
            Assert.Equal(4, ring.Count);
            for (int i = 0; i < 4; i++)
            {
                Assert.True(ring.TryPop(out int item));
                Assert.Equal(i, item);
            }
            Assert.False(ring.TryPop(out _));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-4)]
    public void The_capacity_is_a_power_of_two(int capacity) =>
        Assert.Throws<InvalidOperationException>(() => new SpscRing<int>(capacity));

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void Between_two_threads_nothing_is_lost_torn_or_reordered(int capacity)
    {
        const int Items = 300_000;
        var ring = new SpscRing<(long Number, long Check)>(capacity);
        var producer = new Thread(() =>
        {
            for (long i = 1; i <= Items;)
            {
                if (ring.TryPush((i, ~i))) i++;
                else Thread.Yield();
            }
        });
        producer.Start();
        long wrong = 0;
        for (long i = 1; i <= Items;)
        {
            if (!ring.TryPop(out (long Number, long Check) item))
            {
                Thread.Yield();
                continue;
            }
            if (item != (i, ~i)) wrong++;
            i++;
        }
        producer.Join();
        Assert.Equal(0, wrong);
        Assert.True(ring.IsEmpty);
    }
}
