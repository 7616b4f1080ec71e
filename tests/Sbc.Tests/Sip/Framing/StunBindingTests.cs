using Sbc.Runtime;
using Sbc.Sip.Framing;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Sip.Framing;

/// <summary>STUN on the SIP port (RFC 5389, RFC 5626 8).</summary>
public class StunBindingTests
{
    private static readonly byte[] Request = Convert.FromHexString("000100002112a442b7e7a701bc34d686fa87dfae");

    [Fact]
    public void The_address_is_that_of_RFC_5769()
    {
        var answer = new byte[64];
        int length = StunBinding.Write(Request, Address.Of("192.0.2.1:32853"), answer);
        // RFC 5769 2.2: 192.0.2.1 port 32853.
        Assert.Equal("0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643",
            Convert.ToHexStringLower(answer.AsSpan(0, length)));
        length = StunBinding.Write(Request, Address.Of("[2001:db8:1234:5678:11:2233:4455:6677]:32853"), answer);
        Assert.Equal("002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
            Convert.ToHexStringLower(answer.AsSpan(20, length - 20)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("0001", false)]
    [InlineData("000100002112a442b7e7a701bc34d686fa87dfae", true)]
    [InlineData("000100002112a443b7e7a701bc34d686fa87dfae", false)]
    [InlineData("010100002112a442b7e7a701bc34d686fa87dfae", false)]
    [InlineData("000100042112a442b7e7a701bc34d686fa87dfae", false)]
    [InlineData("000100042112a442b7e7a701bc34d686fa87dfae80220000", true)]
    public void Only_a_binding_request_is_one(string hex, bool expected) =>
        Assert.Equal(expected, StunBinding.IsRequest(Convert.FromHexString(hex)));
}
