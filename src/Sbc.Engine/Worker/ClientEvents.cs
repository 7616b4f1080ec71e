using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Transactions;
using Sbc.Engine.Trunks;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Worker;

/// <summary>
/// What happens to client transactions (responses, timers, ICMP errors), given to whoever waits for it.
/// </summary>
public sealed class ClientEvents(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegResponse responses,
    CallEnding ending, InviteFlow invites, RequestFlow requests, DialogFlow dialogs, CallTimers timers,
    Probing probing, PeerHealth health, NameLocations locations, ChallengeFlow challenges,
    TrunkRegistrations registrations, RelayFlow relay, RegEvents regEvents)
{
    /// <summary>What DNS said: calls that waited for it go on.</summary>
    public void TakeNames()
    {
        while (locations.TryTakeAnswer(out ulong key))
        {
            // As many as wait now: who asks again waits for another answer.
            for (int waiting = locations.Waiting; waiting > 0 && locations.TryTakeWaiting(key, out Handle call); waiting--)
            {
                if (!calls.IsLive(call)) continue;
                work.CallAtWork = call;
                if (calls[call].Kind == CallKind.Session) invites.OnLocated(call);
                else requests.OnLocated(call);
            }
        }
    }

    /// <summary>A response to the request itself, from where it was sent to.</summary>
    public Verdict OnResponse(Handle handle, SipMessage response, in Origin origin)
    {
        ref ClientTransaction client = ref clients[handle];
        work.CallAtWork = CallOf(ref client);
        if (client.Peer >= 0)
        {
            work.Cells.Failures.Heard(client.Peer);
            // Which transmission a repeated request's answer is for, nobody knows (Karn, Partridge 1987).
            bool once = client.RetransmitMilliseconds == work.Snapshot.Timers.T1;
            if (!client.Heard && once) work.Cells.AddPeerResponse(client.Peer, work.Now - client.SentAt);
            work.Counters.CountPeerResponse(client.Peer, (response.StatusCode / 100) - 1);
        }
        // Probes have a judge of their own; what a dialog gets says nothing of new calls.
        if (client.Purpose is ClientPurpose.Relayed or ClientPurpose.RelayedRegister && !client.InDialog &&
            client.State < TransactionState.Completed)
        {
            ReadOnlySpan<byte> uri = response.StatusCode == 503 ? clients.StoredRequest(handle).RequestUri : default;
            health.OnResponse(client.Peer, uri, response);
        }
        TransactionState before = client.State;
        // What a registrar wants to know is the phone's to say.
        bool isWaitedFor = client.Purpose == ClientPurpose.Relayed
            ? IsCurrent(handle, client)
            : client.Purpose != ClientPurpose.RelayedRegister;
        bool isAnswered = isWaitedFor && challenges.Keeps(handle, response);
        TransactionAction action = clients.OnResponse(handle, response);
        if ((action & TransactionAction.Pass) == 0) return Verdict.Absorbed;
        if (isAnswered && challenges.TryAnswer(handle, out Handle answer))
        {
            if (client.Purpose == ClientPurpose.Register) registrations.OnAnswered(answer);
            return Verdict.Absorbed;
        }
        if (client.Purpose == ClientPurpose.Register) registrations.OnResponse(handle, response);
        if (client.Purpose == ClientPurpose.Probe)
        {
            probing.OnResponse(client.Peer, response);
            // A probe shorter than Timer K apart, or one that is wanted now, would have to wait for its predecessor.
            if (response.StatusCode >= 200) clients.Drop(handle);
            return Verdict.Absorbed;
        }
        if (client.Purpose == ClientPurpose.RelayedRegister) return relay.OnResponse(handle, response);
        if (client.Purpose == ClientPurpose.Check) timers.OnCheckAnswer(handle, response);
        if (client.Purpose == ClientPurpose.Watch) regEvents.OnNotified(handle, response);
        if (client.Purpose != ClientPurpose.Relayed) return Verdict.Absorbed;
        if (!IsCurrent(handle, client)) return OnOrphanResponse(handle, ref client, response, origin);
        if (IsInitial(client)) return requests.OnResponse(client.Call, response, origin);
        bool sets = client.IsInvite && IsSetup(client, before);
        return sets
            ? invites.OnResponse(handle, before, response, origin)
            : dialogs.OnResponse(handle, before, response, origin);
    }

    /// <summary>
    /// Whether its call still waits for this transaction: not one that was abandoned or outlived its call.
    /// </summary>
    private bool IsCurrent(Handle handle, in ClientTransaction client) => calls.IsLive(client.Call) &&
        ((!client.IsInvite && client.InDialog) || calls[client.Call].InviteClient == handle);

    /// <summary>The request that began a call other than by INVITE.</summary>
    private static bool IsInitial(in ClientTransaction client) => !client.IsInvite && !client.InDialog;

    /// <summary>
    /// The call that answers for it. What was sent in an early dialog that became the call's belongs to that one.
    /// </summary>
    private Handle CallOf(ref ClientTransaction client)
    {
        if (!calls.IsLive(client.Call)) return client.Call;
        if (calls[client.Call].Phase == CallPhase.Joined) client.Call = calls[client.Call].Primary;
        return calls.Root(client.Call);
    }

    private bool IsSetup(in ClientTransaction client, TransactionState before)
    {
        ref CallState call = ref calls[client.Call];
        if (call.Phase == CallPhase.Setup) return true;
        // The 2xx that set the call up, repeated: its first ACK may be out, and no re-INVITE has begun.
        return before == TransactionState.Accepted && client.Leg == CallState.Egress &&
            call.InviteFrom == CallState.Ingress &&
            call.Phase == CallPhase.Answered;
    }

    /// <summary>
    /// Nobody waits for it any more: a 2xx is acknowledged and ended, everything else has done its part.
    /// </summary>
    private Verdict OnOrphanResponse(
        Handle handle, ref ClientTransaction client, SipMessage response, in Origin origin)
    {
        if (response.StatusCode < 200) return Verdict.Absorbed;
        if (client.IsInvite && response.StatusCode < 300) ending.AcknowledgeAndEnd(handle, response, keepsAck: true);
        if (IsInitial(client) && calls.IsLive(client.Call)) return OnLateResponse(client, response, origin);
        // The call ended first. Who asked is told all the same, without the other side's header fields; a success that
        // needs them is none any more.
        if (!client.IsInvite && servers.IsUnanswered(client.Server))
        {
            bool isLost = response.StatusCode < 300 && (client.Method.HasContact() || response.BodyLength > 0);
            responses.Send(client.Server, isLost ? 481 : response.StatusCode);
            return Verdict.Forwarded;
        }
        return Verdict.Absorbed;
    }

    /// <summary>
    /// A peer that was given up answers after all: what it took is taken, but another one may still do what it refuses.
    /// </summary>
    private Verdict OnLateResponse(in ClientTransaction client, SipMessage response, in Origin origin) =>
        response.StatusCode < 300 && calls[client.Call].Kind == CallKind.Request
            ? requests.OnResponse(client.Call, response, origin)
            : Verdict.Absorbed;

    /// <summary>The transaction's timer is due.</summary>
    public void OnTimer(Handle handle)
    {
        work.CallAtWork = CallOf(ref clients[handle]);
        switch (clients.OnTimer(handle))
        {
            case ClientTimeout.Silent:
                ref ClientTransaction client = ref clients[handle];
                CountSilence(client.Peer);
                health.OnSilence(client.Peer);
                if (client.Purpose == ClientPurpose.RelayedRegister) relay.OnSilent(handle);
                if (!IsCurrent(handle, client)) break;
                if (client.IsInvite) invites.OnSilent(handle);
                else requests.OnSilent(handle, client.Call);
                break;
            case ClientTimeout.TimedOut:
                // What was heard of and then fell silent is the callee's matter, not the peer's health.
                if (IsSilence(clients[handle])) CountSilence(clients[handle].Peer);
                OnUnanswered(handle, timedOut: true);
                break;
        }
    }

    /// <summary>Nothing at all was heard, and that was not counted when the failover gave up waiting.</summary>
    private static bool IsSilence(in ClientTransaction client) => !client.Heard && !client.WasSilent;

    private void CountSilence(int peer)
    {
        work.Counters.CountPeerResponse(peer, WorkerCounters.PeerClassTimeout);
    }

    /// <summary>An ICMP error quotes its request.</summary>
    public void OnTransportError(Handle handle)
    {
        work.CallAtWork = CallOf(ref clients[handle]);
        if (!clients.OnTransportError(handle)) return;
        work.Counters.CountPeerResponse(clients[handle].Peer, WorkerCounters.PeerClassTransport);
        OnUnanswered(handle, timedOut: false);
    }

    /// <summary>Unless its call lives: what was sent for a branch that is over is not all that the call waits for.
    /// </summary>
    private void DropUnanswered(Handle server)
    {
        if (servers.IsLive(server) && !calls.IsLive(servers[server].Call)) servers.DropUnanswered(server);
    }

    /// <summary>It ended without a final response.</summary>
    private void OnUnanswered(Handle handle, bool timedOut)
    {
        ref ClientTransaction client = ref clients[handle];
        if (client.Purpose == ClientPurpose.Probe) probing.OnNoResponse(client.Peer);
        else if (!timedOut || IsSilence(client)) health.OnSilence(client.Peer);
        if (client.Purpose == ClientPurpose.RelayedRegister) relay.OnUnreachable(handle);
        if (client.Purpose == ClientPurpose.Check) timers.OnGone(client.Call);
        if (client.Purpose == ClientPurpose.Register) registrations.OnNoResponse(handle);
        if (client.Purpose == ClientPurpose.Watch) regEvents.OnUnreachable(client.Call);
        if (client.Purpose == ClientPurpose.Relayed)
        {
            if (!IsCurrent(handle, client))
            {
                if (!calls.IsLive(client.Call)) DropUnanswered(client.Server);
            }
            else if (IsInitial(client))
            {
                requests.OnUnreachable(client.Call, timedOut);
            }
            else if (client.IsInvite && calls[client.Call].Phase == CallPhase.Setup)
            {
                invites.OnUnreachable(handle, timedOut);
            }
            else
            {
                dialogs.OnUnreachable(handle, timedOut);
            }
        }
        clients.Drop(handle);
    }
}
