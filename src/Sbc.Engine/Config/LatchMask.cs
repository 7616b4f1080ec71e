namespace Sbc.Engine.Config;

/// <summary><c>latch_mask: {ipv4: 24, ipv6: 64}</c>: bits of an address that must agree.</summary>
public sealed record LatchMask(int IPv4, int IPv6)
{
    public static readonly LatchMask Whole = new(32, 128);
}
