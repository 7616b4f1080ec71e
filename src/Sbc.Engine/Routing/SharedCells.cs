using Sbc.Engine.Config;
using Sbc.Engine.Registrations;
using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>
/// The one set of state that workers share and change: counters of peers, groups, routes and realms, and health.
/// </summary>
/// <remarks>Each cell has cache lines of its own. Rows are found once, when the configuration is compiled.</remarks>
public sealed class SharedCells
{
    private readonly Cell[] _peerDown = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerDraining = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerUpSince = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerHeldUntil = new Cell[Limits.PeersMax];
    private readonly Cell[] _trunk = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerProbeWanted = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerResponseMicroseconds = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerCallsTotal = new Cell[Limits.PeersMax];
    private readonly Cell[] _groupPosition = new Cell[Limits.GroupsMax + Limits.PeersMax];
    private long _localOffsetMicroseconds;
    private long _utcOffsetMicroseconds;
    private long _probesWanted;
    private int _draining;

    /// <summary>The box takes no new calls.</summary>
    public bool Draining
    {
        get => Volatile.Read(ref _draining) != 0;
        set => Volatile.Write(ref _draining, value ? 1 : 0);
    }

    /// <summary>Local wall time minus the workers' clock; the control thread keeps it right over summer time.</summary>
    public long LocalOffsetMicroseconds
    {
        get => Volatile.Read(ref _localOffsetMicroseconds);
        set => Volatile.Write(ref _localOffsetMicroseconds, value);
    }

    /// <summary>Universal time, from 1970 on, minus the workers' clock; 0: not known.</summary>
    public long UtcOffsetMicroseconds
    {
        get => Volatile.Read(ref _utcOffsetMicroseconds);
        set => Volatile.Write(ref _utcOffsetMicroseconds, value);
    }

    /// <summary>Local time, from Monday 0:00.</summary>
    public int MinuteOfWeek(Instant now)
    {
        // 1 January 1970 was a Thursday.
        long minute = ((now.Microseconds + LocalOffsetMicroseconds) / 60_000_000) + (3 * 1440);
        return (int)(((minute % WeekHours.MinutesOfWeek) + WeekHours.MinutesOfWeek) % WeekHours.MinutesOfWeek);
    }

    /// <summary>Calls from and to each peer.</summary>
    public LimitCells Peers { get; } = new(Limits.PeersMax);

    /// <summary>Of peers that are written as a name and have limits: over all of its addresses.</summary>
    public LimitCells NamedPeers { get; } = new(Limits.PeersMax);

    /// <summary>Calls that are at a member of the group, chosen there.</summary>
    public LimitCells Groups { get; } = new(Limits.GroupsMax + Limits.PeersMax);

    public LimitCells Routes { get; } = new(Limits.RoutesMax);

    public LimitCells Realms { get; } = new(Limits.RealmsMax);

    public FailureCells Failures { get; } = new();

    /// <summary>REGISTERs to the core registrar.</summary>
    public RegistrationRate Registrations { get; } = new();

    public long PeerCalls(int peer) => Peers.Calls(peer);

    public void AddPeerCall(int peer, int change) => Peers.Add(peer, change);

    public bool PeerIsUp(int peer) => Volatile.Read(ref _peerDown[peer].Value) == 0;

    /// <summary>True when this call changed the state.</summary>
    /// <param name="now">When it came back, from which its slow start counts; default: it has none.</param>
    public bool SetPeerUp(int peer, bool up, Instant now = default)
    {
        if (Interlocked.Exchange(ref _peerDown[peer].Value, up ? 0 : 1) == (up ? 0 : 1)) return false;
        if (up) Volatile.Write(ref _peerUpSince[peer].Value, now.Microseconds);
        return true;
    }

    /// <summary>When it last came back; the start of time where it was never away.</summary>
    public Instant PeerUpSince(int peer) => new(Volatile.Read(ref _peerUpSince[peer].Value));

    public bool PeerIsDraining(int peer) => Volatile.Read(ref _peerDraining[peer].Value) != 0;

    public void SetPeerDraining(int peer, bool draining) =>
        Volatile.Write(ref _peerDraining[peer].Value, draining ? 1 : 0);

