using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Trunks;

/// <summary>
/// The box's own registrations at peers (RFC 3261 10.2): kept alive, tried again with growing pauses, ended at the
/// stop. Each is one worker's; a peer takes no calls while its own fails.
/// </summary>
public sealed class TrunkRegistrations(
    Workspace work, ClientTransactions clients, LegRequest requests, Credentials credentials)
{
    private readonly State[] _states = new State[Limits.PeersMax];

    /// <summary>Begins and ends registrations as the snapshot says.</summary>
    public void Adopt(Snapshot snapshot)
    {
        foreach (Peer peer in snapshot.Peers)
        {
            if (peer.Id % snapshot.Tables.Length != work.Index) continue;
            ref State state = ref _states[peer.Id];
            bool wanted = IsWanted(peer);
            if (!wanted && state.IsWanted) End(peer, ref state);
            else if (wanted && !state.IsWanted) Begin(peer.Id, ref state);
        }
        // What a reload took away with its peer: its binding there expires.
        for (int row = work.Index; row < _states.Length; row += snapshot.Tables.Length)
        {
            if (_states[row].IsWanted && snapshot.PeerById(row) is null) Forget(row, ref _states[row]);
        }
    }

    /// <summary>Of several addresses of one name the first is registered at.</summary>
    private static bool IsWanted(Peer peer) => peer.Auth is { Registers: true } && peer.Name == peer.ConfiguredName;

    private void Begin(int peer, ref State state)
    {
        state = new State { IsWanted = true, Client = Handle.None, CSeq = state.CSeq };
        Mark(peer, ref state, TrunkState.Unregistered, 0);
        // Spread over a second, so that a thousand are not asked for at once.
        Schedule(peer, ref state, (long)(work.NextRandom() % 1000));
    }

    /// <summary>Ends all of them, at the stop of the box.</summary>
    public void EndAll()
    {
        foreach (Peer peer in work.Snapshot.Peers)
        {
            if (_states[peer.Id].IsWanted) End(peer, ref _states[peer.Id]);
        }
    }

    private void End(Peer peer, ref State state)
    {
        bool isBound = work.Cells.TrunkOf(peer.Id) == TrunkState.Registered;
        Forget(peer.Id, ref state);
        if (isBound && peer.Auth is not null) Send(peer, ref state, 0);
        state.Client = Handle.None;
    }

    private void Forget(int peer, ref State state)
    {
        work.Timers.Cancel(ref state.Timer);
        state.IsWanted = false;
        work.Cells.SetTrunk(peer, TrunkState.None);
    }

    public void OnTimer(int peerId)
    {
        ref State state = ref _states[peerId];
        state.Timer = 0;
        if (!state.IsWanted || work.Snapshot.PeerById(peerId) is not { Auth: { } auth } peer) return;
        Send(peer, ref state, Math.Max(auth.ExpiresSeconds, state.ExpiresMin));
    }

    private void Send(Peer peer, ref State state, int expires)
    {
        if (!clients.TryCreate(SipMethod.Register, ClientPurpose.Register, out Handle client))
        {
            Fail(peer.Id, ref state, 503, 0);
            return;
        }
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        Span<byte> token = stackalloc byte[Tokens.Length];
        work.Tokens.Write(TokenKind.Trunk, work.Index, new Handle(peer.Id, 1), token);
        writer.Raw("REGISTER sip:"u8);
        writer.Raw(peer.HostPort);
        writer.Raw(" SIP/2.0\r\n"u8);
        requests.WriteVia(ref writer, peer.Listener, TokenKind.Branch, client);
        writer.Raw("Max-Forwards: 70\r\nFrom: <"u8);
        WriteAddress(ref writer, peer);
        writer.Header(">;tag="u8, token);
        writer.Raw("To: <"u8);
        WriteAddress(ref writer, peer);
        writer.Header(">\r\nCall-ID: "u8, token);
        writer.Raw("CSeq: "u8);
        writer.Number(++state.CSeq);
        writer.Raw(" REGISTER\r\n"u8);
        writer.Raw("Contact: <sip:"u8);
        WriteUser(ref writer, peer.Auth!.User);
        writer.Byte((byte)'@');
        writer.Raw(peer.Listener.HostPort);
        // Whose binding it is, for the peer's list of all that the user has.
        writer.Raw(";line="u8);
        writer.Header(token, ">"u8);
        writer.Header("Expires: "u8, expires);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
        ref ClientTransaction transaction = ref clients[client];
        transaction.Peer = peer.Id;
        transaction.CSeq = state.CSeq;
        state.Client = client;
        state.Asked = expires;
        int length = credentials.Add(peer.Id, slot, writer.Length);
        clients.Send(
            client, slot, length, peer.Listener.Index, peer.Address, work.Snapshot.Timers.T1x64);
    }

    /// <summary>A challenge was answered in a transaction of its own.</summary>
    public void OnAnswered(Handle answer)
    {
        ref ClientTransaction client = ref clients[answer];
        ref State state = ref _states[client.Peer];
        state.CSeq = client.CSeq;
        if (state.IsWanted) state.Client = answer;
    }

    public void OnResponse(Handle client, SipMessage response)
    {
        int peerId = clients[client].Peer;
        ref State state = ref _states[peerId];
        if (response.StatusCode < 200 || !state.IsWanted || state.Client != client) return;
        state.Client = Handle.None;
        if (work.Snapshot.PeerById(peerId) is not { } peer) return;
        if (response.StatusCode == 423 && Numbers.TryParse(response.Value(HeaderName.MinExpires), out uint least) &&
            least > state.Asked && least <= Limits.TrunkExpiresSecondsMax)
        {
            state.ExpiresMin = (int)least;
            Send(peer, ref state, (int)least);
            return;
        }
        if (response.StatusCode >= 300)
        {
            Fail(peerId, ref state, response.StatusCode, RetryAfter(response));
            return;
        }
        state.Failures = 0;
        Mark(peerId, ref state, TrunkState.Registered, response.StatusCode);
        // Between a half and nine tenths of its life: time enough to try again, and not all of them at once.
        long granted = Granted(response, state.Asked) * 1000L;
        Schedule(peerId, ref state, Math.Max(1000, (granted / 2) + (long)(work.NextRandom() % (ulong)
            Math.Max(1, granted * 4 / 10))));
    }

    /// <summary>Nothing came back.</summary>
    public void OnNoResponse(Handle client)
    {
        int peer = clients[client].Peer;
        ref State state = ref _states[peer];
        if (!state.IsWanted || state.Client != client) return;
        state.Client = Handle.None;
        Fail(peer, ref state, 0, 0);
    }

    /// <summary>Tries again after 30 s to 10 min, twice as long each time, up to a half less (RFC 5626 4.5).</summary>
    private void Fail(int peer, ref State state, int code, long retryAfter)
    {
        Mark(peer, ref state, TrunkState.Unregistered, code);
        state.Failures = Math.Min(state.Failures + 1, 10);
        long most = Math.Min(Limits.TrunkRetrySecondsMax, Limits.TrunkRetrySeconds << state.Failures) * 1000L;
        long wait = (most / 2) + (long)(work.NextRandom() % (ulong)(most / 2));
        Schedule(peer, ref state, Math.Max(wait, retryAfter * 1000));
    }

    private void Mark(int peer, ref State state, TrunkState now, int code)
    {
        TrunkState before = work.Cells.TrunkOf(peer);
        work.Cells.SetTrunk(peer, now);
        bool isNews = before != now && before != TrunkState.None;
        bool isFirstFailure = now == TrunkState.Unregistered && state.Failures == 0 && state.Asked > 0;
        if (!isNews && !isFirstFailure) return;
        work.Log(new LogRecord(
            now == TrunkState.Registered ? LogKind.TrunkRegistered : LogKind.TrunkFailed, peer, code,
            work.Snapshot.PeerById(peer)?.Address ?? default));
    }

    private void Schedule(int peer, ref State state, long milliseconds) => state.Timer = work.Timers.Schedule(
        work.Now.AddMilliseconds(milliseconds), TimerKind.Trunk, new Handle(peer, 1));

    /// <summary>What our Contact got, among those that the user may have elsewhere (10.2.4).</summary>
    private int Granted(SipMessage response, int asked)
    {
        uint seconds = Numbers.TryParse(response.Value(HeaderName.Expires), out uint all) ? all : (uint)asked;
        var contacts = new HeaderValues(response, HeaderName.Contact);
        while (contacts.MoveNext())
        {
            if (!NameAddress.TryParse(contacts.Current, out NameAddress contact) ||
                !SipUri.TryParse(contact.Uri, out SipUri uri) ||
                !uri.TryGetParameter("line"u8, out ReadOnlySpan<byte> line) ||
                !work.Tokens.TryRead(line, out TokenKind kind, out _, out _) || kind != TokenKind.Trunk) continue;
            if (Parameters.TryGet(contact.Parameters, "expires"u8, out ReadOnlySpan<byte> text) &&
                Numbers.TryParse(text, out uint own)) seconds = own;
        }
        return (int)Math.Clamp(seconds, 2, Limits.TrunkExpiresSecondsMax);
    }

    private static long RetryAfter(SipMessage response)
    {
        ReadOnlySpan<byte> value = response.Value(HeaderName.RetryAfter);
        int end = value.IndexOfAny((byte)' ', (byte)'(', (byte)';');
        return Numbers.TryParse(end < 0 ? value : value[..end], out uint seconds)
            ? Math.Min(seconds, Limits.TrunkRetrySecondsMax)
            : 0;
    }

    /// <summary>The user's address-of-record at the peer.</summary>
    private static void WriteAddress(ref SipWriter writer, Peer peer)
    {
        writer.Raw("sip:"u8);
        WriteUser(ref writer, peer.Auth!.User);
        writer.Byte((byte)'@');
        writer.Raw(peer.HostPort);
    }

    /// <summary>With what a user part cannot hold escaped (RFC 3261 25.1).</summary>
    private static void WriteUser(ref SipWriter writer, ReadOnlySpan<byte> user)
    {
        foreach (byte one in user)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || "-_.!~*'()&=+$,;?/"u8.Contains(one))
            {
                writer.Byte(one);
                continue;
            }
            writer.Byte((byte)'%');
            writer.Byte("0123456789ABCDEF"u8[one >> 4]);
            writer.Byte("0123456789ABCDEF"u8[one & 15]);
        }
    }

    private struct State
    {
        public Handle Client;
        public int Timer;
        public uint CSeq;

        /// <summary>Expires of the last request.</summary>
        public int Asked;

        /// <summary>What the peer said is the least (423).</summary>
        public int ExpiresMin;
        public int Failures;
        public bool IsWanted;
    }
}
