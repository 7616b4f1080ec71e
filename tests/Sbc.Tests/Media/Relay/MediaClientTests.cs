using Sbc.Media;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

public sealed class MediaClientTests
{
    [Fact]
    public void Where_not_all_ports_can_be_bound_none_is_held()
    {
        for (int binds = 0; binds < 12; binds++)
        {
            var rig = new MediaRig();
            rig.Network.BindsLeft = binds;
            Assert.False(TryOpen(rig, streams: 3, out _, out MediaError error));
            Assert.Equal(MediaError.BindFailed, error);
            rig.AssertNothingHeld();
        }
    }

    [Fact]
    public void A_port_of_another_program_is_passed_over_and_rests()
    {
        var rig = new MediaRig();
        rig.Network.Taken.Add(rig.EdgePort(20001));
        rig.Open(out StreamPorts ports);
        Assert.Equal(20002, ports.A.Rtp);
        Assert.Equal(30000, ports.B.Rtp);
        Assert.Equal(63, rig.Edge.Ports.PairsFree);
    }

    [Fact]
    public void Exhaustion_has_a_reason_and_ends_with_the_first_close()
    {
        var rig = new MediaRig(pairs: 5, clients: 2);
        Handle first = rig.Open(out _);
        for (int i = 0; i < 4; i++) rig.Open(out _);
        Assert.False(TryOpen(rig, 1, out _, out MediaError error));
        Assert.Equal(MediaError.NoPorts, error);
        Assert.Equal(0, rig.Edge.Ports.PairsFree);
        Assert.False(TryOpen(rig, 1, out _, out _, client: 1));
        rig.Client.Close(first);
        rig.Turn();
        rig.Turn();
        Assert.Equal(1, rig.Edge.Ports.PairsFree);
        // Quarantine yields under pressure, and to any worker.
        Assert.True(TryOpen(rig, 1, out _, out _, client: 1));
    }

    [Fact]
    public void A_realm_without_the_family_says_so()
    {
        var rig = new MediaRig();
        Assert.False(rig.Client.TryOpenSession(
            1, new MediaEnd(rig.Edge), new MediaEnd(rig.Core, IsIPv6: true), [default], new StreamPorts[1], rig.Now,
            out _, out MediaError error));
        Assert.Equal(MediaError.NoAddress, error);
        rig.AssertNothingHeld();
    }

    [Fact]
    public void Limits_of_streams_are_reasons()
    {
        var rig = new MediaRig(streamsMax: 3);
        Assert.False(TryOpen(rig, MediaLimits.StreamsPerSessionMax + 1, out _, out MediaError error));
        Assert.Equal(MediaError.TooManyStreams, error);
        Assert.True(TryOpen(rig, 3, out Handle session, out _));
        Assert.False(TryOpen(rig, 1, out _, out error));
        Assert.Equal(MediaError.TooManyStreams, error);
        rig.Client.Close(session);
        rig.AssertNothingHeld();
        Assert.True(TryOpen(rig, 3, out _, out _));
    }

    [Fact]
    public void Streams_come_and_go_within_a_session()
    {
        var rig = new MediaRig();
        Assert.True(TryOpen(rig, 2, out Handle session, out _));
        rig.Client.CloseStream(session, 0);
        rig.Turn();
        rig.Turn();
        MediaEvent closed = Assert.Single(rig.Events);
        Assert.Equal((RelayEventKind.Closed, 0, false), (closed.Kind, closed.Stream, closed.IsLast));
        Assert.True(rig.Client.TryAddStream(
            session, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), default, rig.Now, out int stream, out _, out _));
        Assert.Equal(0, stream);
        rig.Client.Close(session);
        Assert.False(rig.Client.TryAllow(session, 0, MediaSide.A));
        rig.AssertNothingHeld();
        Assert.Equal(3, rig.Events.Count);
        Assert.True(rig.Events[^1].IsLast);
    }

    [Fact]
    public void A_session_without_streams_ends_at_once()
    {
        var rig = new MediaRig();
        Assert.True(TryOpen(rig, 0, out Handle session, out _));
        Assert.Equal(1, rig.Client.SessionsActive);
        rig.Client.Close(session);
        rig.Client.Close(session);
        rig.AssertNothingHeld();
    }

    [Fact]
    public void Sessions_are_spread_over_the_media_workers()
    {
        var rig = new MediaRig(workers: 2);
        for (int i = 0; i < 4; i++) rig.Open(out _);
        rig.Turn();
        Assert.Equal([2L, 2L], rig.Workers.Select(w => w.Counters.Streams));
    }

    private static bool TryOpen(MediaRig rig, int streams, out Handle session, out MediaError error, int client = 0) =>
        rig.Clients[client].TryOpenSession(
            1, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), new StreamSetup[streams], new StreamPorts[streams],
            rig.Now, out session, out error);
}
