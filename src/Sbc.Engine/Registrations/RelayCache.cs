using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>What the box knows of all Contacts of a request; the worst of them counts.</summary>
public enum KnownAs : byte
{
    /// <summary>Something else than a refresh of what is known: the registrar's matter.</summary>
    Unknown,

    /// <summary>Confirmed not long ago.</summary>
    Fresh,

    /// <summary>It has moved, or the registrar was away: it shall see its credentials when it has the time.</summary>
    Moved,

    /// <summary>The registrar's own expiry comes near.</summary>
    Due,
}

/// <summary>Refreshes that are answered in front of the core registrar.</summary>
public sealed class RelayCache(
    Workspace work, LocationTable locations, ContactChanges changes, RegisterResponse response,
    ServerTransactions servers)
{
    /// <summary>A binding with less time left at the registrar is not worth an answer.</summary>
    private const long LeftMicrosecondsMin = 10_000_000;

    private readonly LocationShard _shard = locations.Shard(work.Index);

    /// <summary>Compares what was prepared with what is there.</summary>
    public KnownAs Judge(in Registration registration)
    {
        KnownAs worst = KnownAs.Unknown;
        foreach (ref readonly ContactChange change in changes.Items)
        {
            if (change.Removes || change.Target < 0) return KnownAs.Unknown;
            ref Binding old = ref _shard[change.Target];
            long left = old.RegistrarExpiresAt - work.Now;
            if (old.Id.IsNone || left < LeftMicrosecondsMin) return KnownAs.Unknown;
            KnownAs each = JudgeFlow(registration, change);
            if (each == KnownAs.Unknown) return each;
            if (each == KnownAs.Fresh && IsForgotten(registration, old)) each = KnownAs.Moved;
            if (old.RefreshAt <= work.Now || left < 2 * (change.Binding.ExpiresAt - work.Now)) each = KnownAs.Due;
            if (each > worst) worst = each;
        }
        return worst;
    }

    /// <summary>
    /// The registrar was away since it confirmed it and may know it no more, or the user is another one's by now.
    /// </summary>
    private bool IsForgotten(in Registration registration, in Binding binding)
    {
        // Who confirmed it before a restart is not known, and most likely still knows it.
        if (binding.Peer < 0) return false;
        RegistrarRelay relay = registration.Registrar.Relay!;
        int member = relay.MemberFor(registration.Aor, 0, work.Cells, work.Now);
        return member >= 0 && (relay.Group.Members[member].Id != binding.Peer ||
            work.Cells.PeerUpSince(binding.Peer) > binding.ConfirmedAt);
    }

    /// <summary>
    /// The same flow is the same phone. After a power cut it has another port or Call-ID; its address and what it calls
    /// itself are the same, and that is enough until the registrar has time for its credentials.
    /// </summary>
    private KnownAs JudgeFlow(in Registration registration, in ContactChange change)
    {
        ref Binding old = ref _shard[change.Target];
        BindingText before = _shard.Text(change.Target);
        if (old.Remote == registration.Origin.Source && old.Listener == registration.Origin.Listener &&
            old.ListenerGeneration == change.Binding.ListenerGeneration &&
            before.CallId.SequenceEqual(registration.Register.Value(HeaderName.CallId)))
            return (old.Traits & BindingTraits.Moved) != 0 ? KnownAs.Moved : KnownAs.Fresh;
        BindingText after = new(_shard.Bytes(change.Binding.Text), change.Binding);
        bool isSame = before.Contact.SequenceEqual(after.Contact) ||
            (after.Instance.Length > 0 && after.Instance.SequenceEqual(before.Instance));
        return isSame && old.Remote.SameAddress(registration.Origin.Source) ? KnownAs.Moved : KnownAs.Unknown;
    }

    /// <summary>Refreshes what was prepared and is known, and answers with all there is.</summary>
    public void Answer(Handle server, in Registration registration, int row)
    {
        work.Counters.CountRegistration(RegistrationResult.Answered);
        foreach (ref ContactChange change in changes.Items)
        {
            ref Binding old = ref _shard[change.Target];
            if (JudgeFlow(registration, change) == KnownAs.Moved) change.Binding.Traits |= BindingTraits.Moved;
            change.Binding.Id = old.Id;
            change.Binding.Core = old.Core;
            change.Binding.ServiceRouteLength = old.ServiceRouteLength;
            change.Binding.RegistrarExpiresAt = old.RegistrarExpiresAt;
            change.Binding.RefreshAt = old.RefreshAt;
            change.Binding.ConfirmedAt = old.ConfirmedAt;
            change.Binding.Peer = old.Peer;
            Shorten(ref change.Binding);
        }
        int code = changes.TryApply(registration.Aor, registration.Hash, ref row) ? 200 : 503;
        Respond(server, registration, code, row, default);
    }

    /// <summary>
    /// Up to a tenth less for the phone, so that those that came together do not come together again, and never longer
    /// than the registrar gave.
    /// </summary>
    public void Shorten(ref Binding binding)
    {
        long seconds = (binding.ExpiresAt - work.Now) / 1_000_000;
        seconds -= (long)(work.NextRandom() % (ulong)((seconds / 10) + 1));
        binding.ExpiresAt = work.Now.AddMilliseconds(seconds * 1000);
        if (binding.ExpiresAt > binding.RegistrarExpiresAt) binding.ExpiresAt = binding.RegistrarExpiresAt;
    }

    /// <summary>Answers with all bindings that there are, and the identities that the registrar named.</summary>
    /// <param name="fields">Header lines of the registrar's that the phone gets.</param>
    public void Respond(
        Handle server, in Registration registration, int code, int row, ReadOnlySpan<byte> fields)
    {
        Span<byte> lines = stackalloc byte[Limits.CoreBytesMax + Limits.CoreFieldsBytesMax + 32];
        var writer = new SipWriter(lines);
        writer.Raw(fields);
        int first = code == 200 ? _shard.FirstOf(row) : -1;
        ReadOnlySpan<byte> identities = first < 0 ? default : _shard.Core(first).Identities;
        if (identities.Length > 0) writer.Header("P-Associated-URI: "u8, identities);
        response.Send(
            servers, server, registration.Register, registration.Origin, registration.Registrar, code, default, row,
            writer.Written);
    }
}
