using Sbc.Media;
using Sbc.Network;
using Sbc.Runtime;
using Sbc.Tests.Network;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>
/// RTP bleed and injection (advisory ES2025-01 and before it): a third party that sends to every port of a pool all
/// the time, while calls are set up and after.
/// </summary>
public sealed class SprayTests
{
    private const int Pairs = 100;

    [Theory]
    [InlineData(LatchMode.Strict)]
    [InlineData(LatchMode.Signalling)]
    public void Nothing_of_it_arrives_it_receives_nothing_and_the_call_goes_on(LatchMode mode)
    {
        var rig = new MediaRig(pairs: Pairs, latching: mode);
        Handle session = default;
        StreamPorts ports = default;
        int heard = 0;
        for (int round = 0; round < 60; round++)
        {
            switch (round)
            {
                case 10:
                    session = rig.Open(out ports);
                    rig.Target(session, MediaSide.A, Phone, signalling: Phone.WithPort(5060));
                    break;
                case 20:
                    rig.Target(session, MediaSide.B, Proxy);
                    break;
                case 40:
                    // A re-INVITE opens no window.
                    Assert.True(rig.Client.TryAllow(session, 0, MediaSide.A));
                    rig.Target(session, MediaSide.A, Phone.WithPort(4500), signalling: Phone.WithPort(5060));
                    break;
            }
            Spray(rig, (ushort)round);
            // Its own media begins late: the stranger has had every chance to be first.
            if (round < 25 || round == 40) continue;
            TransportAddress phone = round < 40 ? Phone : Phone.WithPort(4500);
            Sent inward = Assert.Single(rig.Pass(phone, rig.EdgePort(ports.A.Rtp), Rtp((ushort)round, 5)));
            Sent outward = Assert.Single(rig.Pass(Proxy, rig.CorePort(ports.B.Rtp), Rtp((ushort)round, 6)));
            Assert.Equal((Proxy, phone), (inward.To, outward.To));
            heard++;
        }
        Assert.Equal(34, heard);
        Assert.True(rig.Counters.Dropped(0, DropReason.SourceRefused) > 50);
        rig.Client.Close(session);
        rig.AssertNothingHeld();
        rig.AssertSumLaw();
    }

    /// <summary>RTP, RTCP and STUN; all of the call but its SSRC, which nobody off its path knows.</summary>
    private static void Spray(MediaRig rig, ushort sequence)
    {
        rig.Network.Sent.Clear();
        for (int port = 0; port < 2 * Pairs; port++)
        {
            foreach (byte[] packet in new[] { Rtp(sequence, 99), Rtcp(99), Stun() })
                rig.Network.Deliver(Stranger, rig.Edge.IPv4.WithPort(20000 + port), packet);
        }
        rig.Turn(100);
        rig.Turn(0);
        Assert.Empty(rig.Network.Sent);
    }

    [Fact]
    public void So_it_is_with_the_kernel_s_sockets()
    {
        // An address of this process' own: other runs of this test may be under way.
        string box = $"127.78.{Environment.ProcessId >> 8 & 0xFF}.{Environment.ProcessId & 0xFF}";
        var realm = new MediaRealm
        {
            Index = 0,
            Ports = new PortPool(20000, 20000 + (2 * Pairs) - 1, 2000),
            IPv4 = At(box, 0),
            Latching = LatchMode.Signalling,
        };
        using var stranger = new Peer("127.0.0.66");
        using var caller = new Peer("127.0.0.21");
        using var callee = new Peer("127.0.0.22");
        using var sockets = new UdpPortSet();
        var wake = new Doorbell(new NoWakeSignal());
        var link = new MediaLink(wake, wake, 16);
        var client = new MediaClient(0, new UdpPortBinder(), [link], 16);
        var worker = new MediaWorker(sockets, new PacketPool(64, 2048), [link], wake, 1, new SipHash(1, 2));
        var now = new Instant(1_000_000);
        var ports = new StreamPorts[1];
        Handle session = default;
        for (ushort round = 0; round < 30; round++)
        {
            now = now.AddMilliseconds(100);
            if (round == 5)
            {
                Assert.True(client.TryOpenSession(1, new MediaEnd(realm), new MediaEnd(realm), [default], ports, now,
                    out session, out _));
                Direct(client, session, MediaSide.A, caller.Address);
            }
            if (round == 10) Direct(client, session, MediaSide.B, callee.Address);
            Spray(stranger, realm, round);
            Turn(worker, client, now);
            if (round < 12) continue;
            caller.Send(realm.IPv4.WithPort(ports[0].A.Rtp), Rtp(round, 5));
            callee.Send(realm.IPv4.WithPort(ports[0].B.Rtp), Rtp(round, 6));
            Turn(worker, client, now);
            // Nothing but the call's own media is what either end has received so far.
            Assert.Equal(Rtp(round, 5), callee.Receive());
            Assert.Equal(Rtp(round, 6), caller.Receive());
        }
        Assert.True(stranger.IsQuiet && caller.IsQuiet && callee.IsQuiet);
        Assert.True(worker.Counters.Dropped(0, DropReason.SourceRefused) > 0);
        client.Close(session);
        Turn(worker, client, now);
        Assert.Equal(0, sockets.Count);
        Assert.Equal(Pairs, realm.Ports.PairsFree);
    }

    private static void Direct(MediaClient client, Handle session, MediaSide side, TransportAddress rtp) =>
        Assert.True(client.TrySetTarget(session, 0, side, new StreamTarget
        {
            Rtp = rtp, Rtcp = rtp.WithPort(rtp.Port + 1), Signalling = rtp.WithPort(0), MaySend = true,
        }));

    private static void Spray(Peer stranger, MediaRealm realm, ushort sequence)
    {
        for (int port = 0; port < 2 * Pairs; port++)
        {
            stranger.Send(realm.IPv4.WithPort(20000 + port), Rtp(sequence, 5));
            stranger.Send(realm.IPv4.WithPort(20000 + port), Rtcp(5));
        }
    }

    private static void Turn(MediaWorker worker, MediaClient client, Instant now)
    {
        client.Flush();
        // Loopback delivers within send: what was sent is there. Empty twice is empty.
        for (int idle = 0; idle < 2;)
        {
            long before = Received(worker);
            worker.Turn(now, 1);
            idle = Received(worker) == before ? idle + 1 : 0;
        }
        client.Drain(now);
    }

    private static long Received(MediaWorker worker) =>
        worker.Counters.ReceivedPackets(0) + worker.Counters.ReceivedPackets(worker.Counters.RealmNone);
}
