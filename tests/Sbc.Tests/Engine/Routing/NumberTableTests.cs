using System.Diagnostics;
using System.Text;
using Sbc.Engine.Routing;
using Sbc.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Engine.Routing;

/// <summary>The longest prefix wins, however many there are.</summary>
public sealed class NumberTableTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("+4930123", 2)]
    [InlineData("+493", 1)]
    [InlineData("+49", 1)]
    [InlineData("+4", -1)]
    [InlineData("", -1)]
    [InlineData("0049", -1)]
    [InlineData("alice", 4)]
    [InlineData("alic", -1)]
    [InlineData("*100#", 3)]
    [InlineData("+493012345678901234567890", 5)]
    [InlineData("\u00e9t\u00e9", -1)]
    public void The_longest_prefix_decides(string number, int value) => Assert.Equal(value,
        Build("+49", "+4930", "*1", "alice", "+493012345678901").Find(Encoding.Latin1.GetBytes(number)));

    [Fact]
    public void An_empty_prefix_takes_what_no_other_takes()
    {
        NumberTable table = Build("", "1");
        Assert.Equal(1, table.Find("999"u8));
        Assert.Equal(2, table.Find("19"u8));
        Assert.Equal(1, table.Find(default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_search_through_all(ulong seed)
    {
        var random = new Xoshiro(seed);
        var prefixes = new Dictionary<string, int>();
        while (prefixes.Count < 2000) prefixes.TryAdd(Text(random, 7), prefixes.Count);
        NumberTable table = Build([.. prefixes.Keys]);
        for (int i = 0; i < 20_000; i++)
        {
            string number = Text(random, 12);
            int longest = -1;
            for (int length = 0; length <= number.Length; length++)
                if (prefixes.TryGetValue(number[..length], out int value)) longest = value + 1;
            Assert.Equal(longest, table.Find(Encoding.ASCII.GetBytes(number)));
        }
    }

    [Fact]
    public void A_prefix_twice_is_found_by_its_second_place()
    {
        var builder = new NumberTableBuilder();
        foreach (string prefix in new[] { "1", "2", "10", "100", "1000", "10" }) builder.Add(Bytes(prefix), 1);
        Assert.Null(builder.Build(out int twice));
        Assert.Equal(5, twice);
    }

    [Fact]
    public void A_million_prefixes_take_little_memory_and_seconds_to_load()
    {
        var random = new Xoshiro(9);
        var builder = new NumberTableBuilder();
        var seen = new HashSet<long>();
        while (seen.Count < 1_000_000)
        {
            long prefix = 4_900_000_000 + random.Between(0, 99_999_999);
            if (seen.Add(prefix)) builder.Add(Bytes($"{prefix}"), (int)(prefix % 100));
        }
        long start = Stopwatch.GetTimestamp();
        NumberTable table = builder.Build(out _)!;
        output.WriteLine($"{table.BytesUsed / 1e6:0.0} MB, built in {Stopwatch.GetElapsedTime(start)}");
        Assert.All(seen.Take(10_000), prefix =>
            Assert.Equal((int)(prefix % 100), table.Find(Bytes($"{prefix}55"))));
        Assert.True(table.BytesUsed < 32_000_000);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static NumberTable Build(params string[] prefixes)
    {
        var builder = new NumberTableBuilder();
        for (int i = 0; i < prefixes.Length; i++) builder.Add(Encoding.Latin1.GetBytes(prefixes[i]), i + 1);
        return builder.Build(out _)!;
    }

    private static string Text(Xoshiro random, int max) => string.Concat(Enumerable
        .Range(0, (int)random.Between(1, max)).Select(_ => "0123*+#ab"[(int)random.Between(0, 8)]));
}
