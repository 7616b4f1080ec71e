using System.Collections.Concurrent;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Program.Logging;

/// <summary>The one writer of the log: takes workers' records and the program's own lines, formats, writes.</summary>
/// <remarks>A reader of the log that does not read stops this thread and nothing else: what then finds no room is
/// counted.</remarks>
public sealed class LogThread : IDisposable
{
    private const int LinesMax = 1024;
    private const int LookMilliseconds = 100;
    private const int LastWriteMillisecondsMax = 1000;

    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly Func<LogConfig> _config;
    private readonly Workers _workers;
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private long _dropped;

    /// <param name="config">Asked for each line, so that a reload changes level and format.</param>
    public LogThread(TextWriter output, bool isTerminal, Func<LogConfig> config, Workers workers)
    {
        _output = output;
        _isTerminal = isTerminal;
        _config = config;
        _workers = workers;
        _thread = new Thread(Run) { Name = "log", IsBackground = true };
    }

    /// <summary>Lines that found no room, workers' and our own.</summary>
    public long Dropped =>
        Interlocked.Read(ref _dropped) + _workers.Signalling.Sum(worker => worker.Workspace.LogDropped);

    public void Start() => _thread.Start();

    /// <summary>From any thread; never waits.</summary>
    public void Write(LogLine line)
    {
        if (_lines.Count < LinesMax) _lines.Enqueue(line);
        else Interlocked.Increment(ref _dropped);
    }

    private void Run()
    {
        bool stops;
        do
        {
            stops = _stop.Wait(LookMilliseconds);
            Drain();
        }
        while (!stops);
    }

    private void Drain()
    {
        Snapshot snapshot = _workers.Snapshots.Current;
        for (int worker = 0; worker < _workers.Logs.Length; worker++)
        {
            while (_workers.Logs[worker].TryPop(out LogRecord record))
                Print(WorkerLines.Of(record, snapshot, worker));
        }
        while (_lines.TryDequeue(out LogLine? line)) Print(line);
    }

    private void Print(LogLine line)
    {
        LogConfig config = _config();
        if (line.Level < config.Level) return;
        bool text = config.Format == LogFormat.Text || (config.Format == LogFormat.Auto && _isTerminal);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        try
        {
            _output.WriteLine(text ? LogFormatter.Text(line, now) : LogFormatter.Json(line, now));
        }
        catch (IOException)
        {
            // The reader is gone, or the disk full. Calls go on.
            Interlocked.Increment(ref _dropped);
        }
    }

    public void Dispose()
    {
        _stop.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted)) Drain();
        else _thread.Join(LastWriteMillisecondsMax);
    }
}
