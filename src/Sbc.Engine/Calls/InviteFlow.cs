using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Routing.Balancing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>Sets calls up: from the INVITE without a To tag over attempts at peers to the final response.</summary>
public sealed class InviteFlow(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, LegSetup setup,
    LegRequest requests, LegResponse responses, CallEnding ending, CallMedia media, StatelessReply reply)
{
    private static ReadOnlySpan<byte> RetryAfterLine => "Retry-After: 5\r\n"u8;

    private readonly SipMessage _stored = new();

    /// <summary>A new INVITE that passed the checks of its form.</summary>
    public Verdict OnInvite(SipMessage invite, in ViaValue via, (ulong Low, ulong High) key, in Origin origin)
    {
        Route? route = work.Snapshot.Match(origin.Realm, origin.Peer);
        if (route is null) return Refuse(invite, via, origin, null, 404);
        if (!LegSetup.MakesDialog(invite)) return Refuse(invite, via, origin, route, 400);
        if (route.Target == RouteTarget.Reject) return Refuse(invite, via, origin, route, route.RejectCode, route.RejectReason);
        if (work.Cells.Draining) return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        NameAddress.TryParse(invite.Value(HeaderName.From), out NameAddress from);
        from.TryGetTag(out ReadOnlySpan<byte> fromTag);
        ReadOnlySpan<byte> callId = invite.Value(HeaderName.CallId);
        ulong ingressKey = calls.IngressKey(callId, fromTag);
        bool known = calls.TryFindIngress(ingressKey, callId, fromTag, out Handle handle);
        bool repeats = known && calls[handle].Phase == CallPhase.Challenged;
        if (known && !repeats && IsMerged(handle, invite)) return Refuse(invite, via, origin, route, 482);
        Realm realm = origin.Realm;
        if (!work.Cells.TryTakeCallRate(realm.Id, realm.CallsPerSecond, work.Now.Microseconds) ||
            !work.Cells.TryTakeRealmCall(realm.Id, realm.CallsMax))
        {
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        if (!repeats && !calls.TryCreate(ingressKey, out handle))
        {
            work.Cells.ReturnRealmCall(realm.Id);
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        work.CallAtWork = handle;
        work.Counters.CountActive(1);
        ref CallState call = ref calls[handle];
        call.Phase = CallPhase.Setup;
        call.Legs[CallState.Ingress].Realm = (byte)realm.Id;
        bool toSource = realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        if (!setup.TryIngress(handle, invite, via, origin) ||
            !servers.TryCreate(invite, via, key, origin.Source, origin.Listener, toSource, out Handle server))
        {
            ending.Finish(handle);
            return Refuse(invite, via, origin, route, 503, default, RetryAfterLine);
        }
        Start(ref call, handle, server, route, origin);
        Attempt(handle, invite, repeats ? call.Legs[CallState.Egress].Peer : -1);
        return Verdict.Forwarded;
    }

    private void Start(ref CallState call, Handle handle, Handle server, Route route, in Origin origin)
    {
        servers[server].Call = handle;
        call.InviteServer = server;
        call.InviteClient = Handle.None;
        call.InviteFrom = CallState.Ingress;
        call.InviteCSeq = servers[server].CSeq;
        call.InviteAnswered = call.Rang = false;
        call.Tried = 0;
        call.Attempts = 0;
        call.StartedAt = work.Now;
        call.Route = (short)route.Id;
        call.Group = (short)(route.Group?.Id ?? -1);
        ending.CountPeer(ref call.Legs[CallState.Ingress], origin.Peer?.Id ?? -1);
        calls.SetTimer(handle, work.Snapshot.Timers.RingingMax);
        // At once (8.2.6.1): the caller stops repeating, whatever the core takes.
        responses.Send(server, 100);
    }

    /// <summary>Sends the INVITE to the next target; without one the call fails.</summary>
    /// <param name="preferred">Row of the peer that a challenge came from; -1: any.</param>
    private void Attempt(Handle handle, SipMessage invite, int preferred)
    {
        ref CallState call = ref calls[handle];
        Route? route = work.Snapshot.RouteById(call.Route);
        if (route is null)
        {
            Fail(handle, 503, CallResult.Failed);
        }
        else if (route.Target == RouteTarget.RequestUri)
        {
            AttemptRequestUri(handle, invite, route);
        }
        else
        {
            Group group = route.Group!;
            int member = Prefer(group, preferred);
            if (member < 0) member = Balancer.Choose(group, call.Tried, work.Cells);
            if (member < 0) Fail(handle, 503, CallResult.Failed, RetryAfterLine);
            else AttemptPeer(handle, invite, group, member);
        }
    }

    private int Prefer(Group group, int peer)
    {
        if (peer < 0 || !work.Cells.PeerIsUp(peer)) return -1;
        for (int member = 0; member < group.Members.Length; member++)
        {
            if (group.Members[member].Id == peer) return member;
        }
        return -1;
    }

    private void AttemptPeer(Handle handle, SipMessage invite, Group group, int member)
    {
        Peer peer = group.Members[member];
        ref CallState call = ref calls[handle];
        call.Tried |= 1UL << member;
        call.Attempts++;
        ending.CountPeer(ref call.Legs[CallState.Egress], peer.Id);
        var egress = new EgressTarget
        {
            Realm = peer.Realm,
            Listener = peer.Listener,
            Address = peer.Address,
            HostPort = peer.HostPort,
        };
        if (SendInvite(handle, invite, egress, out Handle client) && group.Members.Length > 1)
            clients.StartSilence(client, group.Failover.SilenceMilliseconds);
    }

    private void AttemptRequestUri(Handle handle, SipMessage invite, Route route)
    {
        Realm from = work.Snapshot.Realms[calls[handle].Legs[CallState.Ingress].Realm];
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int refusal = EgressLocation.Locate(
            invite, work.Snapshot, from, route.EgressRealm!, routes, out int length, out TransportAddress address);
        Listener? listener = refusal == 0 ? route.EgressRealm!.ListenerFor(address) : null;
        if (refusal == 0 && listener is null) refusal = 500;
        if (refusal != 0)
        {
            Fail(handle, refusal, ResultOf(refusal));
            return;
        }
        Peer? peer = work.Snapshot.PeerLookup.Find(route.EgressRealm!.Id, address);
        ending.CountPeer(ref calls[handle].Legs[CallState.Egress], peer?.Id ?? -1);
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        var egress = new EgressTarget
        {
            Realm = route.EgressRealm!,
            Listener = listener!,
            Address = address,
            HostPort = text[..HostMap.WriteTarget(address, text)],
            Routes = routes[..length],
        };
        SendInvite(handle, invite, egress, out _);
    }

    private bool SendInvite(Handle handle, SipMessage invite, in EgressTarget egress, out Handle client)
    {
        ref CallState call = ref calls[handle];
        var map = new HostMap
        {
            From = work.Snapshot.Realms[call.Legs[CallState.Ingress].Realm],
            FromTrusted = work.Snapshot.Trusts(call.Legs[CallState.Ingress].Realm, call.Legs[CallState.Ingress].Peer),
            To = egress.Realm,
            ToTrusted = work.Snapshot.Trusts(egress.Realm.Id, call.Legs[CallState.Egress].Peer),
            ToListener = egress.Listener,
            Target = egress.HostPort,
            TargetAddress = egress.Address,
        };
        client = Handle.None;
        int refusal = 503;
        if (!setup.TryEgress(handle, invite, egress, map) ||
            !clients.TryCreate(SipMethod.Invite, ClientPurpose.Relayed, out client) ||
            !media.TryRequestBody(handle, CallState.Ingress, invite, out ReadOnlySpan<byte> body, out refusal))
        {
            clients.Drop(client);
            Fail(handle, refusal, CallResult.Failed, refusal == 503 ? RetryAfterLine : default);
            return false;
        }
        ref LegState leg = ref call.Legs[CallState.Egress];
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        var parts = new LegRequestParts
        {
            Method = "INVITE"u8,
            CSeq = ++leg.LocalCSeq,
            BranchKind = TokenKind.Branch,
            Branch = client,
            MaxForwards = MaxForwards.Next(invite),
            Source = invite,
            Body = body,
            HasContact = true,
        };
        requests.Write(ref writer, handle, CallState.Egress, parts, map);
        ref ClientTransaction transaction = ref clients[client];
        transaction.Call = handle;
        transaction.Server = call.InviteServer;
        transaction.Leg = CallState.Egress;
        transaction.CSeq = parts.CSeq;
        transaction.Peer = leg.Peer;
        call.InviteClient = client;
        if (!writer.Overflowed &&
            clients.Send(client, slot, writer.Length, leg.Listener, leg.NextHop, work.Snapshot.Timers.T1x64)) return true;
        clients.Drop(client);
        Fail(handle, writer.Overflowed ? 413 : 503, CallResult.Failed);
        return false;
    }

    /// <summary>A response to the INVITE that sets the call up, passed by its transaction.</summary>
    public Verdict OnResponse(Handle client, TransactionState before, SipMessage response, in Origin origin)
    {
        Handle handle = clients[client].Call;
        if (response.StatusCode < 200) return OnProvisional(handle, response);
        if (response.StatusCode < 300)
        {
            return before == TransactionState.Accepted
                ? OnRepeatedSuccess(handle, client, response)
                : OnSuccess(handle, response, origin);
        }
        ref CallState call = ref calls[handle];
        Group? group = work.Snapshot.GroupById(call.Group);
        if (group is not null && group.Failover.IsOn(response.StatusCode) && TryNext(handle, group)) return Verdict.Absorbed;
        OnFailure(handle, response);
        return Verdict.Forwarded;
    }

    private Verdict OnProvisional(Handle handle, SipMessage response)
    {
        if (response.StatusCode == 100) return Verdict.Absorbed;
        ref CallState call = ref calls[handle];
        if (!call.Rang)
        {
            call.Rang = true;
            work.Counters.CountSetup(SetupStage.Ringing, work.Now - call.StartedAt);
        }
        Forward(handle, response.StatusCode, response, dialog: true);
        return Verdict.Forwarded;
    }

    private Verdict OnSuccess(Handle handle, SipMessage response, in Origin origin)
    {
        if (!setup.TryEstablish(handle, response, origin))
        {
            ending.AcknowledgeAndEnd(calls[handle].InviteClient, response, keepsAck: true);
            Fail(handle, 500, CallResult.Failed);
            return Verdict.Absorbed;
        }
        ref CallState call = ref calls[handle];
        call.Phase = CallPhase.Answered;
        call.InviteAnswered = true;
        call.AnsweredAt = work.Now;
        call.Legs[CallState.Ingress].Established = true;
        work.Counters.CountCall(call.Route, CallResult.Answered);
        work.Counters.CountSetup(SetupStage.Answer, work.Now - call.StartedAt);
        calls.SetTimer(handle, work.Snapshot.Timers.T1x64);
        if (!Forward(handle, response.StatusCode, response, dialog: true))
        {
            // The caller cannot be told that the call is answered, so it is not.
            call.Legs[CallState.Ingress].Established = false;
            responses.Send(call.InviteServer, 500);
            ending.EndBothLegs(handle, default);
            return Verdict.Absorbed;
        }
        media.OnAnswered(handle);
        return Verdict.Forwarded;
    }

    /// <summary>The 2xx again: its ACK again, or, while there is none, the 2xx again to the caller (13.3.1.4).</summary>
    private Verdict OnRepeatedSuccess(Handle handle, Handle client, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        NameAddress.TryParse(response.Value(HeaderName.To), out NameAddress to);
        to.TryGetTag(out ReadOnlySpan<byte> tag);
        if (!LegText.RemoteTag(work.Buffers, call.Legs[CallState.Egress]).SequenceEqual(tag))
        {
            // A second phone answered behind a forking proxy: the first one has the call.
            ending.AcknowledgeAndEnd(client, response, keepsAck: false);
            return Verdict.Absorbed;
        }
        if (clients[client].HasAck)
        {
            clients.ResendAck(client);
            return Verdict.Absorbed;
        }
        if (call.InviteAnswered) Forward(handle, response.StatusCode, response, dialog: true);
        return Verdict.Forwarded;
    }

    private void OnFailure(Handle handle, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        int code = response.StatusCode switch
        {
            // Its own 503 is the peer's; the caller must not think that the box is overloaded (16.7 step 6).
            503 => 500,
            // Contacts of the other side are not for the caller.
            >= 300 and < 400 => 480,
            var other => other,
        };
        bool challenged = code is 401 or 407 or 422;
        if (!challenged) work.Counters.CountCall(call.Route, ResultOf(code));
        Forward(handle, code, response, dialog: false);
        if (!challenged)
        {
            ending.Finish(handle);
            return;
        }
        ending.Release(handle);
        call.Phase = CallPhase.Challenged;
        call.InviteServer = call.InviteClient = Handle.None;
        calls.SetTimer(handle, Limits.ChallengeSeconds * 1000L);
    }

    /// <summary>The peer was silent for the failover's time: the next one gets the call, this branch is cancelled.</summary>
    public void OnSilent(Handle client)
    {
        Handle handle = clients[client].Call;
        if (work.Snapshot.GroupById(calls[handle].Group) is { Failover.OnTimeout: true } group && HasNext(handle, group))
        {
            clients.Cancel(client);
            clients.StopRetransmitting(client);
            TryNext(handle, group);
        }
    }

    /// <summary>Timer B, or an ICMP error: nothing more comes from there.</summary>
    public void OnUnreachable(Handle client, bool timedOut)
    {
        Handle handle = clients[client].Call;
        if (work.Snapshot.GroupById(calls[handle].Group) is { } group &&
            (timedOut ? group.Failover.OnTimeout : group.Failover.OnTransport) && TryNext(handle, group)) return;
        // Nothing heard is 408, unreachable as good as 503 of the peer, which is 500 to the caller (16.7, 16.9).
        Fail(handle, timedOut ? 408 : 500, CallResult.Failed);
    }

    private bool HasNext(Handle handle, Group group)
    {
        ref CallState call = ref calls[handle];
        if (call.Attempts >= group.Failover.AttemptsMax || call.Rang) return false;
        for (int i = 0; i < group.Members.Length; i++)
        {
            if ((call.Tried >> i & 1) == 0 && work.Cells.PeerTakesCalls(group.Members[i].Id)) return true;
        }
        return false;
    }

    private bool TryNext(Handle handle, Group group)
    {
        if (!HasNext(handle, group)) return false;
        ArraySegment<byte> bytes = work.Buffers.Segment(servers[calls[handle].InviteServer].Request);
        _stored.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        Attempt(handle, _stored, -1);
        return true;
    }

    /// <summary>CANCEL that matched the INVITE's transaction: 487 to the caller, CANCEL to the peer (9.2).</summary>
    public void OnCancel(Handle handle)
    {
        ref CallState call = ref calls[handle];
        clients.Cancel(call.InviteClient);
        Fail(handle, 487, CallResult.Cancelled);
    }

    /// <summary>It rang for as long as it may (Timer C).</summary>
    public void OnRungOut(Handle handle)
    {
        clients.Cancel(calls[handle].InviteClient);
        Fail(handle, 408, CallResult.NoAnswer);
    }

    /// <summary>The box itself ends the set-up.</summary>
    public void Refuse(Handle handle, int code)
    {
        clients.Cancel(calls[handle].InviteClient);
        Fail(handle, code, CallResult.Failed, RetryAfterLine);
    }

    /// <summary>Answers the caller with a failure of our own and ends the call.</summary>
    private void Fail(Handle handle, int code, CallResult result, ReadOnlySpan<byte> extraLines = default)
    {
        ref CallState call = ref calls[handle];
        work.Counters.CountCall(call.Route, result);
        responses.Send(call.InviteServer, code, default, extraLines);
        ending.Finish(handle);
    }

    private bool Forward(Handle handle, int code, SipMessage response, bool dialog)
    {
        ref CallState call = ref calls[handle];
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = setup.MapTo(handle, CallState.Ingress, text);
        ReadOnlySpan<byte> body = media.ResponseBody(handle, CallState.Egress, response);
        ReadOnlySpan<byte> reason = code == response.StatusCode ? response.ReasonPhrase : default;
        return responses.Forward(call.InviteServer, code, reason, response, map, dialog, body);
    }

    /// <summary>Refuses without state, so that a flood of refused INVITEs costs no memory.</summary>
    private Verdict Refuse(
        SipMessage invite, in ViaValue via, in Origin origin, Route? route, int code,
        ReadOnlySpan<byte> reason = default, ReadOnlySpan<byte> extraLines = default)
    {
        if (route is not null) work.Counters.CountCall(route.Id, code == 503 ? CallResult.Failed : CallResult.Rejected);
        reply.Send(invite, via, origin, code, reason, extraLines);
        return Verdict.Answered;
    }

    /// <summary>The same request on a second way (8.2.2.2), and not a proxy's fork to another Request-URI.</summary>
    private bool IsMerged(Handle handle, SipMessage invite)
    {
        ref CallState call = ref calls[handle];
        CSeqValue.TryParse(invite.Value(HeaderName.CSeq), out CSeqValue cseq);
        if (call.Phase != CallPhase.Setup || call.InviteCSeq != cseq.Number || !servers.IsLive(call.InviteServer)) return false;
        ArraySegment<byte> bytes = work.Buffers.Segment(servers[call.InviteServer].Request);
        _stored.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        return _stored.RequestUri.SequenceEqual(invite.RequestUri);
    }

    private static CallResult ResultOf(int code) => code switch
    {
        486 or 600 => CallResult.Busy,
        408 or 480 => CallResult.NoAnswer,
        487 => CallResult.Cancelled,
        >= 500 and < 600 => CallResult.Failed,
        _ => CallResult.Rejected,
    };
}
