using System.Diagnostics;
using Sbc.Sip.Message;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Message;

/// <summary>How long indexing takes. Says a figure and judges none: the machine is shared, and Debug is slow.</summary>
[Trait("tier", "long")]
public sealed class ParseSpeedTests(ITestOutputHelper log)
{
    [Fact]
    public void An_invite_of_650_bytes_is_indexed_within_half_a_microsecond_where_the_machine_is_quiet()
    {
        byte[] bytes = SipSamples.Invite;
        var message = new SipMessage();
        double best = double.MaxValue;
        for (int round = 0; round < 40; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 50_000; i++) message.Parse(bytes, 0, bytes.Length);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 50_000);
        }
        log.WriteLine($"{bytes.Length} bytes, {message.HeaderCount} fields: {best:F0} ns, the best of 40 rounds");
        Assert.Equal(14, message.HeaderCount);
    }
}
