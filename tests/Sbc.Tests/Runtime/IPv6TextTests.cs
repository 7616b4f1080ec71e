using System.Net;
using System.Text;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Runtime;

/// <summary>Addresses against the system's parser and writer.</summary>
public sealed class IPv6TextTests
{
    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8::10")]
    [InlineData("2001:0DB8:0:0:1:0:0:1")]
    [InlineData("2001:db8:0:1:1:1:1:1")]
    [InlineData("1:2:3:4:5:6:7:8")]
    [InlineData("0:0:3:0:0:0:7:8")]
    [InlineData("1:2:3:4:5:6:7::")]
    [InlineData("::2:3:4:5:6:7:8")]
    [InlineData("64:ff9b::192.0.2.33")]
    [InlineData("1:2:3:4:5:6:192.0.2.33")]
    [InlineData("fe80::1%3")]
    public void What_is_an_address_is_read_and_written_as_the_system_does(string text)
    {
        Assert.True(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(text), 5060, out TransportAddress address));
        IPAddress expected = IPAddress.Parse(text);
        byte[] bytes = new byte[16];
        address.WriteAddressBytes(bytes);
        Assert.Equal(expected.GetAddressBytes(), bytes);
        Assert.Equal((uint)expected.ScopeId, address.Scope);
        Assert.Equal($"[{Plain(bytes)}]:5060", address.ToString());
    }

    [Theory]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:")]
    [InlineData(":1:2:3:4:5:6:7:8")]
    [InlineData(":1::2")]
    [InlineData("1:2")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4::5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:192.0.2.1")]
    [InlineData("::192.0.2.1:1")]
    [InlineData("::192.0.2")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("[::1")]
    [InlineData("::1%")]
    [InlineData("::1%eth0")]
    [InlineData("::1%4294967296")]
    public void What_is_none_is_refused(string text) =>
        Assert.False(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(text), 0, out _));

    [Fact]
    public void A_hundred_thousand_addresses_agree_with_the_system()
    {
        var random = new Random(20260101);
        byte[] bytes = new byte[16];
        byte[] parsed = new byte[16];
        for (int i = 0; i < 100_000; i++)
        {
            random.NextBytes(bytes);
            // Zero groups are what is special about the text; random bytes hardly have any.
            int zeros = random.Next(256);
            for (int group = 0; group < 8; group++)
            {
                if ((zeros >> group & 1) != 0) bytes[2 * group] = bytes[(2 * group) + 1] = 0;
            }
            if (TransportAddress.FromBytes(bytes, 0).IsIPv4) continue;
            string text = TransportAddress.FromBytes(bytes, 0).ToString()[..^2];
            Assert.Equal($"[{Plain(bytes)}]", text);
            Assert.True(TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(text), 0, out TransportAddress read));
            read.WriteAddressBytes(parsed);
            Assert.Equal(bytes, parsed);
        }
    }

    /// <summary>The system writes some addresses with an IPv4 tail (RFC 5952 5); we do only in hexadecimal.</summary>
    private static string Plain(byte[] bytes)
    {
        string text = new IPAddress(bytes).ToString();
        if (!text.Contains('.')) return text;
        int colon = text.LastIndexOf(':');
        byte[] tail = IPAddress.Parse(text[(colon + 1)..]).GetAddressBytes();
        return $"{text[..(colon + 1)]}{(tail[0] << 8) | tail[1]:x}:{(tail[2] << 8) | tail[3]:x}";
    }
}
