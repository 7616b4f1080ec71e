using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>Calls that come, change and go at random while everybody sends to every port.</summary>
public sealed class RelayStormTests
{
    private sealed class Call
    {
        public int Client;
        public Handle Session;
        public StreamPorts Ports;
        public TransportAddress Phone;
        public TransportAddress Proxy;
        public uint Ssrc;
        public ushort Sequence;
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(2, 1, 3)]
    [InlineData(3, 3, 1)]
    [InlineData(4, 2, 2)]
    public void Whatever_happens_packets_are_accounted_for_and_ports_come_back(int seed, int clients, int workers)
    {
        var random = new Random(seed);
        var rig = new MediaRig(
            pairs: 12, clients: clients, workers: workers, commandCapacity: 16, eventCapacity: 4, batch: 16);
        var calls = new List<Call>();
        ushort nextPhone = 1000;
        for (int step = 0; step < 4000; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    TryOpen(rig, calls, random, ref nextPhone);
                    break;
                case 1 when calls.Count > 0:
                    Call ended = calls[random.Next(calls.Count)];
                    rig.Clients[ended.Client].Close(ended.Session);
                    calls.Remove(ended);
                    break;
                case 2 when calls.Count > 0:
                    Change(rig, calls[random.Next(calls.Count)], random);
                    break;
                case 3:
                    rig.Turn(random.Next(50));
                    break;
                default:
                    SendSome(rig, calls, random);
                    break;
            }
            AssertNobodyElseGotMedia(rig, calls);
        }
        foreach (Call call in calls) rig.Clients[call.Client].Close(call.Session);
        rig.AssertNothingHeld();
        rig.AssertSumLaw();
        long forwarded = rig.Workers.Sum(w => w.Counters.ForwardedPackets(0) + w.Counters.ForwardedPackets(1));
        long refused = rig.Workers.Sum(w => w.Counters.Dropped(0, DropReason.SourceRefused));
        Assert.True(forwarded > 1000 && refused > 100, $"forwarded {forwarded}, refused {refused}: a storm of nothing");
    }

    private static void TryOpen(MediaRig rig, List<Call> calls, Random random, ref ushort nextPhone)
    {
        var call = new Call { Client = random.Next(rig.Clients.Length), Ssrc = (uint)random.Next() };
        // Every phone has a port of its own, so that a packet to it tells whose media it is.
        call.Phone = Phone.WithPort(nextPhone += 2);
        call.Proxy = Proxy.WithPort(nextPhone);
        var ports = new StreamPorts[1];
        MediaClient client = rig.Clients[call.Client];
        if (!client.TryOpenSession(
            nextPhone, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), [default], ports, rig.Now, out call.Session,
            out MediaError error))
        {
            Assert.True(error is MediaError.NoPorts or MediaError.RingFull, error.ToString());
            return;
        }
        call.Ports = ports[0];
        calls.Add(call);
        bool isDirected = client.TrySetTarget(call.Session, 0, MediaSide.A, Target(call.Phone))
            && client.TrySetTarget(call.Session, 0, MediaSide.B, Target(call.Proxy));
        if (isDirected) return;
        client.Close(call.Session);
        calls.Remove(call);
    }

    private static void Change(MediaRig rig, Call call, Random random)
    {
        MediaClient client = rig.Clients[call.Client];
        switch (random.Next(3))
        {
            case 0:
                client.TryAllow(call.Session, 0, (MediaSide)random.Next(2));
                break;
            case 1:
                client.TryArmSilence(call.Session, random.Next(2) == 0);
                break;
            default:
                client.TryReport(call.Session, 0);
                break;
        }
    }

    /// <summary>Loss, reordering, duplicates, strangers, and packets for ports that are closed already.</summary>
    private static void SendSome(MediaRig rig, List<Call> calls, Random random)
    {
        for (int i = random.Next(20); i > 0; i--)
        {
            ushort any = (ushort)(20000 + random.Next(24));
            if (calls.Count == 0 || random.Next(8) == 0)
            {
                rig.Network.Deliver(Stranger, rig.EdgePort(any), Rtp((ushort)random.Next(65_536), (uint)random.Next()));
                continue;
            }
            Call call = calls[random.Next(calls.Count)];
            ushort sequence = (ushort)(call.Sequence++ + random.Next(-2, 3));
            if (random.Next(10) == 0) continue;
            if (random.Next(2) == 0)
                rig.Network.Deliver(call.Phone, rig.EdgePort(call.Ports.A.Rtp), Rtp(sequence, call.Ssrc));
            else
                rig.Network.Deliver(call.Proxy, rig.CorePort(call.Ports.B.Rtp), Rtp(sequence, call.Ssrc));
        }
    }

    /// <summary>What leaves the ports of a call goes to this call's ends; strangers never get anything.</summary>
    private static void AssertNobodyElseGotMedia(MediaRig rig, List<Call> calls)
    {
        foreach (Sent sent in rig.Network.Sent)
        {
            Assert.False(sent.To.SameAddress(Stranger));
            Call? call = calls.Find(c => rig.EdgePort(c.Ports.A.Rtp) == sent.From);
            if (call is not null) Assert.Equal(call.Phone, sent.To);
            call = calls.Find(c => rig.CorePort(c.Ports.B.Rtp) == sent.From);
            if (call is not null) Assert.Equal(call.Proxy, sent.To);
        }
        rig.Network.Sent.Clear();
    }

    private static StreamTarget Target(TransportAddress rtp) => new()
    {
        Rtp = rtp, Rtcp = rtp.WithPort(rtp.Port + 1), MaySend = true,
    };
}
