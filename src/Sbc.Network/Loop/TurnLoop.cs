using System.Collections.Concurrent;
using System.Diagnostics;
using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>
/// The thread of one worker: runs its turns, waits between them for its ports, its wake event and its next deadline.
/// </summary>
public sealed class TurnLoop : IDisposable
{
    /// <summary>The longest wait: what an idle worker publishes (an adopted snapshot) is at most this old.</summary>
    public const long WaitMicrosecondsMax = 1_000_000;

    /// <summary>
    /// The shortest wait after a turn that left a deadline it should have met: a worker that is wrong about its timers
    /// then costs a thousand turns a second, not a processor.
    /// </summary>
    public const long OverdueWaitMicroseconds = 1000;

    private const int PortsMax = 64;

    private readonly ITurn _turn;
    private readonly IPollable?[] _ports = new IPollable?[PortsMax];
    private readonly ConcurrentQueue<(int Index, Action Then)> _leaving = new();
    private readonly Action<Exception> _fatal;
    private readonly WakeEvent _wake;
    private readonly Epoll? _poll;
    private readonly UdpPortSet? _set;
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private long _busyTicks;
    private long _turns;

    /// <param name="name">Of the thread; Linux shows 15 characters.</param>
    /// <param name="ports">Bit i of a turn's ready is the i-th of these; at most 64. Null: nobody yet.</param>
    /// <param name="wake">The signal under the turn's doorbell. Stays the caller's to dispose.</param>
    /// <param name="fatal">
    /// Called on the worker's thread with an exception that left a turn; expected to say so and stop the process,
    /// because nobody knows what the worker's state is by then.
    /// </param>
    /// <exception cref="NetworkException">Out of descriptors or memory.</exception>
    public TurnLoop(
        string name, ITurn turn, IReadOnlyList<IPollable?> ports, WakeEvent wake, Action<Exception> fatal)
    {
        Check.That(ports.Count <= PortsMax);
        _turn = turn;
        _fatal = fatal;
        _wake = wake;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        if (ports is [UdpPortSet set])
        {
            _set = set;
            set.WakeBy(wake);
            return;
        }
        _poll = new Epoll(PortsMax + 1);
        _poll.Add(wake.Descriptor, PollCalls.PollIn | PollCalls.EdgeTriggered, Epoll.Nothing);
        for (int i = 0; i < ports.Count; i++)
        {
            if (ports[i] is { } port) Adopt(i, port);
        }
    }

    /// <summary>Waits for this port too. From any thread; its place is free.</summary>
    /// <exception cref="NetworkException">No memory, or fs.epoll.max_user_watches.</exception>
    public void Adopt(int index, IPollable port)
    {
        Check.That(index < PortsMax && _ports[index] is null);
        Volatile.Write(ref _ports[index], port);
        try
        {
            _poll!.Add(port.PollDescriptor, PollCalls.PollIn, (ulong)index);
        }
        catch (NetworkException)
        {
            _ports[index] = null;
            throw;
        }
    }

    /// <summary>Takes back an <see cref="Adopt"/> whose port no turn was told to use.</summary>
    public void Forget(int index)
    {
        if (_ports[index] is not { } port) return;
        _poll!.Remove(port.PollDescriptor);
        Volatile.Write(ref _ports[index], null);
    }

    /// <summary>
    /// Waits for this port no more. From any thread; the turn uses it no more.
    /// </summary>
    /// <param name="then">Runs on the loop's thread, between two turns, and may close the port.</param>
    public void Release(int index, Action then)
    {
        _leaving.Enqueue((index, then));
        _wake.Wake();
    }

    private void Leave()
    {
        while (_leaving.TryDequeue(out (int Index, Action Then) leaving))
        {
            Forget(leaving.Index);
            leaving.Then();
        }
    }

    /// <summary>Time spent in turns since the start, without the one that runs. Any thread may read.</summary>
    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _busyTicks));

    /// <summary>Turns since the start. Any thread may read.</summary>
    public long Turns => Volatile.Read(ref _turns);

    public void Start() => _thread.Start();

    /// <summary>Ends after the turn that runs, and waits for it. Not to be called from the turn.</summary>
    public void Stop()
    {
        _isStopping = true;
        _wake.Wake();
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) return;
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            RunTurns();
        }
        catch (Exception e)
        {
            // Everything: this is the end of the thread, and what a turn does not handle itself is broken code.
            _fatal(e);
        }
    }

    private void RunTurns()
    {
        ulong ready = 0;
        long begun = Stopwatch.GetTimestamp();
        while (!_isStopping)
        {
            if (!_leaving.IsEmpty) Leave();
            Instant now = MonotonicClock.At(begun);
            ulong more = _turn.Turn(now, ready);
            Volatile.Write(ref _turns, _turns + 1);
            if (more != 0)
            {
                // One call a full batch, so that a port under load does not hide the others, nor their errors.
                ready = more | Wait(0);
                begun = CountBusy(begun);
                continue;
            }
            _turn.Doorbell.PrepareToSleep();
            long ended = CountBusy(begun);
            // A wake may have been taken by a wait within the turn; what it was for is visible after the fence above.
            bool isDue = _isStopping || _turn.HasWork;
            ready = Wait(isDue ? 0 : WaitMicroseconds(now, MonotonicClock.At(ended), _turn.NextDeadline));
            _turn.Doorbell.Awake();
            begun = Stopwatch.GetTimestamp();
        }
    }

    private long CountBusy(long begun)
    {
        long now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _busyTicks, _busyTicks + now - begun);
        return now;
    }

    /// <summary>How long to wait for a deadline, after a turn that began at <paramref name="begun"/>.</summary>
    internal static long WaitMicroseconds(Instant begun, Instant now, Instant deadline)
    {
        // The turn had this deadline's time as its own and left it: nothing is gained by asking again at once.
        if (deadline <= begun) return OverdueWaitMicroseconds;
        // It fell due while the turn ran.
        if (deadline <= now) return 0;
        // Compared first: the difference to Instant.Never may overflow.
        return deadline >= now.AddMicroseconds(WaitMicrosecondsMax) ? WaitMicrosecondsMax : deadline - now;
    }

    /// <summary>Waits and returns the bits of the ports that are ready.</summary>
    private ulong Wait(long timeoutMicroseconds)
    {
        if (_set != null) return _set.Wait(timeoutMicroseconds) ? 1UL : 0;
        int events = _poll!.Wait(timeoutMicroseconds, PortsMax + 1);
        ulong ready = 0;
        for (int i = 0; i < events; i++)
        {
            ulong data = _poll.Data(i);
            if (data == Epoll.Nothing) continue;
            ready |= 1UL << (int)data;
            if ((_poll.Flags(i) & PollCalls.PollError) != 0) _ports[(int)data]?.HintError();
        }
        return ready;
    }

    /// <summary>After <see cref="Stop"/>. Ports and the wake event are their owner's.</summary>
    public void Dispose() => _poll?.Dispose();
}
