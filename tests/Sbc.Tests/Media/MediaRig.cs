using System.Buffers.Binary;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Tests.Sip.Sdp;
using Xunit;

namespace Sbc.Tests.Media;

/// <summary>
/// Signalling workers, media workers and two realms over a <see cref="FakeNetwork"/>, on a clock of its own.
/// </summary>
internal sealed class MediaRig
{
    public static readonly TransportAddress Phone = At("198.51.100.7", 4000);
    public static readonly TransportAddress Proxy = At("10.0.0.21", 6000);
    public static readonly TransportAddress Stranger = At("203.0.113.66", 9999);

    public MediaRig(
        int pairs = 64, LatchMode latching = LatchMode.Signalling, int clients = 1, int workers = 1,
        int commandCapacity = 256, int eventCapacity = 256, int batch = 64, int streamsMax = 1024,
        int gathered = 0, bool reducesRtcp = false, byte latchBits = 32, LatchMode coreLatching = LatchMode.Open)
    {
        Edge = new MediaRealm
        {
            Index = 0,
            Ports = new PortPool(20000, 20000 + (2 * pairs) - 1, 2000),
            IPv4 = At("192.0.2.10", 0),
            Latching = latching,
            LatchBitsIPv4 = latchBits,
            ReducesRtcp = reducesRtcp,
            SilenceSeconds = 10,
        };
        Core = new MediaRealm
        {
            Index = 1,
            Ports = new PortPool(30000, 30000 + (2 * pairs) - 1, 2000),
            IPv4 = At("10.0.0.10", 0),
            Latching = coreLatching,
        };
        var wake = new Doorbell(new NoWakeSignal());
        var links = new MediaLink[clients, workers];
        Clients = new MediaClient[clients];
        Workers = new MediaWorker[workers];
        for (int c = 0; c < clients; c++)
        {
            for (int w = 0; w < workers; w++)
                links[c, w] = new MediaLink(wake, wake, streamsMax, gathered, commandCapacity, eventCapacity);
        }
        for (int c = 0; c < clients; c++)
        {
            var mine = new MediaLink[workers];
            for (int w = 0; w < workers; w++) mine[w] = links[c, w];
            Clients[c] = new MediaClient(c, Network, mine, sessionsMax: 1024);
        }
        for (int w = 0; w < workers; w++)
        {
            var mine = new MediaLink[clients];
            for (int c = 0; c < clients; c++) mine[c] = links[c, w];
            Ports = new FakeNetwork.WorkerPorts(Network);
            Workers[w] = new MediaWorker(
                Ports, new PacketPool(batch, 4096), mine, wake, realms: 2, new SipHash(1, 2), batch);
        }
    }

    public FakeNetwork Network { get; } = new();

    public FakeNetwork.WorkerPorts? Ports { get; }

    public MediaRealm Edge { get; }

    public MediaRealm Core { get; }

    public MediaClient[] Clients { get; }

    public MediaWorker[] Workers { get; }

    public MediaClient Client => Clients[0];

    public MediaCounters Counters => Workers[0].Counters;

    public Instant Now { get; set; } = new(1_000_000_000);

    public List<MediaEvent> Events { get; } = [];

    /// <summary>An audio session, opened; no target is set.</summary>
    public Handle Open(out StreamPorts ports, StreamKind kind = StreamKind.Rtp, long owner = 42)
    {
        var given = new StreamPorts[1];
        Assert.True(
            Client.TryOpenSession(owner, new MediaEnd(Edge), new MediaEnd(Core), [new(kind)], given, Now,
                out Handle session, out MediaError error),
            error.ToString());
        ports = given[0];
        return session;
    }

    /// <summary>Both sides described: the phone at the edge is side A, the proxy in the core side B.</summary>
    public Handle OpenCall(
        out StreamPorts ports, bool maySend = true, bool isMux = false, StreamKind kind = StreamKind.Rtp)
    {
        Handle session = Open(out ports, kind);
        Target(session, MediaSide.A, Phone, maySend, isMux);
        Target(session, MediaSide.B, Proxy, isMux: isMux);
        Turn();
        return session;
    }

