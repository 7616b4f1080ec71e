using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>A signalling worker's way to the media workers: the rings, what waits for room, and whom to wake.</summary>
internal sealed class CommandOutbox(MediaLink[] links)
{
    private readonly bool[] _toRing = new bool[links.Length];
    private readonly int[] _streamsAt = new int[links.Length];

    // Closes that found no room; as many as there may be streams.
    private (int Link, Handle Stream)[] _waiting = new (int, Handle)[16];
    private int _waitingCount;

    public bool IsCloseWaiting => _waitingCount > 0;

    /// <summary>
    /// The media worker for a new session: the first one with room to spare, so that few calls wake few threads, each
    /// for several packets; where all have much to do, the one that has the fewest streams of this signalling worker.
    /// </summary>
    public int Choose()
    {
        int best = 0;
        for (int link = 0; link < links.Length; link++)
        {
            if (_streamsAt[link] < links[link].Gathered &&
                links[link].PacketsPerSecond < MediaLimits.PacketsPerSecondGathered) return link;
            if (_streamsAt[link] < _streamsAt[best]) best = link;
        }
        return best;
    }

    /// <summary>Whether a media worker takes so many more streams, and has room for so many commands.</summary>
    public MediaError WhyNot(int link, int streams)
    {
        if (_streamsAt[link] + streams > links[link].StreamsMax) return MediaError.TooManyStreams;
        return HasRoom(link, streams) ? MediaError.None : MediaError.RingFull;
    }

    public bool HasRoom(int link, int commands) =>
        links[link].Commands.Capacity - links[link].Commands.Count >= commands;

    public bool TryPush(int link, in RelayCommand command)
    {
        if (!links[link].Commands.TryPush(command)) return false;
        _toRing[link] = true;
        return true;
    }

    /// <summary>For what opens a stream, after <see cref="WhyNot"/> had nothing against it.</summary>
    public void PushOpen(int link, in RelayCommand command)
    {
        bool isPushed = TryPush(link, command);
        Check.That(isPushed);
        _streamsAt[link]++;
    }

    /// <summary>Cannot fail: what finds no room waits here.</summary>
    public void PushClose(int link, Handle stream)
    {
        if (TryPush(link, new RelayCommand { Verb = RelayVerb.Close, Stream = stream })) return;
        if (_waitingCount == _waiting.Length) Array.Resize(ref _waiting, _waiting.Length * 2);
        _waiting[_waitingCount++] = (link, stream);
    }

    public void CountClosed(int link) => _streamsAt[link]--;

    public void FlushWaiting()
    {
        int count = _waitingCount;
        _waitingCount = 0;
        // What finds no room again goes back to the front part of the same array, which was read already.
        for (int i = 0; i < count; i++) PushClose(_waiting[i].Link, _waiting[i].Stream);
    }

    /// <summary>At most one wake for each media worker and turn.</summary>
    public void Ring()
    {
        for (int link = 0; link < links.Length; link++)
        {
            if (!_toRing[link]) continue;
            _toRing[link] = false;
            links[link].Media.Ring();
        }
    }
}
