using Sbc.Engine.Routing;
using Sbc.Network;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>Looks once a second at what no worker can see: datagrams that the kernel dropped, and the wall clock.
/// </summary>
public sealed class ControlThread : IDisposable
{
    /// <summary>The kernel's counters have 32 bits: often enough that none goes round unseen.</summary>
    private const int LookMilliseconds = 1000;

    private readonly IReadOnlyList<UdpListener> _listeners;
    private readonly SharedCells _cells;
    private readonly long[] _drops;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public ControlThread(IReadOnlyList<UdpListener> listeners, SharedCells cells)
    {
        _cells = cells;
        SetClock();
        _listeners = listeners;
        _drops = new long[listeners.Count];
        _thread = new Thread(Run) { Name = "control", IsBackground = true };
    }

    /// <summary>Datagrams the kernel dropped at one listener since the start, at most a second old.</summary>
    public long KernelDrops(int listener) => Volatile.Read(ref _drops[listener]);

    public void Start() => _thread.Start();

    private void Run()
    {
        do
        {
            SetClock();
            for (int i = 0; i < _drops.Length; i++) Volatile.Write(ref _drops[i], (long)_listeners[i].KernelDrops);
        }
        while (!_stop.Wait(LookMilliseconds));
    }

    private void SetClock()
    {
        _cells.LocalOffsetMicroseconds = LocalOffset(MonotonicClock.Now);
        _cells.UtcOffsetMicroseconds = UtcOffset(MonotonicClock.Now);
    }

    /// <summary>Universal time, from 1970 on, minus the workers' clock.</summary>
    public static long UtcOffset(Instant now) =>
        ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - now.Microseconds;

    /// <summary>Local wall time, from 1970 on, minus the workers' clock.</summary>
    public static long LocalOffset(Instant now) =>
        ((DateTimeOffset.Now.DateTime - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - now.Microseconds;

    public void Dispose()
    {
        _stop.Set();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted)) _thread.Join();
    }
}
