using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// A signalling worker's hand on the relay: opens, directs and closes sessions, and hears of them. Single-threaded.
/// </summary>
/// <remarks>
/// In a turn: <see cref="Drain"/> first, then the calls' work, then <see cref="Flush"/>. Every TryX returns false
/// and changes nothing when the media worker's ring is full. <see cref="Close"/> cannot fail: what finds no room waits
/// here.
/// </remarks>
public sealed class MediaClient
{
    private readonly MediaLink[] _links;
    private readonly PairBinder _binder;
    private readonly Pool<MediaSession> _sessions;
    private readonly Pool<MediaStream> _streams;
    private readonly CommandOutbox _outbox;
    private readonly MediaEvent[] _events = new MediaEvent[MediaLimits.EventsPerDrainMax];
    private readonly BoundPair[] _bound = new BoundPair[2 * MediaLimits.StreamsPerSessionMax];
    private long _sessionsActive;

    /// <param name="worker">Index of the signalling worker.</param>
    /// <param name="links">One to each media worker, in their order.</param>
    public MediaClient(int worker, IPortBinder sockets, MediaLink[] links, int sessionsMax)
    {
        Check.That(links.Length > 0);
        _links = links;
        _binder = new PairBinder(worker, sockets);
        _sessions = new Pool<MediaSession>(sessionsMax);
        int streamsMax = 0;
        foreach (MediaLink link in links) streamsMax += link.StreamsMax;
        _streams = new Pool<MediaStream>(streamsMax);
        _outbox = new CommandOutbox(links);
    }

    /// <summary>Sessions not yet closed by their call; for any thread.</summary>
    public long SessionsActive => Volatile.Read(ref _sessionsActive);

    /// <summary>Streams that hold ports, those about to close included.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Closes wait for room: call <see cref="Drain"/> again soon.</summary>
    public bool IsCloseWaiting => _outbox.IsCloseWaiting;

