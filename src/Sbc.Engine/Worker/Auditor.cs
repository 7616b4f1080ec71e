using Sbc.Engine.Calls;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Worker;

/// <summary>What the auditor can find.</summary>
public enum AuditFinding : byte
{
    /// <summary>A call that nothing would ever end: no timer, or a set-up without its INVITE.</summary>
    Call,

    /// <summary>A server transaction that nobody will answer.</summary>
    ServerTransaction,

    /// <summary>A client transaction that nobody waits for and nothing ends.</summary>
    ClientTransaction,

    /// <summary>A media session whose call is gone.</summary>
    Media,

    /// <summary>The count of active calls is not that of the calls.</summary>
    Counter,
}

/// <summary>
/// Looks at intervals whether everything alive has an owner that will end it, a slice of the tables at a time; ends
/// what has none and counts it. There is nothing to find unless the code is wrong.
/// </summary>
public sealed class Auditor(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, CallEnding ending,
    CallMedia media)
{
    private const long IntervalMicroseconds = 1_000_000;

    /// <summary>Entries of each table in one slice: under 100 us of a worker's second.</summary>
    private const int Slice = 4096;

    private Instant _next;
    private int _call;
    private int _server;
    private int _client;

    // Counts of a whole walk over the calls, which is right only where no slice came between.
    private int _active;
    private int _sessions;

    // Listeners that were named since the walk began; which tables it has been through.
    private ulong _seen;
    private int _walked;
    private long _walks;
    private ulong _named;

    /// <summary>Walks through all tables that have ended. Any thread may read.</summary>
    public long Walks => Volatile.Read(ref _walks);

    /// <summary>The listeners, a bit each, that calls and transactions named in the last whole walk.</summary>
    public ulong ListenersNamed => Volatile.Read(ref _named);

    /// <summary>Looks at the next slice when it is time.</summary>
    public void Turn()
    {
        if (work.Now < _next) return;
        _next = work.Now.AddMicroseconds(IntervalMicroseconds);
        Look(Slice);
    }

    /// <summary>Looks at so many entries of each table.</summary>
    public void Look(int count)
    {
        LookAtCalls(count);
        LookAtServers(count);
        LookAtClients(count);
        if (_walked != WalkedAll) return;
        Volatile.Write(ref _named, _seen);
        Volatile.Write(ref _walks, _walks + 1);
        _seen = 0;
        _walked = 0;
    }

    private const int WalkedCalls = 1;
    private const int WalkedServers = 2;
    private const int WalkedClients = 4;
    private const int WalkedAll = WalkedCalls | WalkedServers | WalkedClients;

    private void LookAtCalls(int count)
    {
        bool isWhole = count >= calls.Created;
        if (isWhole) _call = _active = _sessions = 0;
        for (; count > 0 && _call < calls.Created; count--, _call++)
        {
            if (!calls.TryAt(_call, out Handle handle)) continue;
            ref CallState call = ref calls[handle];
            if (call.Kind == CallKind.Session && call.Primary.IsNone && call.Phase != CallPhase.Challenged) _active++;
            if (call.HasMedia && !call.MediaIsShared) _sessions++;
            _seen |= 1UL << call.Legs[CallState.Ingress].Listener | 1UL << call.Legs[CallState.Egress].Listener;
            if (IsOwned(call)) continue;
            work.Counters.CountFinding(AuditFinding.Call);
            work.CallAtWork = handle;
            End(handle, ref call);
        }
        if (_call >= calls.Created)
        {
            _call = 0;
            _walked |= WalkedCalls;
        }
        if (!isWhole) return;
        if (_active != work.Counters.CallsActive) work.Counters.CountFinding(AuditFinding.Counter);
        if (_sessions != media.SessionsActive) work.Counters.CountFinding(AuditFinding.Media);
    }

    private void End(Handle handle, ref CallState call)
    {
        // What lives on must not stay chained to it.
        if (!call.Primary.IsNone && !calls.IsLive(call.Primary)) calls.Remove(handle);
        else if (call.Kind == CallKind.Session) ending.EndBothLegs(handle, "Reason: SIP;cause=500\r\n"u8);
        else ending.Finish(handle);
    }

    private bool IsOwned(in CallState call)
    {
        if (call.IsBranch && (call.Phase != CallPhase.Setup || !clients.IsLive(call.InviteClient))) return false;
        if (!call.Primary.IsNone)
            return calls.IsLive(call.Primary) && (call.Phase != CallPhase.Confirmed || call.Timer != 0);
        if (call.Phase == CallPhase.Over) return call.Forks > 0;
        if (call.Phase == CallPhase.Setup && call.Branches > 0) return servers.IsLive(call.InviteServer);
        if (call.Timer == 0) return false;
        return call.Phase != CallPhase.Setup ||
            (servers.IsLive(call.InviteServer) && (call.AwaitsName || clients.IsLive(call.InviteClient)));
    }

    private void LookAtServers(int count)
    {
        for (; count > 0 && _server < servers.Created; count--, _server++)
        {
            if (!servers.TryAt(_server, out Handle handle)) continue;
            ref ServerTransaction server = ref servers[handle];
            _seen |= 1UL << server.Listener;
            if (server.Timer != 0 || calls.IsLive(server.Call) || clients.IsLive(server.Client)) continue;
            work.Counters.CountFinding(AuditFinding.ServerTransaction);
            servers.DropUnanswered(handle);
        }
        if (_server < servers.Created) return;
        _server = 0;
        _walked |= WalkedServers;
    }

    private void LookAtClients(int count)
    {
        for (; count > 0 && _client < clients.Created; count--, _client++)
        {
            if (!clients.TryAt(_client, out Handle handle)) continue;
            ref ClientTransaction client = ref clients[handle];
            _seen |= 1UL << client.Listener;
            if (client.Timer != 0) continue;
            // An INVITE that rings has no timer of its own, but its call has one.
            if (client.IsInvite && client.State == TransactionState.Proceeding && calls.IsLive(client.Call) &&
                calls[client.Call].InviteClient == handle) continue;
            work.Counters.CountFinding(AuditFinding.ClientTransaction);
            clients.Drop(handle);
        }
        if (_client < clients.Created) return;
        _client = 0;
        _walked |= WalkedClients;
    }
}
