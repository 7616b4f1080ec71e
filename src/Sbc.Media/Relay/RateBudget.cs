using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>What one port may receive in a second: packets and bits, each a bucket that is one second deep.</summary>
/// <remarks>
/// One addition a packet (the virtual scheduling form of ITU-T I.371): the time at which what was taken so far is due.
/// </remarks>
public struct RateBudget
{
    private const long DepthMicroseconds = 1_000_000;

    // Bandwidth in SDP counts the headers of IP and UDP (RFC 8866 5.8, RFC 3550 6.2).
    private const int HeaderBytesIPv4 = 28;
    private const int HeaderBytesIPv6 = 48;

    private long _packetsDue;
    private long _bitsDue;
    private int _packetMicroseconds;
    private int _bitsPerSecond;

    public static RateBudget Default
    {
        get
        {
            var budget = default(RateBudget);
            budget.Set(0, 0);
            return budget;
        }
    }

    /// <param name="packetsPerSecond">0: the default.</param>
    /// <param name="bitsPerSecond">0: no limit but that of packets.</param>
    public void Set(int packetsPerSecond, int bitsPerSecond)
    {
        int packets = packetsPerSecond is > 0 and < MediaLimits.PacketsPerSecondMax
            ? packetsPerSecond
            : MediaLimits.PacketsPerSecondMax;
        _packetMicroseconds = (1_000_000 + packets - 1) / packets;
        _bitsPerSecond = Math.Max(0, bitsPerSecond);
    }

    /// <summary>Takes a packet's share; what is refused takes nothing.</summary>
    public DropReason Take(int bytes, bool isIPv4, Instant now)
    {
        long latest = now.Microseconds + DepthMicroseconds;
        long packets = Math.Max(_packetsDue, now.Microseconds);
        if (packets >= latest) return DropReason.RateExceeded;
        if (_bitsPerSecond > 0)
        {
            long bits = Math.Max(_bitsDue, now.Microseconds);
            if (bits >= latest) return DropReason.BitRateExceeded;
            int headers = isIPv4 ? HeaderBytesIPv4 : HeaderBytesIPv6;
            _bitsDue = bits + ((bytes + headers) * 8_000_000L / _bitsPerSecond);
        }
        _packetsDue = packets + _packetMicroseconds;
        return DropReason.None;
    }
}
