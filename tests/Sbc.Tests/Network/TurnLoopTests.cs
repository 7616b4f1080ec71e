using System.Diagnostics;
using System.Runtime.InteropServices;
using Sbc.Network;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Network;

/// <summary>The host loop with workers that are a few lines each.</summary>
public class TurnLoopTests
{
    /// <summary>SIGWINCH by its number, which only Linux has; ignored unless handled.</summary>
    private const int WindowChanged = 28;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1000, 1010, 5000, 3990)] // in time
    [InlineData(1000, 1010, 1005, 0)] // fell due while the turn ran
    [InlineData(1000, 1010, 1010, 0)]
    [InlineData(1000, 1010, 1000, TurnLoop.OverdueWaitMicroseconds)] // the turn had this one
    [InlineData(1000, 1010, 1, TurnLoop.OverdueWaitMicroseconds)]
    [InlineData(1000, 1010, long.MinValue, TurnLoop.OverdueWaitMicroseconds)]
    [InlineData(1000, 1010, 9_000_000, TurnLoop.WaitMicrosecondsMax)]
    [InlineData(1000, 1010, long.MaxValue, TurnLoop.WaitMicrosecondsMax)]
    public void Waits_until_the_deadline(long begun, long now, long deadline, long expected) => Assert.Equal(
        expected, TurnLoop.WaitMicroseconds(new Instant(begun), new Instant(now), new Instant(deadline)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Epoll_waits_at_least_as_long_as_it_is_told(bool isPrecise)
    {
        using var poll = new Epoll(1, isPrecise);
        foreach (long microseconds in (long[])[1, 999, 1001, 20_000])
        {
            long begun = Stopwatch.GetTimestamp();
            Assert.Equal(0, poll.Wait(microseconds, 1));
            Assert.True(Stopwatch.GetElapsedTime(begun).TotalMicroseconds >= microseconds);
        }
    }

    [Fact]
    public void Gives_ready_bits_of_the_ports_that_have_packets()
    {
        using UdpListener first = Listen(), second = Listen();
        using var peer = new Peer();
        var slots = new Slots(8);
        var seen = new List<ulong>();
        using var worker = new Worker();
        worker.OnTurn = (_, ready) =>
        {
            if (ready == 0) return 0;
            seen.Add(ready);
            for (int i = 0; i < 2; i++)
            {
                if ((ready >> i & 1) != 0) (i == 0 ? first : second).Ports[0].Receive(slots.Pool, slots.All);
            }
            worker.Done.Release();
            return 0;
        };
        worker.Start([first.Ports[0], second.Ports[0]]);
        peer.Send(second.Local, "x"u8);
        Assert.True(worker.Done.Wait(Patience));
        peer.Send(first.Local, "x"u8);
        Assert.True(worker.Done.Wait(Patience));
        worker.Stop();
        Assert.Equal([2, 1], seen);
    }

    [Fact]
    public void A_port_that_always_has_more_does_not_hide_another()
    {
        using UdpListener first = Listen(), second = Listen();
        using var peer = new Peer();
        using var worker = new Worker();
        bool sent = false;
        worker.OnTurn = (_, ready) =>
        {
            if (!sent)
            {
                sent = true;
                peer.Send(second.Local, "x"u8);
            }
            if ((ready & 2) == 0) return 1;
            second.Ports[0].Receive(worker.Slots.Pool, worker.Slots.All);
            worker.Done.Release();
            return 0;
        };
        worker.Start([first.Ports[0], second.Ports[0]]);
        Assert.True(worker.Done.Wait(Patience));
        worker.Stop();
    }

    [Fact]
    public void An_error_makes_its_port_ready_and_the_queue_readable()
    {
        using UdpListener listener = Listen();
        using var worker = new Worker();
        UdpPort port = listener.Ports[0];
        int errors = 0;
        ulong turns = 0;
        worker.OnTurn = (_, ready) =>
        {
            if (turns++ == 0)
            {
                worker.Slots.Fill(0, Peer.Nobody(true), "x"u8);
                port.Send(worker.Slots.Pool, worker.Slots.All.AsSpan(0, 1));
                return 0;
            }
            if (ready != 1) return 0;
            port.Receive(worker.Slots.Pool, worker.Slots.All);
            errors += port.ReceiveErrors(worker.Slots.Pool, worker.Slots.All);
            worker.Done.Release();
            return 0;
        };
        worker.Start([port]);
        Assert.True(worker.Done.Wait(Patience));
        worker.Stop();
        Assert.Equal(1, errors);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_set_of_ports_is_one_bit_alone_or_beside_a_port(bool isAlone)
    {
        using UdpListener listener = Listen();
        using var set = new UdpPortSet();
        using var peer = new Peer();
        var binder = new UdpPortBinder();
        Assert.True(binder.TryBind(Peer.At("127.0.0.1"), 0, out int handle, out _));
        set.Adopt(handle, key: 9);
        TransportAddress local = UdpPortBinder.LocalOf(handle);
        using var worker = new Worker();
        worker.OnTurn = (_, ready) =>
        {
            if (ready == 0) return 0;
            Assert.Equal(1UL, ready);
            int got = set.Receive(worker.Slots.Pool, worker.Slots.All);
            if (got > 0) set.Send(handle, worker.Slots.Pool, worker.Slots.All.AsSpan(0, got));
            return 0;
        };
        worker.Start(isAlone ? [set] : [set, listener.Ports[0]]);
        for (int i = 0; i < 100; i++)
        {
            peer.Send(local, BitConverter.GetBytes(i));
            Assert.Equal(i, BitConverter.ToInt32(peer.Receive()));
        }
        worker.Stop();
        Assert.Null(worker.Fatal);
        set.Close(handle);
    }

    [Fact]
    public void Runs_a_turn_when_its_deadline_comes_not_before()
    {
        using var worker = new Worker();
        var late = new List<long>();
        worker.OnTurn = (now, _) =>
        {
            if (worker.NextDeadline != Instant.Never) late.Add(now - worker.NextDeadline);
            if (late.Count == 20) worker.Done.Release();
            worker.NextDeadline = now.AddMicroseconds(late.Count == 20 ? 100_000_000 : 700);
            return 0;
        };
        worker.Start([]);
        Assert.True(worker.Done.Wait(Patience));
        worker.Stop();
        Assert.All(late.Take(20), microseconds => Assert.InRange(microseconds, 0, 1_000_000));
    }

    [Fact]
    public void A_deadline_that_stays_in_the_past_does_not_take_the_processor()
    {
        using var worker = new Worker { NextDeadline = new Instant(0) };
        int turns = 0;
        worker.OnTurn = (_, _) =>
        {
            if (++turns == 20) worker.Done.Release();
            return 0;
        };
        long begun = Stopwatch.GetTimestamp();
        worker.Start([]);
        Assert.True(worker.Done.Wait(Patience));
        Assert.True(Stopwatch.GetElapsedTime(begun).TotalMicroseconds >= 19 * TurnLoop.OverdueWaitMicroseconds);
        worker.Stop();
    }

    [Fact]
    public void Busy_time_is_the_time_of_the_turns()
    {
        using var worker = new Worker();
        int turns = 0;
        worker.OnTurn = (_, _) =>
        {
            long begun = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < 5)
            {
            }
            worker.NextDeadline = ++turns == 4 ? Instant.Never : MonotonicClock.Now.AddMilliseconds(20);
            if (turns == 4) worker.Done.Release();
            return 0;
        };
        long started = Stopwatch.GetTimestamp();
        worker.Start([]);
        Assert.True(worker.Done.Wait(Patience));
        worker.Stop();
        double elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Assert.InRange(worker.Loop.Busy.TotalMilliseconds, 20, elapsed - 55);
        Assert.InRange(worker.Loop.Turns, 4, 6);
    }

    [Fact]
    public void An_exception_in_a_turn_is_fatal()
    {
        using var worker = new Worker();
        var broken = new InvalidOperationException("broken");
        worker.OnTurn = (_, _) => throw broken;
        worker.Start([]);
        Assert.True(worker.Done.Wait(Patience));
        Assert.Same(broken, worker.Fatal);
        worker.Stop();
    }

    [Fact]
    public void Stops_without_having_started()
    {
        using var worker = new Worker();
        worker.Make([]);
        worker.Stop();
    }

    [Fact]
    public void A_signal_does_not_end_the_loop()
    {
        using PosixSignalRegistration handler = PosixSignalRegistration.Create((PosixSignal)WindowChanged, _ => { });
        using var worker = new Worker();
        int thread = 0;
        worker.OnTurn = (_, _) =>
        {
            thread = ThreadId();
            worker.Done.Release();
            return 0;
        };
        worker.Start([]);
        for (int i = 0; i < 20; i++)
        {
            // Each signal ends a wait with EINTR (epoll_wait is not restarted), which is a turn sooner than a second.
            Assert.True(worker.Done.Wait(Patience));
            Assert.Equal(0, SignalThread(Environment.ProcessId, thread, WindowChanged));
        }
        worker.Stop();
        Assert.Null(worker.Fatal);
    }

    [DllImport("libc", EntryPoint = "gettid")]
    private static extern int ThreadId();

    [DllImport("libc", EntryPoint = "tgkill")]
    private static extern int SignalThread(int process, int thread, int signal);

    private static UdpListener Listen() =>
        UdpListener.Bind(new UdpListenerOptions { Local = Peer.At("127.0.0.1"), Workers = 1 });

    /// <summary>A worker whose turn is a lambda, and its loop.</summary>
    private sealed class Worker : ITurn, IDisposable
    {
        private readonly WakeEvent _wake = new();
        private TurnLoop? _loop;

        public Worker() => Doorbell = new Doorbell(_wake);

        public Func<Instant, ulong, ulong> OnTurn { get; set; } = (_, _) => 0;

        public SemaphoreSlim Done { get; } = new(0);

        public Slots Slots { get; } = new(8);

        public Exception? Fatal { get; private set; }

        public TurnLoop Loop => _loop!;

        public Instant NextDeadline { get; set; } = Instant.Never;

        public bool HasWork => false;

        public Doorbell Doorbell { get; }

        public ulong Turn(Instant now, ulong ready) => OnTurn(now, ready);

        public void Make(IReadOnlyList<IPollable> ports) => _loop = new TurnLoop("worker", this, ports, _wake, e =>
        {
            Fatal = e;
            Done.Release();
        });

        public void Start(IReadOnlyList<IPollable> ports)
        {
            Make(ports);
            Loop.Start();
        }

        public void Stop() => Loop.Stop();

        public void Dispose()
        {
            _loop?.Stop();
            _loop?.Dispose();
            _wake.Dispose();
        }
    }
}
