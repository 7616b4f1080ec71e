using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>Which media worker a call goes to.</summary>
public sealed class GatherTests
{
    [Fact]
    public void Few_calls_stay_together_and_many_are_spread_evenly()
    {
        var rig = new MediaRig(workers: 3, gathered: 4);
        Handle[] calls = [.. Enumerable.Range(0, 4).Select(_ => rig.Open(out StreamPorts _))];
        AssertStreams(rig, 4, 0, 0);
        calls = [.. calls, .. Enumerable.Range(0, 8).Select(_ => rig.Open(out StreamPorts _))];
        AssertStreams(rig, 4, 4, 4);
        calls = [.. calls, .. Enumerable.Range(0, 3).Select(_ => rig.Open(out StreamPorts _))];
        AssertStreams(rig, 5, 5, 5);
        foreach (Handle call in calls) rig.Client.Close(call);
        rig.AssertNothingHeld();
    }

    [Fact]
    public void A_worker_with_much_to_do_gets_no_more_calls_until_it_has_less()
    {
        var rig = new MediaRig(workers: 2, gathered: 100);
        Handle busy = rig.OpenCall(out StreamPorts ports);
        AssertStreams(rig, 1, 0);
        // A hundred milliseconds of strangers' packets cost what a call's do.
        rig.Turn(MediaLimits.SweepMilliseconds);
        for (int i = 0; i < MediaLimits.PacketsPerSecondGathered * MediaLimits.SweepMilliseconds / 1000; i++)
            Assert.True(rig.Network.Deliver(Stranger, rig.EdgePort(ports.A.Rtp), Rtp((ushort)i)));
        rig.Turn();
        rig.Turn(MediaLimits.SweepMilliseconds);
        Handle next = rig.Open(out StreamPorts _);
        AssertStreams(rig, 1, 1);
        rig.Turn(MediaLimits.SweepMilliseconds);
        Handle later = rig.Open(out StreamPorts _);
        AssertStreams(rig, 2, 1);
        rig.AssertSumLaw();
        foreach (Handle call in (Handle[])[busy, next, later]) rig.Client.Close(call);
        rig.AssertNothingHeld();
    }

    private static void AssertStreams(MediaRig rig, params long[] expected)
    {
        rig.Turn();
        Assert.Equal(expected, rig.Workers.Select(worker => worker.Counters.Streams));
    }
}