    /// <summary>Whether a ring of events holds something.</summary>
    public bool HasWork
    {
        get
        {
            foreach (MediaLink link in _links)
            {
                if (!link.Events.IsEmpty) return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Opens a session with a stream for each of <paramref name="setups"/>, all or none, on one media worker. The
    /// ports are bound when it returns, so that the SDP that names them may leave.
    /// </summary>
    /// <param name="owner">Handed back in every event: the call.</param>
    /// <param name="ports">As long as <paramref name="setups"/>.</param>
    public bool TryOpenSession(
        long owner, in MediaEnd a, in MediaEnd b, ReadOnlySpan<StreamSetup> setups, Span<StreamPorts> ports,
        Instant now, out Handle session, out MediaError error)
    {
        session = Handle.None;
        Check.That(ports.Length >= setups.Length);
        error = MediaError.TooManyStreams;
        if (setups.Length > MediaLimits.StreamsPerSessionMax) return false;
        error = MediaError.TooManySessions;
        if (!_sessions.TryRent(out Handle rented)) return false;
        ref MediaSession state = ref _sessions[rented.Index];
        state.Owner = owner;
        state.Link = _outbox.Choose();
        error = TryBindAll(state.Link, a, b, setups.Length, now);
        if (error != MediaError.None)
        {
            _sessions.Return(rented);
            return false;
        }
        for (int i = 0; i < setups.Length; i++)
            ports[i] = Open(rented, i, a.Realm, b.Realm, setups[i], _bound[2 * i], _bound[(2 * i) + 1]);
        session = rented;
        Volatile.Write(ref _sessionsActive, _sessionsActive + 1);
        return true;
    }

    /// <summary>A re-INVITE brought another m-line. <paramref name="stream"/> is its place in the session.</summary>
    public bool TryAddStream(
        Handle session, in MediaEnd a, in MediaEnd b, in StreamSetup setup, Instant now,
        out int stream, out StreamPorts ports, out MediaError error)
    {
        ports = default;
        stream = -1;
        error = MediaError.NoSession;
        if (!IsOpen(session)) return false;
        ref MediaSession state = ref _sessions[session.Index];
        ReadOnlySpan<int> streams = state.Streams;
        stream = streams.IndexOf(0);
        error = MediaError.TooManyStreams;
        if (stream < 0) return false;
        error = TryBindAll(state.Link, a, b, 1, now);
        if (error != MediaError.None) return false;
        ports = Open(session, stream, a.Realm, b.Realm, setup, _bound[0], _bound[1]);
        return true;
    }

    /// <summary>
    /// Another early dialog of the same INVITE: a session with streams in the same places, with the same ports of side
    /// B, which the one offer named, and with ports of its own on side A, which this dialog's answer to the caller
    /// names. What comes to the shared ports belongs to the session whose target or latch its source fits.
    /// </summary>
    /// <remarks>
    /// For a call (A is the caller): the session that the offer opened serves the first early dialog that answers; for
    /// each further one this is called with that session or any other of the call, then
    /// <see cref="TrySetTarget"/> for side B with its answer; the caller's description is known already, and
    /// a later one is set in every session. A line that one answer refuses is muted, not closed, while others may
    /// still want it. A session that ends before the others keeps nothing from them: each is closed by
    /// <see cref="Close"/>, in any order, and the ports of side B close with the last. Silence is watched in the
    /// final answer's session alone.
    /// </remarks>
    /// <param name="of">A session of the call.</param>
    /// <param name="a">The caller's end.</param>
    /// <param name="ports">By place; as long as a session may have streams.</param>
    public bool TryOpenFork(
        Handle of, long owner, in MediaEnd a, Span<StreamPorts> ports, Instant now, out Handle fork,
        out MediaError error)
    {
        fork = Handle.None;
        Check.That(ports.Length >= MediaLimits.StreamsPerSessionMax);
        error = MediaError.NoSession;
        if (!IsOpen(of)) return false;
        error = MediaError.TooManySessions;
        if (!_sessions.TryRent(out Handle rented)) return false;
        int link = _sessions[of.Index].Link;
        int count = 0;
        error = MediaError.None;
        for (int i = 0; i < MediaLimits.StreamsPerSessionMax; i++)
        {
            ports[i] = default;
            if (!TryFind(of, i, out Handle sibling)) continue;
            if (Sharing(sibling.Index) >= MediaLimits.ForksPerStreamMax) error = MediaError.TooManyForks;
            count++;
        }
        if (error == MediaError.None) error = TryBindAll(link, a, null, count, now);
        if (error != MediaError.None)
        {
            _sessions.Return(rented);
            return false;
        }
        ref MediaSession state = ref _sessions[rented.Index];
        state.Owner = owner;
        state.Link = link;
        for (int i = 0, bound = 0; i < MediaLimits.StreamsPerSessionMax; i++)
        {
            if (TryFind(of, i, out Handle sibling))
                ports[i] = OpenFork(rented, i, sibling, a.Realm, _bound[bound++]);
        }
        fork = rented;
        Volatile.Write(ref _sessionsActive, _sessionsActive + 1);
        return true;
    }

    /// <summary>One side's SDP came: its offer or its answer, the first or a later one.</summary>
    public bool TrySetTarget(Handle session, int stream, MediaSide side, in StreamTarget target)
    {
        if (!TryFind(session, stream, out Handle handle)) return false;
        ref MediaStream state = ref _streams[handle.Index];
        bool isOwn = state.Holds(target.Rtp) || state.Holds(target.Rtcp);
        return _outbox.TryPush(_sessions[session.Index].Link, new RelayCommand
        {
            Verb = RelayVerb.SetTarget,
            Stream = handle,
            Side = side,
            Rtp = target.Rtp,
            Rtcp = target.Rtcp,
            Signalling = target.Signalling,
            MaySend = target.MaySend && !isOwn,
            IsMuted = target.IsMuted,
            IsHeld = target.IsHeld,
            HasKind = target.Kind is not null,
            Kind = target.Kind.GetValueOrDefault(),
            Mux = target.IsMuxAgreed ? RtcpMux.Agreed : target.IsMux ? RtcpMux.Described : RtcpMux.None,
            PacketsPerSecondMax = target.PacketsPerSecondMax,
            BitsPerSecondMax = target.BitsPerSecondMax,
            ClockHz = target.ClockHz,
        });
    }

    /// <summary>Whether one of the session's own ports is bound there.</summary>
    public bool Holds(Handle session, in TransportAddress address)
    {
        for (int i = 0; i < MediaLimits.StreamsPerSessionMax; i++)
        {
            if (TryFind(session, i, out Handle stream) && _streams[stream.Index].Holds(address)) return true;
        }
        return false;
    }

    /// <summary>
    /// A re-INVITE or UPDATE of this side: its media may come from elsewhere now, if it shows continuity.
    /// </summary>
    public bool TryAllow(Handle session, int stream, MediaSide side) =>
        TryFind(session, stream, out Handle handle) && _outbox.TryPush(
            _sessions[session.Index].Link, new RelayCommand { Verb = RelayVerb.Allow, Stream = handle, Side = side });

    /// <summary>Asks for a <see cref="RelayEventKind.Report"/> of a stream.</summary>
    public bool TryReport(Handle session, int stream) =>
        TryFind(session, stream, out Handle handle) && _outbox.TryPush(
            _sessions[session.Index].Link, new RelayCommand { Verb = RelayVerb.Report, Stream = handle });

    /// <summary>
    /// What a stream's ports had received some seconds ago; nothing where it is new. See
    /// <see cref="MediaLimits.MeasureSeconds"/>.
    /// </summary>
    public bool TryMeasured(Handle session, int stream, out PortStatistics a, out PortStatistics b)
    {
        a = b = default;
        if (!TryFind(session, stream, out Handle handle)) return false;
        a = _streams[handle.Index].MeasuredA;
        b = _streams[handle.Index].MeasuredB;
        return a.Packets + b.Packets > 0;
    }

    /// <summary>Watches all streams for silence (the call is answered), or stops to (hold).</summary>
    public bool TryArmSilence(Handle session, bool isArmed)
    {
        if (!IsOpen(session)) return false;
        ref MediaSession state = ref _sessions[session.Index];
        if (!_outbox.HasRoom(state.Link, state.StreamCount)) return false;
        state.IsArmed = isArmed;
        for (int i = 0; i < MediaLimits.StreamsPerSessionMax; i++)
        {
            if (!TryFind(session, i, out Handle stream)) continue;
            if (!isArmed) _streams[stream.Index].IsSilent = false;
            bool isPosted = _outbox.TryPush(state.Link, new RelayCommand
            {
                Verb = isArmed ? RelayVerb.Arm : RelayVerb.Disarm, Stream = stream,
            });
            Check.That(isPosted);
        }
        return true;
    }

    /// <summary>A re-INVITE took an m-line away. Its ports come back with Closed; its place is free at once.</summary>
    public void CloseStream(Handle session, int stream)
    {
        if (!TryFind(session, stream, out Handle handle)) return;
        _sessions[session.Index].Streams[stream] = 0;
        _streams[handle.Index].IsClosing = true;
        _outbox.PushClose(_sessions[session.Index].Link, handle);
    }

    /// <summary>
    /// The call is over. The handle is stale from now on; the last Closed tells that all ports are back.
    /// </summary>
    public void Close(Handle session)
    {
        if (!IsOpen(session)) return;
        for (int i = 0; i < MediaLimits.StreamsPerSessionMax; i++) CloseStream(session, i);
        ref MediaSession state = ref _sessions[session.Index];
        state.IsClosing = true;
        Volatile.Write(ref _sessionsActive, _sessionsActive - 1);
        if (state.StreamCount == 0) _sessions.Return(session);
    }

    /// <summary>What happened; valid until the next call. Full means there may be more.</summary>
    public ReadOnlySpan<MediaEvent> Drain(Instant now)
    {
        _outbox.FlushWaiting();
        int count = 0;
        foreach (MediaLink link in _links)
        {
            while (count < _events.Length && link.Events.TryPop(out RelayEvent happened))
            {
                if (Translate(happened, now, out _events[count])) count++;
            }
        }
        return _events.AsSpan(0, count);
    }

    /// <summary>Wakes the media workers that were given commands; once, at the end of the turn.</summary>
    public void Flush() => _outbox.Ring();

    private bool Translate(in RelayEvent happened, Instant now, out MediaEvent translated)
    {
        translated = default;
        // Only Closed ends a stream's name here, and it comes last: nothing stale can arrive.
        Check.That(_streams.IsLive(happened.Stream));
        ref MediaStream stream = ref _streams[happened.Stream.Index];
        ref MediaSession session = ref _sessions[stream.Session.Index];
        translated = new MediaEvent
        {
            Kind = happened.Kind,
            Side = happened.Side,
            Component = happened.Component,
            Stream = stream.Ordinal,
            Session = stream.Session,
            Owner = happened.Owner,
            Address = happened.Address,
            A = happened.A,
            B = happened.B,
        };
        switch (happened.Kind)
        {
            case RelayEventKind.Silent:
                stream.IsSilent = session.IsArmed && !stream.IsClosing;
                return stream.IsSilent && IsSilent(session);
            case RelayEventKind.Heard:
                stream.IsSilent = false;
                return false;
            case RelayEventKind.Measured:
                stream.MeasuredA = happened.A;
                stream.MeasuredB = happened.B;
                return false;
            case RelayEventKind.Closed:
                translated.IsLast = EndStream(happened.Stream, now);
                return true;
            default:
                return !stream.IsClosing;
        }
    }

    /// <returns>Whether the session ended with it.</returns>
    private bool EndStream(Handle handle, Instant now)
    {
        ref MediaStream stream = ref _streams[handle.Index];
        Handle sessionHandle = stream.Session;
        ref MediaSession session = ref _sessions[sessionHandle.Index];
        _binder.Release(stream.SliceA, stream.A, now);
        // The relay closes shared ports with their last stream, whose event is the last, too.
        if (stream.NextSharing == 0) _binder.Release(stream.SliceB, stream.B, now);
        else Unshare(handle.Index);
        _streams.Return(handle);
        _outbox.CountClosed(session.Link);
        session.StreamCount--;
        if (!session.IsClosing || session.StreamCount > 0) return false;
        _sessions.Return(sessionHandle);
        return true;
    }

    private bool IsSilent(in MediaSession session)
    {
        foreach (int stream in session.Streams)
        {
            if (stream != 0 && !_streams[stream - 1].IsSilent) return false;
        }
        return true;
    }

    /// <param name="b">Null where only side A's are bound.</param>
    private MediaError TryBindAll(int link, in MediaEnd a, MediaEnd? b, int count, Instant now)
    {
        MediaError error = _outbox.WhyNot(link, count);
        int bound = 0;
        int ends = b is null ? 1 : 2;
        while (bound < ends * count && error == MediaError.None)
        {
            error = _binder.TryBind(bound % ends == 0 ? a : b!.Value, now, out _bound[bound]);
            if (error == MediaError.None) bound++;
        }
        if (error == MediaError.None) return error;
        while (bound > 0) _binder.Undo(_bound[--bound], now);
        return error;
    }

    private StreamPorts Open(
        Handle session, int ordinal, MediaRealm a, MediaRealm b, in StreamSetup setup,
        in BoundPair boundA, in BoundPair boundB)
    {
        bool isRented = _streams.TryRent(out Handle handle);
        Check.That(isRented);
        ref MediaSession owner = ref _sessions[session.Index];
        ref MediaStream stream = ref _streams[handle.Index];
        stream = new MediaStream
        {
            Session = session,
            Ordinal = ordinal,
            SliceA = boundA.Slice,
            SliceB = boundB.Slice,
            A = boundA.Pair,
            B = boundB.Pair,
            AddressA = boundA.Address,
            AddressB = boundB.Address,
        };
        owner.Streams[ordinal] = handle.Index + 1;
        owner.StreamCount++;
        _outbox.PushOpen(owner.Link, new RelayCommand
        {
            Verb = RelayVerb.Open,
            Stream = handle,
            Owner = owner.Owner,
            Kind = setup.Kind,
            ClockHz = setup.ClockHz,
            LatchA = a.Latching,
            LatchB = b.Latching,
            LatchBitsIPv4A = a.LatchBitsIPv4,
            LatchBitsIPv6A = a.LatchBitsIPv6,
            LatchBitsIPv4B = b.LatchBitsIPv4,
            LatchBitsIPv6B = b.LatchBitsIPv6,
            ReducesRtcpA = a.ReducesRtcp,
            ReducesRtcpB = b.ReducesRtcp,
            LocalA = boundA.Address,
            LocalB = boundB.Address,
            RealmA = a.Index,
            RealmB = b.Index,
            SilenceSeconds = Shorter(a.SilenceSeconds, b.SilenceSeconds),
            IsArmed = owner.IsArmed,
            SocketARtp = boundA.Rtp,
            SocketARtcp = boundA.Rtcp,
            SocketBRtp = boundB.Rtp,
            SocketBRtcp = boundB.Rtcp,
        });
        return new StreamPorts(boundA.Pair, boundB.Pair);
    }

    private StreamPorts OpenFork(Handle session, int ordinal, Handle sibling, MediaRealm a, in BoundPair bound)
    {
        bool isRented = _streams.TryRent(out Handle handle);
        Check.That(isRented);
        ref MediaSession owner = ref _sessions[session.Index];
        ref MediaStream other = ref _streams[sibling.Index];
        ref MediaStream stream = ref _streams[handle.Index];
        stream = other with
        {
            Session = session, SliceA = bound.Slice, A = bound.Pair, AddressA = bound.Address, IsSilent = false,
            MeasuredA = default, MeasuredB = default,
            NextSharing = other.NextSharing == 0 ? sibling.Index + 1 : other.NextSharing,
        };
        other.NextSharing = handle.Index + 1;
        owner.Streams[ordinal] = handle.Index + 1;
        owner.StreamCount++;
        _outbox.PushOpen(owner.Link, new RelayCommand
        {
            Verb = RelayVerb.OpenFork,
            Stream = handle,
            Sibling = sibling,
            Owner = owner.Owner,
            LatchA = a.Latching,
            LatchBitsIPv4A = a.LatchBitsIPv4,
            LatchBitsIPv6A = a.LatchBitsIPv6,
            ReducesRtcpA = a.ReducesRtcp,
            LocalA = bound.Address,
            RealmA = a.Index,
            SocketARtp = bound.Rtp,
            SocketARtcp = bound.Rtcp,
        });
        return new StreamPorts(bound.Pair, stream.B);
    }

    /// <summary>How many streams share this one's ports, itself included.</summary>
    private int Sharing(int index)
    {
        int count = 1;
        for (int each = _streams[index].NextSharing - 1; each >= 0 && each != index; count++)
            each = _streams[each].NextSharing - 1;
        return count;
    }

    private void Unshare(int index)
    {
        int before = index;
        while (_streams[before].NextSharing - 1 != index) before = _streams[before].NextSharing - 1;
        int next = _streams[index].NextSharing;
        _streams[before].NextSharing = next == before + 1 ? 0 : next;
    }

    private bool IsOpen(Handle session) => _sessions.IsLive(session) && !_sessions[session.Index].IsClosing;

    private bool TryFind(Handle session, int stream, out Handle handle)
    {
        handle = Handle.None;
        if (!IsOpen(session) || (uint)stream >= MediaLimits.StreamsPerSessionMax) return false;
        int index = _sessions[session.Index].Streams[stream] - 1;
        if (index < 0) return false;
        handle = _streams.HandleOf(index);
        return true;
    }

    private static int Shorter(int a, int b) => a == 0 ? b : b == 0 ? a : Math.Min(a, b);
}
