using System.Net;
using System.Text;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

public class TransportAddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("255.255.255.255")]
    public void IPv4_is_read_and_written(string text)
    {
        Assert.True(TryParse(text, out TransportAddress address));
        Assert.True(address.IsIPv4);
        Assert.Equal(text + ":5060", address.ToString());
    }

    [Theory]
    [InlineData("::", "[::]")]
    [InlineData("::1", "[::1]")]
    [InlineData("1::", "[1::]")]
    [InlineData("[2001:DB8::0010]", "[2001:db8::10]")]
    [InlineData("2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]")]
    [InlineData("2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]")]
    [InlineData("2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]")]
    [InlineData("0:0:1:0:0:0:0:0", "[0:0:1::]")]
    [InlineData("1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]")]
    [InlineData("::2:3:4:5:6:7:8", "[0:2:3:4:5:6:7:8]")]
    [InlineData("64:ff9b::192.0.2.1", "[64:ff9b::c000:201]")]
    [InlineData("2001:db8:::192.0.2.1", "[2001:db8::c000:201]")]
    [InlineData("fe80::1%3", "[fe80::1]")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:c000:201", "192.0.2.1")]
    public void IPv6_is_read_and_written_as_RFC_5952_says(string text, string expected)
    {
        Assert.True(TryParse(text, out TransportAddress address));
        Assert.Equal(expected + ":5060", address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.0004")]
    [InlineData("1..3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("+1.2.3.4")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData(":::1")]
    [InlineData("1:::2")]
    [InlineData(":1::2")]
    [InlineData("1::2:")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1.2.3")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("::1.2.3.4.5")]
    [InlineData("2001:db8:::192.0.2.1:1")]
    [InlineData("::1%")]
    [InlineData("::1%eth0")]
    [InlineData("::1%-1")]
    [InlineData("::1%4294967296")]
    [InlineData("::1%1x")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[[::1]]")]
    [InlineData("[]")]
    [InlineData("::\u0661")]
    [InlineData("example.com")]
    public void What_is_no_literal_is_refused(string text) => Assert.False(TryParse(text, out _));

    [Fact]
    public void Random_addresses_read_and_write_as_the_framework_does()
    {
        var random = new Random(7);
        byte[] bytes = new byte[16];
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            // Zeros and short groups are what the writing rules are about.
            foreach (ref byte value in bytes.AsSpan())
                value = random.Next(5) switch { 0 or 1 => 0, 2 => (byte)(value & 15), _ => value };
            for (int i = 0; i < 16; i += 2) if (random.Next(3) == 0) bytes[i] = bytes[i + 1] = 0;
            TransportAddress address = TransportAddress.FromBytes(bytes, 5060);
            if (address.IsIPv4) continue;
            string expected = new IPAddress(bytes).ToString();
            string written = Encoding.ASCII.GetString(text[..address.WriteHost(text)]);
            // The framework writes some prefixes that are history with dots; RFC 5952 5 asks for known ones only.
            if (!expected.Contains('.')) Assert.Equal($"[{expected}]", written);
            Assert.Equal(IPAddress.Parse(expected), IPAddress.Parse(written));
            Assert.True(TryParse(expected, out TransportAddress again));
            Assert.Equal(address, again);
        }
    }

    [Fact]
    public void Mutated_literals_are_accepted_where_the_framework_accepts_them()
    {
        var random = new Random(8);
        string[] seeds =
            ["2001:db8::1", "::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "64:ff9b::1.2.3.4", "fe80::", "0:0:0::1"];
        const string Alphabet = ":::.0123456789abcdefABCDEFg";
        int accepted = 0;
        for (int round = 0; round < 50_000; round++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (int edits = random.Next(3); edits >= 0; edits--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0 && text.Length > 3) text.Remove(at, 1);
                else text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
            }
            string literal = text.ToString();
            // Ours alone: three colons (RFC 5118), and decimal parts with leading zeros (RFC 3261 25.1).
            if (!literal.Contains(':') || literal.Contains(":::") || HasLeadingZero(literal)) continue;
            bool expected = IPAddress.TryParse(literal, out IPAddress? ip);
            Assert.True(expected == TryParse(literal, out TransportAddress address), literal);
            if (!expected) continue;
            accepted++;
            Assert.Equal(TransportAddress.FromBytes(ip!.GetAddressBytes(), 5060), address);
        }
        Assert.True(accepted > 1000, $"only {accepted} literals were valid");
    }

    [Theory]
    [InlineData("10.1.2.3", "10.0.0.0", 8, true)]
    [InlineData("11.1.2.3", "10.0.0.0", 8, false)]
    [InlineData("11.1.2.3", "10.0.0.0", 0, true)]
    [InlineData("10.0.0.1", "10.0.0.0", 32, false)]
    [InlineData("2001:db8:1::1", "2001:db8::", 32, true)]
    [InlineData("2001:db8::1", "2001:db8::", 128, false)]
    [InlineData("2001:db8::1", "2001:db8::", 64, true)]
    [InlineData("2001:db8:0:0:8000::", "2001:db8::", 65, false)]
    [InlineData("10.1.2.3", "::", 0, false)]
    public void Prefixes_count_the_bits_of_their_own_family(string text, string prefix, int bits, bool inside)
    {
        Assert.True(TryParse(text, out TransportAddress address));
        Assert.True(TryParse(prefix, out TransportAddress network));
        Assert.Equal(inside, address.InPrefix(network, bits));
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            if (!TransportAddress.TryParseHost("[2001:db8::1:0:0:192.0.2.1]"u8, i, out TransportAddress address)) break;
            address.Write(text);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool HasLeadingZero(string text) =>
        text.Contains('.') && text.Split(':', '.').Any(part => part.Length > 1 && part[0] == '0');

    private static bool TryParse(string text, out TransportAddress address) =>
        TransportAddress.TryParseHost(Encoding.UTF8.GetBytes(text), 5060, out address);
}
