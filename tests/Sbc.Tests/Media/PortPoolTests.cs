using Sbc.Media;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

public sealed class PortPoolTests
{
    private static readonly Instant Start = new(1_000_000_000);

    [Theory]
    [InlineData(20000, 31999, 6000, 20000)]
    [InlineData(20001, 20010, 4, 20002)]
    [InlineData(20000, 20000, 0, 20000)]
    [InlineData(65534, 65535, 1, 65534)]
    public void A_range_holds_its_even_odd_pairs(int min, int max, int pairs, int first)
    {
        var pool = new PortPool(min, max, 0);
        Assert.Equal(pairs, pool.Pairs);
        Assert.Equal(pairs, pool.PairsFree);
        bool isTaken = new PortSlice(pool, 0).TryTake(Start, out PortPair pair);
        Assert.Equal(pairs > 0, isTaken);
        if (isTaken) Assert.Equal((first, first + 1), (pair.Rtp, pair.Rtcp));
    }

    [Fact]
    public void The_pair_that_rested_longest_is_next_and_none_before_its_quarantine()
    {
        var pool = new PortPool(20000, 20031, 2000);
        var slice = new PortSlice(pool, 0);
        PortPair[] taken = [.. Enumerable.Range(0, 16).Select(_ => Take(slice, Start))];
        slice.Release(taken[5], Start.AddMilliseconds(10));
        slice.Release(taken[2], Start.AddMilliseconds(20));
        slice.Release(taken[9], Start.AddMilliseconds(30));
        Assert.Equal(3, pool.PairsFree);
        Instant later = Start.AddMilliseconds(2025);
        Assert.Equal(taken[5], Take(slice, later));
        Assert.Equal(taken[2], Take(slice, later));
        // The last is still in quarantine: it is given only because nothing else is left.
        Assert.Equal(taken[9], Take(slice, later));
        Assert.False(slice.TryTake(later, out _));
    }

    [Fact]
    public void A_pair_in_quarantine_waits_while_others_are_free()
    {
        var pool = new PortPool(20000, 20063, 2000);
        var slice = new PortSlice(pool, 0);
        PortPair first = Take(slice, Start);
        slice.Release(first, Start);
        for (int i = 0; i < 31; i++) Assert.NotEqual(first, Take(slice, Start.AddMilliseconds(i)));
        Assert.Equal(first, Take(slice, Start.AddMilliseconds(40)));
    }

    [Fact]
    public void A_pair_set_aside_is_not_given_even_under_pressure()
    {
        var pool = new PortPool(20000, 20001, 0);
        var slice = new PortSlice(pool, 0);
        slice.SetAside(Take(slice, Start), Start);
        Assert.Equal(1, pool.PairsFree);
        Assert.False(slice.TryTake(Start.AddMilliseconds(59_999), out _));
        Assert.True(slice.TryTake(Start.AddMilliseconds(60_000), out _));
    }

    [Fact]
    public void A_small_range_serves_every_worker_to_its_last_pair()
    {
        var pool = new PortPool(20000, 20009, 2000);
        PortSlice[] slices = [.. Enumerable.Range(0, 4).Select(i => new PortSlice(pool, i))];
        var seen = new HashSet<PortPair>();
        for (int i = 0; i < 5; i++) Assert.True(seen.Add(Take(slices[i % 4], Start)));
        foreach (PortSlice slice in slices) Assert.False(slice.TryTake(Start, out _));
        Assert.Equal(0, pool.PairsFree);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_pair_is_held_twice_and_all_come_back(int seed)
    {
        var random = new Random(seed);
        var pool = new PortPool(20000, 20000 + (2 * random.Next(1, 200)) - 1, 50);
        PortSlice[] slices = [.. Enumerable.Range(0, 3).Select(i => new PortSlice(pool, i))];
        var held = new List<(PortPair Pair, int Slice)>();
        var pairs = new HashSet<PortPair>();
        Instant now = Start;
        for (int step = 0; step < 20_000; step++)
        {
            now = now.AddMilliseconds(random.Next(4));
            int slice = random.Next(3);
            if (random.Next(100) < 52)
            {
                bool isTaken = slices[slice].TryTake(now, out PortPair pair);
                Assert.Equal(held.Count < pool.Pairs, isTaken);
                if (!isTaken) continue;
                Assert.True(pairs.Add(pair));
                held.Add((pair, slice));
            }
            else if (held.Count > 0)
            {
                int at = random.Next(held.Count);
                pairs.Remove(held[at].Pair);
                slices[held[at].Slice].Release(held[at].Pair, now);
                held.RemoveAt(at);
            }
            Assert.Equal(pool.Pairs - held.Count, pool.PairsFree);
        }
        foreach ((PortPair pair, int slice) in held) slices[slice].Release(pair, now);
        Assert.Equal(pool.Pairs, pool.PairsFree);
    }

    [Fact]
    public void Threads_that_contend_never_hold_the_same_pair()
    {
        var pool = new PortPool(20000, 20079, 0);
        int[] holders = new int[65_536];
        int clashes = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(worker => new Thread(() =>
        {
            var slice = new PortSlice(pool, worker);
            var held = new Queue<PortPair>();
            for (int i = 0; i < 50_000; i++)
            {
                var now = new Instant(i);
                if (slice.TryTake(now, out PortPair pair))
                {
                    if (Interlocked.Increment(ref holders[pair.Rtp]) != 1) Interlocked.Increment(ref clashes);
                    held.Enqueue(pair);
                }
                if (held.Count < 15 && i < 49_000) continue;
                if (!held.TryDequeue(out PortPair oldest)) continue;
                Interlocked.Decrement(ref holders[oldest.Rtp]);
                slice.Release(oldest, now);
            }
            while (held.TryDequeue(out PortPair left))
            {
                Interlocked.Decrement(ref holders[left.Rtp]);
                slice.Release(left, new Instant(50_000));
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, clashes);
        Assert.Equal(pool.Pairs, pool.PairsFree);
    }

    private static PortPair Take(PortSlice slice, Instant now)
    {
        Assert.True(slice.TryTake(now, out PortPair pair));
        return pair;
    }
}
