using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class KeyTableTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 5000)]
    [InlineData(3, int.MaxValue)]
    public void Random_use_agrees_with_a_dictionary(int seed, int keys)
    {
        var random = new Random(seed);
        var table = new KeyTable();
        var model = new Dictionary<ulong, List<int>>();
        var pairs = new List<(ulong Key, int Value)>();
        for (int step = 0; step < 60_000; step++)
        {
            if (random.Next(100) < (step / 20_000 % 2 == 0 ? 60 : 40))
            {
                // Keys of a small range, multiplied by the first size, all want the same cell.
                ulong key = (ulong)random.Next(keys) << (random.Next(2) * 8);
                pairs.Add((key, step));
                if (!model.TryGetValue(key, out List<int>? values)) model[key] = values = [];
                values.Add(step);
                table.Add(key, step);
            }
            else if (pairs.Count > 0)
            {
                int at = random.Next(pairs.Count);
                table.Remove(pairs[at].Key, pairs[at].Value);
                model[pairs[at].Key].Remove(pairs[at].Value);
                pairs[at] = pairs[^1];
                pairs.RemoveAt(pairs.Count - 1);
            }
            Assert.Equal(pairs.Count, table.Count);
            if (step % 1000 == 0) AssertSame(table, model);
        }
        AssertSame(table, model);
    }

    [Fact]
    public void Removing_what_is_not_there_is_found_out() =>
        Assert.Throws<InvalidOperationException>(() => new KeyTable().Remove(1, 1));

    private static void AssertSame(KeyTable table, Dictionary<ulong, List<int>> model)
    {
        foreach ((ulong key, List<int> expected) in model)
        {
            var found = new List<int>();
            int cursor = -1;
            while (table.Find(key, ref cursor) is var value and >= 0) found.Add(value);
            Assert.Equal(expected.Order(), found.Order());
        }
    }
}
