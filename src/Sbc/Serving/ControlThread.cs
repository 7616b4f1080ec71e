using Sbc.Engine.Routing;
using Sbc.Network;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>
/// Looks once a second at what no worker can see: datagrams that the kernel dropped, the wall clock, and listeners that
/// a reload took away and nothing names any more.
/// </summary>
public sealed class ControlThread : IDisposable
{
    /// <summary>The kernel's counters have 32 bits: often enough that none goes round unseen.</summary>
    private const int LookMilliseconds = 1000;

    private readonly Server _server;
    private readonly SharedCells _cells;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public ControlThread(Server server)
    {
        _server = server;
        _cells = server.Workers.Cells;
        SetClock();
        _thread = new Thread(Run) { Name = "control", IsBackground = true };
    }

    public void Start() => _thread.Start();

    private void Run()
    {
        do
        {
            SetClock();
            _server.Listeners.CountDrops();
            _server.CloseUnused();
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
