using Sbc.Engine.Forwarding;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine.Forwarding;

/// <summary>Tokens of mode forward say what they were given, and no change to them goes unseen.</summary>
public sealed class ForwardTokensTests
{
    private static readonly ForwardTokens Tokens = new(new SipHash(1, 2));
    private static readonly NextVia Next = new(FixedFacts.Address("203.0.113.7", 5060), 77);

    [Fact]
    public void A_branch_fits_above_its_via_and_above_no_other()
    {
        byte[] text = Branch();
        Assert.True(Tokens.TryRead(text, Next, out ForwardBranch branch));
        Assert.Equal(new ForwardBranch(3, 4), branch);
        Assert.Equal((int)TokenKind.ForwardBranch, Base32.FirstByte(text));
        Assert.False(Tokens.TryRead(text, new NextVia(Next.Destination.WithPort(5061), 77), out _));
        Assert.False(Tokens.TryRead(text, new NextVia(FixedFacts.Address("203.0.113.8", 5060), 77), out _));
        Assert.False(Tokens.TryRead(text, new NextVia(Next.Destination, 78), out _));
        Assert.False(new ForwardTokens(new SipHash(1, 3)).TryRead(text, Next, out _));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    [InlineData(null)]
    public void A_route_says_rule_listeners_and_flow(string? flow)
    {
        var route = new ForwardRoute(1, 2, 2047, flow is null ? default : FixedFacts.Address(flow, 40000));
        Assert.True(Tokens.TryRead(Route(route), out ForwardRoute read));
        Assert.Equal(route, read);
    }

    [Fact]
    public void Every_other_spelling_is_refused()
    {
        byte[] branch = Branch(), route = Route(new ForwardRoute(1, 2, 3, Next.Destination));
        for (int i = 0; i < branch.Length; i++) Assert.False(Tokens.TryRead(Changed(branch, i), Next, out _));
        for (int i = 0; i < route.Length; i++) Assert.False(Tokens.TryRead(Changed(route, i), out _));
        Assert.False(Tokens.TryRead(route.AsSpan(1), out _));
        Assert.False(Tokens.TryRead(branch, out ForwardRoute _));
    }

    private static byte[] Branch()
    {
        byte[] text = new byte[ForwardTokens.BranchLength];
        Tokens.Write(new ForwardBranch(3, 4), 0x1122334455667788, Next, text);
        return text;
    }

    private static byte[] Route(ForwardRoute route)
    {
        byte[] text = new byte[ForwardTokens.RouteLength];
        Tokens.Write(route, text);
        return text;
    }

    private static byte[] Changed(byte[] text, int at)
    {
        byte[] changed = [.. text];
        changed[at] = changed[at] == (byte)'a' ? (byte)'b' : (byte)'a';
        return changed;
    }
}
