using System.Text;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// Subscriptions (RFC 6665, and REFER's, RFC 3515), in a dialog of their own or within a session's: how long they
/// live. Their content is none of the box's business.
/// </summary>
public sealed class Subscriptions(Workspace work, CallTable calls, EarlyDialogs early, CallEnding ending)
{
    /// <summary>A subscription that a REFER made lives so long without another word (RFC 3515 2.4.4).</summary>
    private const int ReferSeconds = 180;

    /// <summary>What a subscription that does not say so lives (the events' own defaults are of this order).</summary>
    private const int ExpiresDefault = 3600;

    /// <summary>
    /// A NOTIFY whose tag is new: it came before the response to its SUBSCRIBE, or from a further notifier (4.1.2.4).
    /// </summary>
    public bool TryFollowNotify(SipMessage request, TokenKind kind, ref Handle handle, in Origin origin)
    {
        if (request.Method != SipMethod.Notify || kind != TokenKind.Egress || !calls.IsLive(handle)) return false;
        ref CallState call = ref calls[handle];
        ref LegState leg = ref call.Legs[CallState.Egress];
        bool isRequest = call.Primary.IsNone || call.IsBranch;
        if (call.Kind != CallKind.Subscription || !isRequest || leg.Realm != origin.Realm.Id) return false;
        if (!LegText.CallId(work.Buffers, leg).SequenceEqual(request.Value(HeaderName.CallId))) return false;
        if (!early.TryFollow(handle, request, origin, out Handle dialog)) return false;
        if (dialog != handle) Begin(dialog, ExpiresDefault);
        handle = dialog;
        return true;
    }

    /// <summary>A 2xx to the SUBSCRIBE or REFER that began the call.</summary>
    public void OnBegun(Handle handle, SipMethod method, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        call.Phase = CallPhase.Confirmed;
        // The last NOTIFY may have come first.
        if (call.Subscriptions == 0 || !Lasts(method, response, out int seconds)) ending.Finish(handle);
        else Prolong(handle, seconds);
    }

    /// <summary>The 2xx is another dialog's: the first lives on for the notifier that was heard in it.</summary>
    public void OnBegunElsewhere(Handle first, Handle other)
    {
        // One that ended is gone, so it is new.
        if (calls[other].Subscriptions == 0) Begin(other);
        ref CallState call = ref calls[first];
        call.Phase = CallPhase.Confirmed;
        call.EndsAt = call.SubscribedUntil;
        calls.Schedule(first);
        if (call.Subscriptions == 0 || call.Legs[CallState.Egress].RemoteTagLength == 0) ending.Finish(first);
    }

    /// <summary>
    /// A request in the dialog: a NOTIFY says how much longer the subscription lives (RFC 6665 4.1.3).
    /// </summary>
    public void OnNotify(Handle handle, SipMessage notify)
    {
        if (notify.Method != SipMethod.Notify) return;
        ReadOnlySpan<byte> state = notify.Value(HeaderName.SubscriptionState);
        int end = state.IndexOf((byte)';');
        if (end < 0 || !Parameters.TryGet(state[end..], "expires"u8, out ReadOnlySpan<byte> text)) return;
        if (Numbers.TryParse(text, out uint seconds)) Prolong(handle, Bounded(seconds));
    }

    /// <summary>A NOTIFY that ends its subscription.</summary>
    public static bool IsLast(SipMessage request)
    {
        if (request.Method != SipMethod.Notify) return false;
        ReadOnlySpan<byte> state = request.Value(HeaderName.SubscriptionState);
        int end = state.IndexOf((byte)';');
        return Ascii.EqualsIgnoreCase(Grammar.Trim(end < 0 ? state : state[..end]), "terminated"u8);
    }

    /// <summary>The final response to a request within the dialog.</summary>
    public void OnAnswer(Handle handle, in ClientTransaction transaction, SipMessage response)
    {
        ref CallState call = ref calls[handle];
        bool succeeds = response.StatusCode < 300;
        switch (transaction.Method)
        {
            // 481: the subscriber knows nothing of it (4.2.2).
            case SipMethod.Notify when transaction.EndsSubscription || response.StatusCode == 481:
                End(handle);
                break;
            case SipMethod.Subscribe or SipMethod.Refer when succeeds:
                if (!Lasts(transaction.Method, response, out int seconds)) break;
                if (call.Kind == CallKind.Session && call.Subscriptions < byte.MaxValue) call.Subscriptions++;
                Prolong(handle, seconds);
                break;
        }
    }

    /// <summary>One of them is over; with the last one a dialog of their own is.</summary>
    public void End(Handle handle)
    {
        ref CallState call = ref calls[handle];
        if (call.Subscriptions > 0) call.Subscriptions--;
        if (call.Kind == CallKind.Subscription && call.Phase == CallPhase.Confirmed && call.Subscriptions == 0)
            ending.Finish(handle);
    }

    /// <summary>
    /// The session is over and its dialog is not (RFC 5057 4.2): the phone that was transferred still has to tell how
    /// that went.
    /// </summary>
    public bool TryOutlive(Handle handle)
    {
        ref CallState call = ref calls[handle];
        if (call.Kind != CallKind.Session || call.Subscriptions == 0 || call.SubscribedUntil <= work.Now) return false;
        ending.EndRequest(ref call);
        ending.Release(handle);
        call.InviteServer = call.InviteClient = Handle.None;
        call.Kind = CallKind.Subscription;
        call.Phase = CallPhase.Confirmed;
        call.SessionEndsAt = call.CheckAt = Instant.Never;
        call.EndsAt = call.SubscribedUntil;
        calls.Schedule(handle);
        return true;
    }

    /// <summary>A dialog of its own begins.</summary>
    public void Begin(Handle handle, int seconds = ExpiresDefault)
    {
        calls[handle].Subscriptions = 1;
        Prolong(handle, seconds);
    }

    private void Prolong(Handle handle, int seconds)
    {
        ref CallState call = ref calls[handle];
        // A refresh in the last second, and the NOTIFY that says it was too late, still find it.
        call.SubscribedUntil = work.Now.AddMilliseconds((seconds * 1000L) + work.Snapshot.Timers.T1x64);
        if (call.Kind != CallKind.Subscription || call.Phase != CallPhase.Confirmed) return;
        call.EndsAt = call.SubscribedUntil;
        calls.Schedule(handle);
    }

    /// <summary>Whether the 2xx makes or keeps a subscription, and for how long.</summary>
    private static bool Lasts(SipMethod method, SipMessage response, out int seconds)
    {
        seconds = ReferSeconds;
        if (method == SipMethod.Refer)
            return !Ascii.EqualsIgnoreCase(response.Value(HeaderName.ReferSub), "false"u8);
        bool isGiven = Numbers.TryParse(response.Value(HeaderName.Expires), out uint given);
        seconds = isGiven ? Bounded(given) : ExpiresDefault;
        return true;
    }

    private static int Bounded(uint seconds) => (int)Math.Min(seconds, Limits.SubscriptionSecondsMax);
}
