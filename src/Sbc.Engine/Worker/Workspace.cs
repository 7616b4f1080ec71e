using Sbc.Engine.Forwarding;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Rewriting;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>What the parts of one worker share: time, snapshot, outbox, state memory, timers and counters.</summary>
public sealed class Workspace(
    int index, Snapshot snapshot, SharedCells cells, Tokens tokens, ForwardTokens forwardTokens,
    SipHash hash, Outbox outbox, WorkerCounters counters, SpscRing<LogRecord> log, ulong seed, Instant start)
{
    private readonly Rewriter _rewriter = new();
    private ulong _random = seed | 1;

    public int Index { get; } = index;

    /// <summary>Set once a turn.</summary>
    public Instant Now { get; set; } = start;

    /// <summary>Read once a turn.</summary>
    public Snapshot Snapshot { get; set; } = snapshot;

    public SharedCells Cells { get; } = cells;

    public Tokens Tokens { get; } = tokens;

    public ForwardTokens ForwardTokens { get; } = forwardTokens;

    public SipHash Hash { get; } = hash;

    /// <summary>The route of a request; null: none matches. The one place where rules are asked.</summary>
    /// <param name="request">Any method.</param>
    /// <param name="origin">Realm, peer and source address it counts as coming from.</param>
    /// <param name="requestUri">Its own, or a target of a redirect.</param>
    public Route? Match(SipMessage request, in Origin origin, ReadOnlySpan<byte> requestUri) =>
        Snapshot.Tables[Index].Match(request, origin, requestUri, Cells.MinuteOfWeek(Now));

    /// <summary>The message as the route of its call wants it; itself where it wants nothing. Valid until the next
    /// one.</summary>
    /// <param name="route">Row of the route.</param>
    /// <param name="toTarget">Its way: to where the route leads, or back to the caller.</param>
    /// <param name="message">Request or response.</param>
    public SipMessage Rewritten(int route, bool toTarget, SipMessage message) =>
        Snapshot.Tables[Index].RewriteOf(route) is { } rewrite
            ? _rewriter.Apply(toTarget ? rewrite.ToTarget : rewrite.ToCaller, message)
            : message;

    /// <summary>The final response to a new call that its route makes of this one.</summary>
    public int RewrittenStatus(int route, int code) => Snapshot.Tables[Index].RewriteOf(route)?.Status(code) ?? code;

    public Outbox Outbox { get; } = outbox;

    public WorkerCounters Counters { get; } = counters;

    public BufferPool Buffers { get; } = new(Limits.StateBytesMax);

    public TimerWheel Timers { get; } = new(Limits.TimersMax, start);

    /// <summary>The call whose handler runs, so that an exception in it ends that call and no other.</summary>
    public Handle CallAtWork { get; set; } = Handle.None;

    /// <summary>A peer is to be probed at once: worker 0 is woken at the end of the turn.</summary>
    public bool ProbesWanted { get; set; }

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
