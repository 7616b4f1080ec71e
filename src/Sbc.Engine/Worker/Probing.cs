using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Worker;

/// <summary>
/// Probes of peers: OPTIONS at intervals, and at once when real traffic failed. From one worker.
/// </summary>
public sealed class Probing(Workspace work, ClientTransactions clients, LegRequest requests, PeerHealth health)
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
            if (peer.Probe is null) health.SetUp(peer.Id, true, 0);
            // A probe still under way has no timer where the peer was away for a while: it gets a new one.
            if (peer.Probe is null || state.Timer != 0) continue;
            // The first round is spread over a second, so that a thousand peers are not asked at once.
            long delay = (long)(work.NextRandom() % 1_000_000);
            state.Timer = work.Timers.Schedule(
                work.Now.AddMicroseconds(delay), TimerKind.Probe, new Handle(peer.Id, 1));
        }
    }

    /// <summary>Whether a worker asked for a probe ahead of its time, which only worker 0 sends.</summary>
    public bool IsWanted => work.Index == 0 && work.Cells.AnyProbeWanted;

    /// <summary>Sends the probes that workers asked for.</summary>
    public void SendWanted()
    {
        if (!IsWanted) return;
        foreach (Peer peer in work.Snapshot.Peers)
        {
            if (!work.Cells.TakeWantedProbe(peer.Id) || peer.Probe is null) continue;
            ref ProbeState state = ref _states[peer.Id];
            work.Timers.Cancel(ref state.Timer);
            Probe(peer, ref state);
        }
    }

    public void OnTimer(int peerId)
    {
        ref ProbeState state = ref _states[peerId];
        state.Timer = 0;
        // A peer that a reload took away, or set to no probes, is asked no more.
        if (work.Snapshot.PeerById(peerId) is { Probe: not null } peer) Probe(peer, ref state);
    }

    /// <summary>One now, and the next one after the interval, a tenth more or less.</summary>
    private void Probe(Peer peer, ref ProbeState state)
    {
        int interval = peer.Probe!.IntervalMilliseconds;
        Send(peer, ref state, interval);
        long jitter = (long)(work.NextRandom() % (ulong)Math.Max(1, interval * 200)) - (interval * 100L);
        state.Timer = work.Timers.Schedule(
            work.Now.AddMicroseconds((interval * 1000L) + jitter), TimerKind.Probe, new Handle(peer.Id, 1));
    }

    private void Send(Peer peer, ref ProbeState state, int interval)
    {
        if (clients.IsLive(state.Client) ||
            !clients.TryCreate(SipMethod.Options, ClientPurpose.Probe, out Handle client)) return;
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

    /// <summary>An answer to a probe: anything is alive but what `down_on` names.</summary>
    public void OnResponse(int peerId, SipMessage response)
    {
        int code = response.StatusCode;
        if (code < 200) return;
        bool alive = work.Snapshot.PeerById(peerId)?.Probe is { } probe && Array.IndexOf(probe.DownOn, code) < 0;
        if (!alive) health.Hold(peerId, response);
        OnOutcome(peerId, alive, code);
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
        if (alive && state.Good >= probe.UpAfter) health.SetUp(peerId, true, code);
        else if (!alive && state.Bad >= probe.DownAfter) health.SetUp(peerId, false, code);
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
