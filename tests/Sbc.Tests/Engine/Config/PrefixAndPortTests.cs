using Sbc.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Config;

public class PrefixAndPortTests
{
    [Theory]
    [InlineData("198.51.100.0/28", "198.51.100.0/28", "198.51.100.15", true)]
    [InlineData("198.51.100.0/28", "198.51.100.0/28", "198.51.100.16", false)]
    [InlineData("198.51.100.7", "198.51.100.7/32", "198.51.100.7", true)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("2001:db8::/32", "2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db8::/32", "198.51.100.7", false)]
    public void A_prefix_contains_the_addresses_of_its_length(string text, string shown, string address, bool inside)
    {
        Assert.True(IPPrefix.TryParse(text, out IPPrefix prefix, out string error), error);
        Assert.Equal(shown, prefix.ToString());
        Assert.Equal(inside, prefix.Contains(FixedFacts.Address(address, 5060)));
    }

    [Theory]
    [InlineData("198.51.100.7/28", "write 198.51.100.0/28")]
    [InlineData("198.51.100.0/33", "from 0 to 32")]
    [InlineData("2001:db8::/129", "from 0 to 128")]
    [InlineData("198.51.100.0/", "is no prefix length")]
    [InlineData("carrier.example.net", "is no address prefix")]
    public void A_prefix_that_is_none_says_what_would_be_right(string text, string expected)
    {
        Assert.False(IPPrefix.TryParse(text, out _, out string error));
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("20000-31999", 20000, 31999, 6000)]
    [InlineData("20000 - 20001", 20000, 20001, 1)]
    [InlineData("20000", 20000, 20000, 0)]
    public void A_port_range_includes_both_ends(string text, int first, int last, int pairs)
    {
        Assert.True(PortRange.TryParse(text, out PortRange range, out string error), error);
        Assert.Equal((first, last, pairs), (range.First, range.Last, range.Pairs));
    }

    [Theory]
    [InlineData("31999-20000", "write 20000-31999")]
    [InlineData("20000-99999", "is no range of ports")]
    [InlineData("20000..30000", "is no range of ports")]
    [InlineData("", "is no range of ports")]
    public void A_port_range_that_is_none_says_what_would_be_right(string text, string expected)
    {
        Assert.False(PortRange.TryParse(text, out _, out string error));
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("frm", "farm, core", "farm")]
    [InlineData("Farm", "farm, core", "farm")]
    [InlineData("fram", "farm, core", "farm")]
    [InlineData("prxoy-a", "proxy-a, proxy-b", "proxy-a")]
    [InlineData("edge", "farm, core", null)]
    [InlineData("x", "", null)]
    public void The_nearest_name_is_at_most_a_third_of_the_letters_away(string name, string valid, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, valid.Split(", ", StringSplitOptions.RemoveEmptyEntries)));
}
