using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class PoolTests
{
    [Fact]
    public void A_returned_entry_answers_to_no_handle_and_comes_back_cleared()
    {
        var pool = new Pool<long>(10);
        Assert.True(pool.TryRent(out Handle first));
        pool[first.Index] = 42;
        Assert.True(pool.IsLive(first));
        pool.Return(first);
        Assert.False(pool.IsLive(first));
        Assert.False(pool.IsLive(first.Index));
        Assert.False(pool.IsLive(pool.HandleOf(first.Index)));
        Assert.True(pool.TryRent(out Handle second));
        Assert.Equal(first.Index, second.Index);
        Assert.Equal(0, pool[second.Index]);
        Assert.False(pool.IsLive(first));
        Assert.True(pool.IsLive(second));
    }

    [Fact]
    public void Nothing_answers_to_handles_that_were_never_given()
    {
        var pool = new Pool<int>(10);
        Assert.False(pool.IsLive(Handle.None));
        Assert.False(pool.IsLive(new Handle(0, 1)));
        Assert.False(pool.IsLive(new Handle(int.MinValue, 1)));
        Assert.False(pool.IsLive(new Handle(int.MaxValue, 1)));
        Assert.True(pool.TryRent(out Handle handle));
        Assert.False(pool.IsLive(handle with { Generation = handle.Generation + 2 }));
        Assert.False(pool.IsLive(handle with { Index = 1 }));
        Assert.Throws<InvalidOperationException>(() => pool.Return(handle with { Generation = 3 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_use_agrees_with_a_dictionary(int seed)
    {
        const int Limit = 1700;
        var random = new Random(seed);
        var pool = new Pool<long>(Limit);
        var live = new List<(Handle Handle, long Value)>();
        var dead = new List<Handle>();
        for (long step = 1; step <= 50_000; step++)
        {
            if (random.Next(1000) < (step / 10_000 % 2 == 0 ? 600 : 400))
            {
                bool rented = pool.TryRent(out Handle handle);
                Assert.Equal(live.Count < Limit, rented);
                if (!rented) continue;
                Assert.Equal(0, pool[handle.Index]);
                pool[handle.Index] = step;
                live.Add((handle, step));
            }
            else if (live.Count > 0)
            {
                int at = random.Next(live.Count);
                Assert.Equal(live[at].Value, pool[live[at].Handle.Index]);
                pool.Return(live[at].Handle);
                dead.Add(live[at].Handle);
                live[at] = live[^1];
                live.RemoveAt(live.Count - 1);
            }
            Assert.Equal(live.Count, pool.Count);
        }
        Assert.All(live, entry => Assert.True(pool.IsLive(entry.Handle) && pool[entry.Handle.Index] == entry.Value));
        Assert.All(dead, handle => Assert.False(pool.IsLive(handle)));
        Assert.Equal(live.Count, Enumerable.Range(0, pool.Created).Count(pool.IsLive));
    }
}
