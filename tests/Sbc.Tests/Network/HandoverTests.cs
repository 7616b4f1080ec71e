using System.Diagnostics;
using Sbc.Network;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Network;

/// <summary>Two worker threads, a ring and the doorbell: nothing is lost, nobody sleeps through work.</summary>
public class HandoverTests
{
    [Fact]
    public void Two_workers_answer_every_datagram_also_those_they_hand_over()
    {
        // A window that the peer's buffer holds: a default one takes about 250 small datagrams.
        const int datagrams = 20_000, window = 64;
        using UdpListener listener = UdpListener.Bind(
            new UdpListenerOptions { Local = Peer.At("127.0.0.1"), Workers = 2 });
        using WakeEvent wakeA = new(), wakeB = new();
        SpscRing<Handover> toA = new(1024), toB = new(1024);
        Doorbell doorA = new(wakeA), doorB = new(wakeB);
        var a = new EchoWorker(listener.Ports[0], doorA, toA, toB, doorB);
        var b = new EchoWorker(listener.Ports[1], doorB, toB, toA, doorA);
        Exception? fatal = null;
        using var loopA = new TurnLoop("echo-a", a, [listener.Ports[0]], wakeA, e => fatal = e);
        using var loopB = new TurnLoop("echo-b", b, [listener.Ports[1]], wakeB, e => fatal = e);
        loopA.Start();
        loopB.Start();

        using var peer = new Peer();
        var answered = new bool[datagrams];
        int sent = 0;
        for (int received = 0; received < datagrams; received++)
        {
            for (; sent < datagrams && sent - received < window; sent++)
            {
                peer.Send(listener.Local, BitConverter.GetBytes(sent));
            }
            int number = BitConverter.ToInt32(peer.Receive());
            Assert.False(answered[number]);
            answered[number] = true;
        }
        loopA.Stop();
        loopB.Stop();
        Assert.Null(fatal);
        Assert.All(answered, Assert.True);
        Assert.Equal(0UL, listener.KernelDrops);
        // One source port: the kernel gives all to one worker, which hands every other one over.
        Assert.Equal(datagrams / 2, a.HandedOver + b.HandedOver);
    }

    [Fact]
    public void No_wake_is_lost_however_the_push_meets_the_sleep()
    {
        // A lost wake costs the loop's longest wait. Ten thousand pushes at varied moments around PrepareToSleep.
        const int rounds = 10_000;
        using var wake = new WakeEvent();
        var ring = new SpscRing<int>(16);
        var worker = new CountingWorker(ring, new Doorbell(wake));
        using var loop = new TurnLoop("sleeper", worker, [], wake, _ => { });
        loop.Start();
        var random = new Random(1);
        long longest = 0;
        for (int round = 1; round <= rounds; round++)
        {
            long begun = Stopwatch.GetTimestamp();
            Assert.True(ring.TryPush(round));
            worker.Doorbell.Ring();
            while (worker.Seen != round) Thread.SpinWait(1);
            longest = Math.Max(longest, Stopwatch.GetTimestamp() - begun);
            // The consumer is on its way to sleep now, or there already.
            Thread.SpinWait(random.Next(round % 4 == 0 ? 2000 : 60));
        }
        loop.Stop();
        Assert.True(Stopwatch.GetElapsedTime(0, longest).TotalMicroseconds < TurnLoop.WaitMicrosecondsMax * 0.9);
    }

    private readonly record struct Handover(int Number, TransportAddress Remote);

    /// <summary>Echoes even numbers, hands odd ones to the other, which echoes them.</summary>
    private sealed class EchoWorker(
        UdpPort port, Doorbell doorbell, SpscRing<Handover> inbox, SpscRing<Handover> outbox, Doorbell other) : ITurn
    {
        private readonly Slots _slots = new(64, slotBytes: 64);

        public int HandedOver { get; private set; }

        public Instant NextDeadline => Instant.Never;

        public bool HasWork => !inbox.IsEmpty;

        public Doorbell Doorbell => doorbell;

        public ulong Turn(Instant now, ulong ready)
        {
            while (inbox.TryPop(out Handover handover))
            {
                _slots.Fill(0, handover.Remote, BitConverter.GetBytes(handover.Number));
                Check.That(port.Send(_slots.Pool, _slots.All.AsSpan(0, 1)) == 1);
            }
            if (ready == 0) return 0;
            int got = port.Receive(_slots.Pool, _slots.All);
            bool pushed = false;
            for (int i = 0; i < got; i++)
            {
                int number = BitConverter.ToInt32(_slots.Bytes(i));
                if (number % 2 == 0)
                {
                    Check.That(port.Send(_slots.Pool, _slots.All.AsSpan(i, 1)) == 1);
                    continue;
                }
                Check.That(outbox.TryPush(new Handover(number, _slots.Header(i).Remote)));
                HandedOver++;
                pushed = true;
            }
            if (pushed) other.Ring();
            return got == _slots.All.Length ? 1UL : 0;
        }
    }

    private sealed class CountingWorker(SpscRing<int> ring, Doorbell doorbell) : ITurn
    {
        private int _seen;

        public int Seen => Volatile.Read(ref _seen);

        public Instant NextDeadline => Instant.Never;

        public bool HasWork => !ring.IsEmpty;

        public Doorbell Doorbell => doorbell;

        public ulong Turn(Instant now, ulong ready)
        {
            while (ring.TryPop(out int number)) Volatile.Write(ref _seen, number);
            return 0;
        }
    }
}
