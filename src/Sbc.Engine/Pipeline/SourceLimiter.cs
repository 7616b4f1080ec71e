using Sbc.Runtime;

namespace Sbc.Engine.Pipeline;

/// <summary>
/// Messages a second of each source (an IPv4 address, an IPv6 /64), in bounded memory, before parsing.
/// </summary>
/// <remarks>
/// Four entries to a set, the least recently seen one goes: a flood from many addresses makes the box forget sources
/// and never grow. Untrusted listeners steer by source, so that a source's budget lives in one worker.
/// </remarks>
public sealed class SourceLimiter(SipHash hash)
{
    private const int Ways = 4;
    private const int Sets = Limits.SourcesTracked / Ways;

    private readonly Entry[] _entries = new Entry[Limits.SourcesTracked];

    /// <param name="messagesPerSecond">Also the burst that may come at once.</param>
    public bool TryTake(in TransportAddress source, int messagesPerSecond, Instant now)
    {
        ulong key = KeyOf(source);
        int set = (int)(key % Sets) * Ways;
        int slot = set;
        for (int i = set; i < set + Ways; i++)
        {
            if (_entries[i].Key == key)
            {
                slot = i;
                break;
            }
            if (_entries[i].SeenAt < _entries[slot].SeenAt) slot = i;
        }
        ref Entry entry = ref _entries[slot];
        if (entry.Key != key) entry = new Entry { Key = key, ConformsAt = now.Microseconds };
        entry.SeenAt = now.Microseconds;
        // GCRA (ITU-T I.371): a second's worth may come at once, then one each interval.
        long interval = Math.Max(1, 1_000_000 / messagesPerSecond);
        if (entry.ConformsAt - now.Microseconds > 1_000_000 - interval) return false;
        entry.ConformsAt = Math.Max(entry.ConformsAt, now.Microseconds) + interval;
        return true;
    }

    private ulong KeyOf(in TransportAddress source) => SourceNetworks.KeyOf(source, hash) | 1;

    private struct Entry
    {
        public ulong Key;
        public long ConformsAt;
        public long SeenAt;
    }
}
