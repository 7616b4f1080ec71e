using System.Runtime.InteropServices;

namespace Sbc.Engine.Routing;

/// <summary>
/// The one set of state that workers share and change: counters of peers, groups and realms, and health.
/// </summary>
/// <remarks>Each cell has cache lines of its own. Rows are found once, when the configuration is compiled.</remarks>
public sealed class SharedCells
{
    private readonly Cell[] _peerCalls = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerDown = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerDraining = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerFailures = new Cell[Limits.PeersMax];
    private readonly Cell[] _peerResponseMicroseconds = new Cell[Limits.PeersMax];
    private readonly Cell[] _groupPosition = new Cell[Limits.GroupsMax + Limits.PeersMax];
    private readonly Cell[] _realmCalls = new Cell[Limits.RealmsMax];
    private readonly Cell[] _realmBucket = new Cell[Limits.RealmsMax];
    private int _draining;

    /// <summary>The box takes no new calls.</summary>
    public bool Draining
    {
        get => Volatile.Read(ref _draining) != 0;
        set => Volatile.Write(ref _draining, value ? 1 : 0);
    }

    public long PeerCalls(int peer) => Volatile.Read(ref _peerCalls[peer].Value);

    public void AddPeerCall(int peer, int change) => Interlocked.Add(ref _peerCalls[peer].Value, change);

    public bool PeerIsUp(int peer) => Volatile.Read(ref _peerDown[peer].Value) == 0;

    /// <summary>True when this call changed the state.</summary>
    public bool SetPeerUp(int peer, bool up) =>
        Interlocked.Exchange(ref _peerDown[peer].Value, up ? 0 : 1) != (up ? 0 : 1);

    public bool PeerIsDraining(int peer) => Volatile.Read(ref _peerDraining[peer].Value) != 0;

    public void SetPeerDraining(int peer, bool draining) =>
        Volatile.Write(ref _peerDraining[peer].Value, draining ? 1 : 0);

    /// <summary>Whether new calls may go there.</summary>
    public bool PeerTakesCalls(int peer) => PeerIsUp(peer) && !PeerIsDraining(peer);

    /// <summary>Failures of real traffic in a row, this one included.</summary>
    public long CountPeerFailure(int peer) => Interlocked.Increment(ref _peerFailures[peer].Value);

    public void ClearPeerFailures(int peer)
    {
        if (Volatile.Read(ref _peerFailures[peer].Value) != 0) Volatile.Write(ref _peerFailures[peer].Value, 0);
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

    public uint NextPosition(int group) => (uint)Interlocked.Increment(ref _groupPosition[group].Value);

    public long RealmCalls(int realm) => Volatile.Read(ref _realmCalls[realm].Value);

    /// <summary>Takes a place for a call; false at the limit (0: none), and then nothing is taken.</summary>
    public bool TryTakeRealmCall(int realm, int limit)
    {
        if (Interlocked.Increment(ref _realmCalls[realm].Value) <= limit || limit == 0) return true;
        Interlocked.Decrement(ref _realmCalls[realm].Value);
        return false;
    }

    public void ReturnRealmCall(int realm) => Interlocked.Decrement(ref _realmCalls[realm].Value);

    /// <summary>
    /// A bucket of calls a second for a realm, as GCRA (ITU-T I.371): one cell holds when the next call conforms.
    /// </summary>
    public bool TryTakeCallRate(int realm, int callsPerSecond, long nowMicroseconds)
    {
        if (callsPerSecond == 0) return true;
        long interval = Math.Max(1, 1_000_000 / callsPerSecond);
        ref long cell = ref _realmBucket[realm].Value;
        while (true)
        {
            long due = Volatile.Read(ref cell);
            // A second's worth may come at once; beyond that calls must keep the interval.
            if (due - nowMicroseconds > 1_000_000 - interval) return false;
            long next = Math.Max(due, nowMicroseconds) + interval;
            if (Interlocked.CompareExchange(ref cell, next, due) == due) return true;
        }
    }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Cell
    {
        public long Value;
    }
}
