using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

public sealed class MediaWorkerTests
{
    [Fact]
    public void Forwarding_allocates_nothing()
    {
        var rig = new MediaRig();
        rig.OpenCall(out StreamPorts ports);
        rig.Network.KeepsSent = false;
        byte[] packet = Rtp(1);
        TransportAddress edge = rig.EdgePort(ports.A.Rtp), core = rig.CorePort(ports.B.Rtp);
        MediaWorker worker = rig.Workers[0];
        Instant now = rig.Now;
        for (int round = 0; round < 400; round++)
        {
            for (int i = 0; i < 32; i++)
            {
                rig.Network.Deliver(Phone, edge, packet);
                rig.Network.Deliver(Proxy, core, packet);
            }
            now = now.AddMilliseconds(20);
            long before = GC.GetAllocatedBytesForCurrentThread();
            worker.Turn(now, 1);
            // The first rounds compile the code and fill the fake's queues.
            if (round > 100) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(400 * 32, rig.Counters.SentPackets(0));
        Assert.Equal(400 * 32, rig.Counters.SentPackets(1));
    }

    [Fact]
    public void A_packet_received_with_the_close_of_its_stream_never_hits_the_next_one()
    {
        var rig = new MediaRig(pairs: 1);
        Handle old = rig.OpenCall(out StreamPorts ports);
        rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1));
        // The worker takes the packet and then, in the same turn, the close and an open that reuses the slot.
        rig.Network.Deliver(Phone, rig.EdgePort(ports.A.Rtp), Rtp(2));
        rig.Client.Close(old);
        rig.Network.Sent.Clear();
        rig.Turn();
        Assert.Empty(rig.Network.Sent);
        Assert.Equal(1, rig.Counters.Dropped(rig.Counters.RealmNone, DropReason.NoSession));
        Handle next = rig.OpenCall(out StreamPorts again);
        Assert.Equal(ports, again);
        Assert.NotEqual(old, next);
        Assert.False(rig.Client.TryAllow(old, 0, MediaSide.A));
        rig.Client.Close(old);
        rig.Turn();
        Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(3)));
        rig.AssertSumLaw();
    }

    [Fact]
    public void A_full_ring_is_told_and_loses_no_close()
    {
        var rig = new MediaRig(commandCapacity: 4);
        Handle session = rig.OpenCall(out _);
        Handle other = rig.Open(out _);
        rig.Turn();
        for (int i = 0; i < 4; i++) Assert.True(rig.Client.TryAllow(session, 0, MediaSide.A));
        Assert.False(rig.Client.TryAllow(session, 0, MediaSide.A));
        Assert.False(rig.Client.TryArmSilence(session, isArmed: true));
        Assert.False(rig.Client.TryOpenSession(
            1, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), [default], new StreamPorts[1], rig.Now, out _,
            out MediaError error));
        Assert.Equal(MediaError.RingFull, error);
        rig.Client.Close(session);
        rig.Client.Close(other);
        Assert.True(rig.Client.IsCloseWaiting);
        rig.AssertNothingHeld();
    }

    [Fact]
    public void Closed_waits_for_room_in_the_ring_of_events()
    {
        var rig = new MediaRig(eventCapacity: 2);
        Handle[] sessions = [.. Enumerable.Range(0, 20).Select(_ => rig.Open(out StreamPorts _))];
        foreach (MediaWorker worker in rig.Workers) worker.Turn(rig.Now, 1);
        foreach (Handle session in sessions) rig.Client.Close(session);
        MediaWorker media = rig.Workers[0];
        media.Turn(rig.Now, 0);
        Assert.Equal(rig.Now.AddMilliseconds(MediaLimits.EventRetryMilliseconds), media.NextDeadline);
        rig.AssertNothingHeld();
        Assert.Equal(20, rig.Events.Count(e => e is { Kind: RelayEventKind.Closed, IsLast: true }));
    }

    [Fact]
    public void Silence_of_both_sides_is_told_once_it_lasted_since_the_answer()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts ports);
        for (int i = 0; i < 300; i++) rig.Turn(100);
        Assert.Empty(rig.Events);
        Assert.True(rig.Client.TryArmSilence(session, isArmed: true));
        for (int i = 0; i < 95; i++) rig.Turn(100);
        rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp(1));
        for (int i = 0; i < 95; i++) rig.Turn(100);
        Assert.DoesNotContain(rig.Events, e => e.Kind == RelayEventKind.Silent);
        for (int i = 0; i < 300; i++) rig.Turn(100);
        Assert.Equal(session, Assert.Single(rig.Events, e => e.Kind == RelayEventKind.Silent).Session);
    }

    [Fact]
    public void A_held_call_may_be_silent()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out _);
        Assert.True(rig.Client.TryArmSilence(session, isArmed: true));
        rig.Turn(5000);
        Assert.True(rig.Client.TryArmSilence(session, isArmed: false));
        for (int i = 0; i < 300; i++) rig.Turn(100);
        Assert.Empty(rig.Events);
        Assert.True(rig.Client.TryArmSilence(session, isArmed: true));
        for (int i = 0; i < 120; i++) rig.Turn(100);
        Assert.Single(rig.Events, e => e.Kind == RelayEventKind.Silent);
    }

    [Fact]
    public void A_call_is_silent_only_when_all_its_streams_are()
    {
        var rig = new MediaRig();
        Handle session = rig.OpenCall(out StreamPorts audio);
        Assert.True(rig.Client.TryAddStream(
            session, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), default, rig.Now, out int video, out _, out _));
        Assert.Equal(1, video);
        Assert.True(rig.Client.TryArmSilence(session, isArmed: true));
        for (int i = 0; i < 300; i++)
        {
            rig.Turn(100);
            rig.Network.Deliver(Phone, rig.EdgePort(audio.A.Rtp), Rtp((ushort)i));
        }
        Assert.DoesNotContain(rig.Events, e => e.Kind == RelayEventKind.Silent);
        for (int i = 0; i < 120; i++) rig.Turn(100);
        Assert.Single(rig.Events, e => e.Kind == RelayEventKind.Silent);
    }

    [Fact]
    public void A_worker_without_streams_has_no_deadline()
    {
        var rig = new MediaRig();
        Assert.Equal(Instant.Never, rig.Workers[0].NextDeadline);
        rig.Client.Close(rig.OpenCall(out _));
        Assert.True(rig.Workers[0].HasWork);
        rig.Turn();
        Assert.False(rig.Workers[0].HasWork);
        Assert.Equal(Instant.Never, rig.Workers[0].NextDeadline);
    }
}