    /// <summary>It gets no call before; a time that is earlier than the one it has changes nothing.</summary>
    public void HoldPeer(int peer, Instant until)
    {
        if (until.Microseconds > Volatile.Read(ref _peerHeldUntil[peer].Value))
            Volatile.Write(ref _peerHeldUntil[peer].Value, until.Microseconds);
    }

    public bool PeerIsHeld(int peer, Instant now) =>
        Volatile.Read(ref _peerHeldUntil[peer].Value) > now.Microseconds;

    /// <summary>Whether new calls may go there.</summary>
    public bool PeerTakesCalls(int peer) =>
        PeerIsUp(peer) && !PeerIsDraining(peer) && TrunkOf(peer) != TrunkState.Unregistered;

    /// <summary>Whether the box is registered there, where it has to be.</summary>
    public TrunkState TrunkOf(int peer) => (TrunkState)Volatile.Read(ref _trunk[peer].Value);

    public void SetTrunk(int peer, TrunkState state) => Volatile.Write(ref _trunk[peer].Value, (long)state);

    /// <summary>Whether new calls may go there now.</summary>
    public bool PeerTakesCalls(int peer, Instant now) => PeerTakesCalls(peer) && !PeerIsHeld(peer, now);

    /// <summary>How much of its share the peer gets, of 1024: it grows during its slow start.</summary>
    public int PeerShare(int peer, int slowStartMilliseconds, Instant now)
    {
        long since = Volatile.Read(ref _peerUpSince[peer].Value);
        long lasted = (now.Microseconds - since) / 1000;
        if (since == 0 || lasted >= slowStartMilliseconds) return FullShare;
        return (int)Math.Max(FirstShare, lasted * FullShare / slowStartMilliseconds);
    }

    public const int FullShare = 1024;

    /// <summary>A tenth: less would show nothing, more could bring a cold peer down again.</summary>
    public const int FirstShare = FullShare / 10;

    /// <summary>Asks for a probe ahead of its time, whatever worker saw the reason.</summary>
    public void WantProbe(int peer)
    {
        if (Interlocked.Exchange(ref _peerProbeWanted[peer].Value, 1) == 0) Interlocked.Increment(ref _probesWanted);
    }

    public bool AnyProbeWanted => Volatile.Read(ref _probesWanted) > 0;

    public bool TakeWantedProbe(int peer)
    {
        if (Interlocked.Exchange(ref _peerProbeWanted[peer].Value, 0) == 0) return false;
        Interlocked.Decrement(ref _probesWanted);
        return true;
    }

    /// <summary>Smoothed response time of the peer in microseconds; 0 before the first.</summary>
    public long PeerResponseMicroseconds(int peer) => Volatile.Read(ref _peerResponseMicroseconds[peer].Value);

    /// <summary>An eighth of each new sample (RFC 6298's gain). Written by many: a lost sample does no harm.</summary>
    public void AddPeerResponse(int peer, long microseconds)
    {
        long old = Volatile.Read(ref _peerResponseMicroseconds[peer].Value);
        Volatile.Write(ref _peerResponseMicroseconds[peer].Value, old == 0 ? microseconds : old +
            ((microseconds - old) / 8));
    }

    /// <summary>Calls that were sent to the peer since the start.</summary>
    public long PeerCallsTotal(int peer) => Volatile.Read(ref _peerCallsTotal[peer].Value);

    public void CountPeerCall(int peer) => Interlocked.Increment(ref _peerCallsTotal[peer].Value);

    public uint NextPosition(int group) => (uint)Interlocked.Increment(ref _groupPosition[group].Value);

    public long RealmCalls(int realm) => Realms.Calls(realm);

    /// <summary>Takes a place for a call; false at the limit (0: none), and then nothing is taken.</summary>
    public bool TryTakeRealmCall(int realm, int limit) => Realms.TryTakePlace(realm, limit);

    public void ReturnRealmCall(int realm) => Realms.Add(realm, -1);

    public bool TryTakeCallRate(int realm, int callsPerSecond, long nowMicroseconds) =>
        Realms.TryTakeRate(realm, callsPerSecond, nowMicroseconds);
}