    public void Target(
        Handle session, MediaSide side, TransportAddress rtp, bool maySend = true, bool isMux = false,
        bool isMuted = false, TransportAddress signalling = default)
    {
        Assert.True(Client.TrySetTarget(session, 0, side, new StreamTarget
        {
            Rtp = rtp,
            Rtcp = rtp.IsNone ? rtp : rtp.WithPort(rtp.Port + 1),
            MaySend = maySend,
            IsMux = isMux,
            IsMuted = isMuted,
            Signalling = signalling,
        }));
    }

    public TransportAddress EdgePort(ushort port) => Edge.IPv4.WithPort(port);

    public TransportAddress CorePort(ushort port) => Core.IPv4.WithPort(port);

    public void Turn(int milliseconds = 1)
    {
        Now = Now.AddMilliseconds(milliseconds);
        foreach (MediaWorker worker in Workers)
        {
            while (worker.Turn(Now, 1) != 0)
            {
            }
        }
        foreach (MediaClient client in Clients)
        {
            foreach (MediaEvent happened in client.Drain(Now)) Events.Add(happened);
            client.Flush();
        }
    }

    /// <summary>Sends one datagram in and returns what left because of it.</summary>
    public Sent[] Pass(in TransportAddress from, in TransportAddress to, byte[] bytes)
    {
        Network.Sent.Clear();
        Assert.True(Network.Deliver(from, to, bytes));
        Turn();
        // What left for another port of the box arrives now.
        Turn();
        return [.. Network.Sent];
    }

    /// <summary>Received = forwarded + dropped, in every realm; forwarded = sent over all.</summary>
    public void AssertSumLaw()
    {
        long forwarded = 0, sent = 0;
        foreach (MediaWorker worker in Workers)
        {
            for (int realm = 0; realm < worker.Counters.Rows; realm++)
            {
                long dropped = 0;
                for (int reason = 0; reason < DropReasons.Count; reason++)
                    dropped += worker.Counters.Dropped(realm, (DropReason)reason);
                Assert.Equal(worker.Counters.ReceivedPackets(realm), worker.Counters.ForwardedPackets(realm) + dropped);
                forwarded += worker.Counters.ForwardedPackets(realm);
                sent += worker.Counters.SentPackets(realm);
            }
        }
        Assert.Equal(forwarded, sent);
    }

    /// <summary>Closes a session and waits until its ports are back.</summary>
    public void AssertNothingHeld()
    {
        for (int i = 0; i < 100 && Array.Exists(Clients, c => c.StreamCount > 0); i++) Turn();
        Assert.Equal(0, Network.SocketsOpen);
        Assert.Equal(Edge.Ports.Pairs, Edge.Ports.PairsFree);
        Assert.Equal(Core.Ports.Pairs, Core.Ports.PairsFree);
        foreach (MediaClient client in Clients) Assert.Equal(0, client.SessionsActive);
        foreach (MediaWorker worker in Workers) Assert.Equal(0, worker.Counters.Streams);
    }

    public static byte[] Rtp(ushort sequence, uint ssrc = 0x1111, byte payloadType = 0, uint timestamp = 0)
    {
        byte[] packet = new byte[172];
        packet[0] = 0x80;
        packet[1] = payloadType;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp == 0 ? sequence * 160u : timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }

    public static byte[] Rtcp(uint ssrc = 0x1111)
    {
        byte[] packet = [0x80, 201, 0, 1, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        return packet;
    }

    public static byte[] Stun()
    {
        byte[] packet = new byte[20];
        packet[1] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), 0x2112_A442);
        return packet;
    }

    public static TransportAddress At(string host, int port) => SdpSamples.Address(host, port);
}
