using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Runtime;

namespace Sbc.Engine.Worker;

/// <summary>What the parts of one worker share: time, snapshot, outbox, state memory, timers and counters.</summary>
public sealed class Workspace(
    int index, Snapshot snapshot, SharedCells cells, Tokens tokens, SipHash hash, Outbox outbox, WorkerCounters counters,
    SpscRing<LogRecord> log, ulong seed, Instant start)
{
    private ulong _random = seed | 1;

    public int Index { get; } = index;

    /// <summary>Set once a turn.</summary>
    public Instant Now { get; set; } = start;

    /// <summary>Read once a turn.</summary>
    public Snapshot Snapshot { get; set; } = snapshot;

    public SharedCells Cells { get; } = cells;

    public Tokens Tokens { get; } = tokens;

    public SipHash Hash { get; } = hash;

    public Outbox Outbox { get; } = outbox;

    public WorkerCounters Counters { get; } = counters;

    public BufferPool Buffers { get; } = new(Limits.StateBytesMax);

    public TimerWheel Timers { get; } = new(Limits.TimersMax, start);

    /// <summary>The call whose handler runs, so that an exception in it ends that call and no other.</summary>
    public Handle CallAtWork { get; set; } = Handle.None;

    /// <summary>Records that found the ring full.</summary>
    public long LogDropped { get; private set; }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): jitter and SDP versions, nothing that must be secret.</summary>
    public ulong NextRandom()
    {
        _random += 0x9E3779B97F4A7C15;
        ulong z = _random;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public void Log(in LogRecord record)
    {
        if (!log.TryPush(record)) LogDropped++;
    }
}
