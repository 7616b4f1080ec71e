using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>What real traffic shows of peers' health, faster than probes: silence, errors, 503.</summary>
/// <remarks>
/// Only probes bring a peer back, so only a probed one is taken out. Traffic never takes out more than half a group:
/// what looks like many dead peers is more likely something that all of them depend on.
/// </remarks>
public sealed class PeerHealth(Workspace work)
{
    /// <summary>A request to the peer that begins something got a response.</summary>
    /// <param name="peer">Its row; -1: no peer.</param>
    /// <param name="destination">URI that it is about; only looked at for a 503.</param>
    /// <param name="response">Of the peer.</param>
    public void OnResponse(int peer, ReadOnlySpan<byte> destination, SipMessage response)
    {
        if (peer < 0) return;
        int code = response.StatusCode;
        if (code == 100) return;
        if (code == 503) OnRefusal(peer, destination, response);
        else work.Cells.Failures.Served(peer);
    }

    /// <summary>Nothing was heard from the peer, or it cannot be reached.</summary>
    public void OnSilence(int peer)
    {
        if (peer < 0) return;
        long failures = work.Cells.Failures.CountSilence(peer);
        WantProbe(peer);
        if (work.Snapshot.PeerById(peer)?.Probe is { } probe && failures >= probe.DownAfter) Eject(peer, 0);
    }

    /// <summary>
    /// One 503 is the matter of one call, and of a probe. In a row they count where they are for several destinations:
    /// a proxy relays the 503 of one dead number behind it.
    /// </summary>
    private void OnRefusal(int peer, ReadOnlySpan<byte> destination, SipMessage response)
    {
        SipUri.TryParse(destination, out SipUri uri);
        long refusals = work.Cells.Failures.CountRefusal(peer, work.Hash.Hash(uri.HasUser ? uri.User : uri.Host));
        WantProbe(peer);
        if (work.Snapshot.PeerById(peer)?.Probe is not { } probe || refusals < probe.DownAfter) return;
        if (work.Cells.Failures.DestinationsRefused(peer) < Limits.EjectionDestinationsMin) return;
        if (!Eject(peer, 503)) return;
        // Its probes are answered: without a pause that grows it would be back at once, and with the fewest calls of
        // all it would get every new one.
        long seconds = Math.Min(
            Limits.EjectionSeconds * work.Cells.Failures.CountEjection(peer), Limits.HoldSecondsMax);
        work.Cells.HoldPeer(peer, work.Now.AddMilliseconds(seconds * 1000));
        Hold(peer, response);
    }

    /// <summary>It asked not to be called for a while (RFC 3261 21.5.4); a minute at most.</summary>
    public void Hold(int peer, SipMessage response)
    {
        ReadOnlySpan<byte> value = response.Value(HeaderName.RetryAfter);
        int end = value.IndexOfAny((byte)' ', (byte)'(', (byte)';');
        if (!Numbers.TryParse(end < 0 ? value : value[..end], out uint seconds) || seconds == 0) return;
        work.Cells.HoldPeer(peer, work.Now.AddMilliseconds(Math.Min(seconds, Limits.HoldSecondsMax) * 1000L));
    }

    /// <summary>What probes say. What they say again changes nothing: a peer that answers OPTIONS may refuse all else.
    /// </summary>
    public void SetUp(int peer, bool up, int code)
    {
        if (!work.Cells.SetPeerUp(peer, up, work.Now)) return;
        if (up)
        {
            work.Cells.Failures.Heard(peer);
            work.Cells.Failures.ForgetRefusals(peer);
        }
        Log(peer, up, code);
    }

    private bool Eject(int peer, int code)
    {
        if (IsHalfOut(peer) || !work.Cells.SetPeerUp(peer, false)) return false;
        // Another worker may have taken out another member at the same moment.
        if (IsTooManyOut(peer))
        {
            work.Cells.SetPeerUp(peer, true);
            return false;
        }
        Log(peer, false, code);
        return true;
    }

    /// <summary>Whether one more would be more than half of a group of its.</summary>
    private bool IsHalfOut(int peer) => IsOut(peer, 1);

    private bool IsTooManyOut(int peer) => IsOut(peer, 0);

    private bool IsOut(int peer, int more)
    {
        if (work.Snapshot.PeerById(peer) is not { } found) return true;
        bool balanced = false;
        foreach (Group group in found.Groups)
        {
            // Alone it has nobody to leave its calls to: there its probes decide.
            if (group.Members.Length == 1) continue;
            balanced = true;
            int down = more;
            foreach (Peer member in group.Members)
            {
                if (!work.Cells.PeerIsUp(member.Id)) down++;
            }
            if (down * 2 > group.Members.Length) return true;
        }
        return !balanced;
    }

    private void WantProbe(int peer)
    {
        if (work.Snapshot.PeerById(peer)?.Probe is null) return;
        work.Cells.WantProbe(peer);
        work.ProbesWanted = true;
    }

    private void Log(int peer, bool up, int code)
    {
        TransportAddress address = work.Snapshot.PeerById(peer)?.Address ?? default;
        work.Log(new LogRecord(up ? LogKind.PeerUp : LogKind.PeerDown, peer, code, address));
    }
}
