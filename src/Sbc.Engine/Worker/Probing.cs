using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Worker;

/// <summary>Health of peers: OPTIONS at intervals from one worker, and failures in a row of real traffic from all.</summary>
public sealed class Probing(Workspace work, ClientTransactions clients, LegRequest requests)
{
    private readonly ProbeState[] _states = new ProbeState[Limits.PeersMax];

    /// <summary>Starts and stops probes as the snapshot says. Only worker 0 probes.</summary>
    public void Adopt(Snapshot snapshot)
    {
        if (work.Index != 0) return;
        foreach (Peer peer in snapshot.Peers)
        {
            ref ProbeState state = ref _states[peer.Id];
            // Nothing else would bring back a peer that a reload set to no probes while it was down.
            if (peer.Probe is null) SetUp(peer.Id, true, 0);
            // A probe still under way has no timer where the peer was away for a while: it gets a new one.
            if (peer.Probe is null || state.Timer != 0) continue;
            // The first round is spread over a second, so that a thousand peers are not asked at once.
            long delay = (long)(work.NextRandom() % 1_000_000);
            state.Timer = work.Timers.Schedule(
                work.Now.AddMicroseconds(delay), TimerKind.Probe, new Handle(peer.Id, 1));
        }
    }

    public void OnTimer(int peerId)
    {
        ref ProbeState state = ref _states[peerId];
        state.Timer = 0;
        Peer? peer = work.Snapshot.PeerById(peerId);
        // A peer that a reload took away, or set to no probes, is asked no more.
        if (peer?.Probe is null) return;
        int interval = peer.Probe.IntervalMilliseconds;
        Send(peer, ref state, interval);
        long jitter = (long)(work.NextRandom() % (ulong)Math.Max(1, interval * 200)) - (interval * 100L);
        state.Timer = work.Timers.Schedule(
            work.Now.AddMicroseconds((interval * 1000L) + jitter), TimerKind.Probe, new Handle(peerId, 1));
    }

    private void Send(Peer peer, ref ProbeState state, int interval)
    {
        if (clients.IsLive(state.Client) || !clients.TryCreate(SipMethod.Options, ClientPurpose.Probe, out Handle client)) return;
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        Span<byte> token = stackalloc byte[Tokens.Length];
        work.Tokens.Write(TokenKind.Probe, work.Index, client, token);
        writer.Raw("OPTIONS sip:"u8);
        writer.Raw(peer.HostPort);
        writer.Raw(" SIP/2.0\r\n"u8);
        requests.WriteVia(ref writer, peer.Listener, TokenKind.Branch, client);
        // As far as the peer itself and not what is behind it.
        writer.Raw("Max-Forwards: 1\r\nFrom: <sip:"u8);
        writer.Raw(peer.Listener.Host);
        writer.Header(">;tag="u8, token);
        writer.Raw("To: <sip:"u8);
        writer.Raw(peer.HostPort);
        writer.Header(">\r\nCall-ID: "u8, token);
        writer.Raw("CSeq: 1 OPTIONS\r\nContact: <sip:"u8);
        writer.Raw(peer.Listener.HostPort);
        writer.Raw(">\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"u8);
        clients[client].Peer = peer.Id;
        state.Client = client;
        int life = Math.Min(interval, work.Snapshot.Timers.T1x64);
        clients.Send(client, slot, writer.Length, peer.Listener.Index, peer.Address, life);
    }

    /// <summary>An answer to a probe: anything but 503 and 408 is alive.</summary>
    public void OnResponse(int peerId, int code)
    {
        if (code < 200) return;
        OnOutcome(peerId, code is not (503 or 408), code);
    }

    public void OnNoResponse(int peerId) => OnOutcome(peerId, false, 0);

    private void OnOutcome(int peerId, bool alive, int code)
    {
        Probe? probe = work.Snapshot.PeerById(peerId)?.Probe;
        if (probe is null) return;
        ref ProbeState state = ref _states[peerId];
        bool isUp = work.Cells.PeerIsUp(peerId);
        // Real traffic took it down since the last probe: what probes said before that counts no more.
        if (state.WasUp && !isUp) state.Good = 0;
        state.WasUp = isUp;
        state.Good = alive ? state.Good + 1 : 0;
        state.Bad = alive ? 0 : state.Bad + 1;
        if (alive && state.Good >= probe.UpAfter) SetUp(peerId, true, code);
        else if (!alive && state.Bad >= probe.DownAfter) SetUp(peerId, false, code);
    }

    /// <summary>Real traffic found the peer silent or unreachable. Only probes bring it back, so only a probed one goes down.</summary>
    public void OnTrafficFailure(int peerId)
    {
        if (peerId < 0) return;
        long failures = work.Cells.CountPeerFailure(peerId);
        Probe? probe = work.Snapshot.PeerById(peerId)?.Probe;
        if (probe is not null && failures >= probe.DownAfter) SetUp(peerId, false, 0);
    }

    private void SetUp(int peerId, bool up, int code)
    {
        if (up) work.Cells.ClearPeerFailures(peerId);
        if (!work.Cells.SetPeerUp(peerId, up)) return;
        TransportAddress address = work.Snapshot.PeerById(peerId)?.Address ?? default;
        work.Log(new LogRecord(up ? LogKind.PeerUp : LogKind.PeerDown, peerId, code, address));
    }

    private struct ProbeState
    {
        public Handle Client;
        public int Timer;
        public int Good;

        /// <summary>It was up at the last probe's outcome.</summary>
        public bool WasUp;
        public int Bad;
    }
}
