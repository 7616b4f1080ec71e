using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>A media worker's way back to the signalling workers: the rings, and which of them to wake.</summary>
internal sealed class EventOutbox(MediaLink[] links, MediaCounters counters)
{
    private readonly bool[] _toRing = new bool[links.Length];

    public bool TryPush(int link, in RelayEvent happened)
    {
        if (!links[link].Events.TryPush(happened)) return false;
        _toRing[link] = true;
        return true;
    }

    /// <summary>For what may be lost: it is counted.</summary>
    public void Push(int link, in RelayEvent happened)
    {
        if (!TryPush(link, happened)) counters.LoseEvent();
    }

    /// <summary>At most one wake for each signalling worker and turn.</summary>
    public void Ring()
    {
        for (int link = 0; link < _toRing.Length; link++)
        {
            if (!_toRing[link]) continue;
            _toRing[link] = false;
            links[link].Signalling.Ring();
        }
    }
}
