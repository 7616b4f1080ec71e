using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class BufferPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_two_blocks_overlap_and_all_come_back(int seed)
    {
        var random = new Random(seed);
        var pool = new BufferPool(8 << 20);
        var live = new List<(BufferRef Reference, byte[] Copy)>();
        bool refused = false;
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(100) < (step / 4000 % 2 == 0 ? 70 : 30))
            {
                byte[] bytes = new byte[Size(random)];
                random.NextBytes(bytes);
                if (pool.TryStore(bytes, out BufferRef reference)) live.Add((reference, bytes));
                else refused = true;
            }
            else if (live.Count > 0)
            {
                int at = random.Next(live.Count);
                (BufferRef reference, byte[] copy) = live[at];
                // Whoever wrote into a block that overlaps this one would have changed it.
                Assert.True(pool.Bytes(reference).SequenceEqual(copy), $"seed {seed}, step {step}");
                pool.Return(ref reference);
                Assert.True(reference.IsNone);
                live[at] = live[^1];
                live.RemoveAt(live.Count - 1);
            }
            Assert.Equal(live.Count, pool.Count);
        }
        foreach ((BufferRef stored, byte[] copy) in live)
        {
            Assert.True(pool.Bytes(stored).SequenceEqual(copy));
            BufferRef reference = stored;
            pool.Return(ref reference);
        }
        Assert.Equal(0, pool.Count);
        Assert.True(pool.BytesReserved <= 8 << 20);
        Assert.True(refused, "the limit of memory was never met: the test is too small");
    }

    [Fact]
    public void What_was_given_back_serves_again_without_new_memory()
    {
        var pool = new BufferPool(1 << 20);
        for (int round = 0; round < 1000; round++)
        {
            Assert.True(pool.TryRent(65_536, out BufferRef reference));
            Assert.Equal(65_536, pool.Bytes(reference).Length);
            pool.Return(ref reference);
        }
        Assert.Equal(1 << 20, pool.BytesReserved);
    }

    [Fact]
    public void The_empty_reference_has_no_bytes_and_can_be_given_back()
    {
        var pool = new BufferPool(1 << 20);
        BufferRef none = BufferRef.None;
        Assert.True(pool.Bytes(none).IsEmpty);
        pool.Return(ref none);
        Assert.Equal(0, pool.Count);
        Assert.True(pool.TryStore([], out BufferRef empty));
        Assert.False(empty.IsNone);
        Assert.Equal(1, pool.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_537)]
    [InlineData(int.MinValue)]
    public void Lengths_beyond_the_largest_class_are_refused(int length) =>
        Assert.False(new BufferPool(1 << 24).TryRent(length, out _));

    private static int Size(Random random) => random.Next(10) switch
    {
        0 => random.Next(65_537),
        1 => 1 << random.Next(17),
        2 => 0,
        _ => random.Next(3000),
    };
}
