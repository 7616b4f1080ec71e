using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// What keeps an answered call alive and notices when it no longer is: the longest duration, the session timer of its
/// ends (RFC 4028), and requests of the box's own: UPDATE or re-INVITE as refresher, OPTIONS to see who is there.
/// </summary>
public sealed class CallTimers(
    Workspace work, CallTable calls, ClientTransactions clients, LegSetup setup, LegRequest requests,
    CallEnding ending, CallMedia media)
{
    /// <summary>The least session interval (RFC 4028 5).</summary>
    public const int SecondsMin = 90;

    // Who refreshes may be late by a transaction; who ends the session itself does so before (RFC 4028 10).
    private const int GraceMilliseconds = 32_000;

    // Who made the Call-ID waits 2.1 to 4 s (14.1); it may come from either end, and both may wait so long.
    private const int GlareMilliseconds = 2100;

    /// <summary>The call is answered: it lasts so long at most.</summary>
    public void OnConfirmed(Handle handle)
    {
        ref CallState call = ref calls[handle];
        Route? route = work.Snapshot.RouteById(call.Route);
        long longest = route is { DurationMax: > 0 } ? route.DurationMax : work.Snapshot.Timers.DurationMax;
        call.EndsAt = call.AnsweredAt.AddMilliseconds(longest);
        if (call.EndsAt <= work.Now) call.EndsAt = work.Now.AddMilliseconds(1);
        SetCheck(ref call);
        calls.Schedule(handle);
    }

    /// <summary>A 2xx: to INVITE and UPDATE it begins, prolongs or ends the session timer (RFC 4028 9).</summary>
    public void OnAnswer(Handle handle, SipMethod method, SipMessage response)
    {
        if (method is not (SipMethod.Invite or SipMethod.Update)) return;
        ref CallState call = ref calls[handle];
        // The box refreshes, and sees by its own requests whether anybody is there; before the answer there is no
        // session, and an early dialog's timer must not run on when the call has become another's.
        if (call.SessionSeconds > 0 || call.Phase == CallPhase.Setup) return;
        call.SessionEndsAt = TryReadSeconds(response.Value(HeaderName.SessionExpires), out uint seconds)
            ? work.Now.AddMilliseconds((Math.Min(seconds, Limits.SessionSecondsMax) * 1000L) + GraceMilliseconds)
            : Instant.Never;
        calls.Schedule(handle);
    }

    public static bool TryReadSeconds(ReadOnlySpan<byte> value, out uint seconds)
    {
        int end = value.IndexOf((byte)';');
        return Numbers.TryParse(Grammar.Trim(end < 0 ? value : value[..end]), out seconds);
    }

    /// <summary>It is time to look after the call's ends.</summary>
    public void OnDue(Handle handle)
    {
        ref CallState call = ref calls[handle];
        if (call.CheckAt > work.Now) return;
        call.CheckAt = Instant.Never;
        if (call.Phase != CallPhase.Confirmed || call.Kind != CallKind.Session) return;
        for (int leg = 0; leg < 2; leg++)
        {
            if (call.SessionSeconds > 0 && call.Legs[leg].TakesTimer) Refresh(handle, leg);
            else Send(handle, leg, SipMethod.Options, default, default);
        }
        SetCheck(ref call);
    }

    /// <summary>
    /// UPDATE where the other end takes it, for it needs no description (RFC 4028 7.4), else re-INVITE.
    /// </summary>
    private void Refresh(Handle handle, int leg)
    {
        ref CallState call = ref calls[handle];
        Span<byte> lines = stackalloc byte[Limits.TimerLinesBytesMax];
        var writer = new SipWriter(lines);
        WriteLines(ref writer, call.SessionSeconds, "uac"u8);
        if (call.Legs[leg].TakesUpdate)
        {
            Send(handle, leg, SipMethod.Update, writer.Written, default);
        }
        else if (!call.Legs[leg].Description.IsNone && call.InviteServer.IsNone)
        {
            writer.Raw("Content-Type: application/sdp\r\n"u8);
            Send(handle, leg, SipMethod.Invite, writer.Written, work.Buffers.Bytes(call.Legs[leg].Description));
        }
    }

    /// <summary>
    /// The box's own timer in a request that one end sends to the other; none where the ends have theirs.
    /// </summary>
    public void WriteLines(in CallState call, SipMethod method, ref Span<byte> lines)
    {
        var writer = new SipWriter(lines);
        if (call.SessionSeconds > 0 && method is SipMethod.Invite or SipMethod.Update)
            WriteLines(ref writer, call.SessionSeconds, "uac"u8);
        lines = lines[..writer.Length];
    }

    public static void WriteLines(ref SipWriter writer, int seconds, scoped ReadOnlySpan<byte> refresher)
    {
        writer.Raw("Supported: timer\r\nSession-Expires: "u8);
        writer.Number(seconds);
        writer.Raw(";refresher="u8);
        writer.Raw(refresher);
        writer.EndLine();
    }

    private void Send(Handle handle, int legIndex, SipMethod method, ReadOnlySpan<byte> lines, ReadOnlySpan<byte> body)
    {
        var parts = new LegRequestParts
        {
            Method = method.Name(),
            MaxForwards = LegRequest.MaxForwardsDefault,
            ExtraLines = lines,
            Body = body,
            HasContact = method.HasContact(),
        };
        var use = new LegRequestUse(method, ClientPurpose.Check) { InDialog = true };
        requests.Send(handle, legIndex, parts, default, use, out _);
    }

    /// <summary>The answer to a request of the box's own: 408 and 481 say that the dialog is gone (12.2.1.2).</summary>
    public void OnCheckAnswer(Handle client, SipMessage response)
    {
        ref ClientTransaction transaction = ref clients[client];
        if (response.StatusCode is >= 200 and < 300) OnRefreshed(client, response);
        if (response.StatusCode is 408 or 481) OnGone(transaction.Call);
        else if (transaction.Method == SipMethod.Update && response.StatusCode is 405 or 501 or 420)
            Retry(transaction.Call, transaction.Leg);
        else if (response.StatusCode == 422) RetryLonger(transaction.Call, transaction.Leg, response);
        else if (response.StatusCode == 491) RetrySoon(transaction.Call);
    }

    /// <summary>
    /// A target refresh (12.2.1.2); the ACK goes over the dialog's route set, which its 2xx does not change.
    /// </summary>
    private void OnRefreshed(Handle client, SipMessage response)
    {
        ref ClientTransaction transaction = ref clients[client];
        if (!transaction.Method.HasContact()) return;
        if (transaction.HasAck || !calls.IsLive(transaction.Call))
        {
            if (transaction.IsInvite) ending.AcknowledgeAndEnd(client, response, keepsAck: true);
            return;
        }
        ref LegState leg = ref calls[transaction.Call].Legs[transaction.Leg];
        setup.RefreshTarget(ref leg, response);
        if (!transaction.IsInvite) return;
        media.OnRefreshed(transaction.Call, transaction.Leg, response);
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        var parts = new LegRequestParts
        {
            Method = "ACK"u8,
            CSeq = transaction.CSeq,
            BranchKind = TokenKind.AckBranch,
            Branch = client,
            MaxForwards = LegRequest.MaxForwardsDefault,
        };
        requests.Write(ref writer, transaction.Call, transaction.Leg, parts, default);
        if (writer.Overflowed) return;
        transaction.Remote = leg.NextHop;
        transaction.Listener = leg.Listener;
        clients.KeepAck(client, slot[..writer.Length]);
        work.Outbox.Commit(writer.Length, leg.Listener, leg.NextHop, SipMethod.Ack);
    }

    /// <summary>It took no UPDATE after all.</summary>
    private void Retry(Handle handle, int leg)
    {
        if (!calls.IsLive(handle) || calls[handle].Phase != CallPhase.Confirmed) return;
        calls[handle].Legs[leg].TakesUpdate = false;
        Refresh(handle, leg);
    }

    /// <summary>The interval is too small for this end (RFC 4028 7.4).</summary>
    private void RetryLonger(Handle handle, int leg, SipMessage response)
    {
        if (!calls.IsLive(handle) || calls[handle].Phase != CallPhase.Confirmed) return;
        if (!TryReadSeconds(response.Value(HeaderName.MinSe), out uint seconds)) return;
        if (seconds <= calls[handle].SessionSeconds || seconds > Limits.SessionSecondsMax) return;
        calls[handle].SessionSeconds = (int)seconds;
        Refresh(handle, leg);
    }

    /// <summary>It met a request of that end's own (14.1): half an interval later would be too late.</summary>
    private void RetrySoon(Handle handle)
    {
        if (!calls.IsLive(handle) || calls[handle].Phase != CallPhase.Confirmed) return;
        calls[handle].CheckAt = work.Now.AddMilliseconds(GlareMilliseconds + (int)(work.NextRandom() % 1900));
        calls.Schedule(handle);
    }

    /// <summary>Nothing came back for one, or its other end is gone.</summary>
    public void OnGone(Handle handle)
    {
        if (!calls.IsLive(handle) || calls[handle].Phase != CallPhase.Confirmed) return;
        ending.EndBothLegs(handle, "Reason: SIP;cause=408;text=\"Peer gone\"\r\n"u8);
    }

    private void SetCheck(ref CallState call)
    {
        int milliseconds = call.SessionSeconds > 0 ? call.SessionSeconds * 500 : work.Snapshot.Timers.DialogProbe;
        call.CheckAt = milliseconds > 0 ? work.Now.AddMilliseconds(milliseconds) : Instant.Never;
    }
}
