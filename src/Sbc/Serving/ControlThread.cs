using Sbc.Network;

namespace Sbc.Program.Serving;

/// <summary>Asks the kernel once a second what no worker can see: datagrams it dropped before they were read.</summary>
public sealed class ControlThread : IDisposable
{
    /// <summary>The kernel's counters have 32 bits: often enough that none goes round unseen.</summary>
    private const int LookMilliseconds = 1000;

    private readonly IReadOnlyList<UdpListener> _listeners;
    private readonly long[] _drops;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public ControlThread(IReadOnlyList<UdpListener> listeners)
    {
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
            for (int i = 0; i < _drops.Length; i++) Volatile.Write(ref _drops[i], (long)_listeners[i].KernelDrops);
        }
        while (!_stop.Wait(LookMilliseconds));
    }

    public void Dispose()
    {
        _stop.Set();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted)) _thread.Join();
    }
}
