using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>
/// What one REGISTER changes at one address-of-record: prepared in full, then made at once or not at all (RFC 3261
/// 10.3 step 7).
/// </summary>
public sealed class ContactChanges(Workspace work, LocationTable locations, RegEvents events)
{
    /// <summary>Seconds where nobody says (RFC 3261 10.2.1.1); below them 423 is allowed (10.3 step 7).</summary>
    private const uint ExpiresDefault = 3600;

    /// <summary>Contacts of one request.</summary>
    public const int ItemsMax = Limits.ContactsPerAorMax * 2;

    private readonly LocationShard _shard = locations.Shard(work.Index);
    private readonly ContactChange[] _changes = new ContactChange[ItemsMax];
    private readonly byte[] _text = new byte[Limits.BindingBytesMax];
    private int _count;

    private Why _why;

    private enum Why : byte
    {
        CodeSaysIt,
        TooMany,
        TooLong,
    }

    /// <summary>What was prepared; valid until it is applied or discarded.</summary>
    public Span<ContactChange> Items => _changes.AsSpan(0, _count);

    /// <summary>The request removes all that there is (10.2.2).</summary>
    public bool IsStar { get; private set; }

    /// <summary>Of a refusal, where the code alone says too little; else empty.</summary>
    public ReadOnlySpan<byte> Reason => _why switch
    {
        Why.TooMany => "Too Many Contacts"u8,
        Why.TooLong => "Contact Too Long"u8,
        _ => default,
    };

    /// <summary>Reads all Contacts and compares them with what is there. Changes nothing.</summary>
    /// <param name="row">Row of the address; -1: it has no binding.</param>
    /// <returns>0, or the response that refuses all of it.</returns>
    public int Prepare(
        SipMessage register, in ViaValue via, in Origin origin, Registrar registrar, int row)
    {
        _why = Why.CodeSaysIt;
        _count = 0;
        IsStar = false;
        int refusal = PrepareAll(register, via, origin, registrar, row);
        if (refusal != 0) Discard();
        return refusal;
    }

    private int PrepareAll(
        SipMessage register, in ViaValue via, in Origin origin, Registrar registrar, int row)
    {
        CSeqValue.TryParse(register.Value(HeaderName.CSeq), out CSeqValue cseq);
        var contacts = new HeaderValues(register, HeaderName.Contact);
        int added = 0, removed = 0;
        while (contacts.MoveNext())
        {
            if (!NameAddress.TryParse(contacts.Current, out NameAddress contact)) return 400;
            if (contact.IsStar)
                return _count > 0 || contacts.MoveNext() ? 400 : PrepareStar(register, cseq.Number, row);
            if (_count == _changes.Length) return TooMany();
            int refusal = Read(register, via, origin, registrar, contact, cseq.Number, out ContactChange change);
            if (refusal != 0) return refusal;
            change.Target = Match(row, register, contact, change.Binding, registrar);
            if (change.Target >= 0) Follow(ref change.Binding, change.Target, register);
            if (!IsLater(change.Target, register, cseq.Number)) refusal = 500;
            if (IsTwice(contact, change)) refusal = 400;
            if (refusal == 0 && !change.Removes && !TryRentText(ref change)) refusal = 503;
            if (refusal != 0) return refusal;
            _changes[_count++] = change;
            if (change.Target < 0 && !change.Removes) added++;
            if (change.Target >= 0 && change.Removes) removed++;
        }
        return _shard.CountOf(row) + added - removed > registrar.ContactsMax ? TooMany() : 0;
    }

    private int TooMany()
    {
        _why = Why.TooMany;
        return 403;
    }

    /// <summary>All bindings go (10.2.2): the star stands alone, with an Expires of 0.</summary>
    private int PrepareStar(SipMessage register, uint cseq, int row)
    {
        IsStar = true;
        if (!IsZero(register.Value(HeaderName.Expires))) return 400;
        for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next)
        {
            if (!IsLater(at, register, cseq)) return 500;
            if (_count == _changes.Length) return 500;
            _changes[_count++] = new ContactChange { Target = at, Removes = true };
        }
        return 0;
    }

    private static bool IsZero(ReadOnlySpan<byte> text) => Numbers.TryParse(text, out uint value) && value == 0;

    /// <summary>One Contact with its parameters. Its text is written, into memory of the flow's own.</summary>
    private int Read(
        SipMessage register, in ViaValue via, in Origin origin, Registrar registrar, in NameAddress contact,
        uint cseq, out ContactChange change)
    {
        change = default;
        // Only what a request line can carry can be called; other schemes lead nowhere from here.
        if (!Sanity.FitsRequestLine(contact.Uri) || !SipUri.TryParse(contact.Uri, out SipUri uri)) return 400;
        bool isNat = origin.Realm.NatAuto && (StatelessReply.ViaDiffers(via, origin) || IsElsewhere(uri, origin));
        if (!TryReadExpires(register, contact, out uint expires)) return 400;
        if (expires > 0 && !uri.IsSip) return 416;
        if (expires > 0 && expires < registrar.ExpiresMin) return 423;
        expires = Math.Min(expires, (uint)(isNat ? registrar.ExpiresMaxNat : registrar.ExpiresMax));
        int quality = Quality.Highest;
        if (Parameters.TryGet(contact.Parameters, "q"u8, out ReadOnlySpan<byte> q) &&
            !Quality.TryParse(q, out quality)) return 400;
        uint regId = 0;
        if (Parameters.TryGet(contact.Parameters, "reg-id"u8, out ReadOnlySpan<byte> id) &&
            (!Numbers.TryParse(id, out regId) || regId == 0)) return 400;
        var binding = new Binding
        {
            Quality = (ushort)quality,
            Listener = (byte)origin.Listener,
            ListenerGeneration = work.Snapshot.Listeners[origin.Listener].Generation,
            Traits = isNat ? BindingTraits.Nat : BindingTraits.None,
            CSeq = cseq,
            FirstCSeq = cseq,
            Remote = origin.Source,
            ExpiresAt = work.Now.AddMilliseconds(expires * 1000L),
            UpdatedAt = work.Now,
            Next = -1,
        };
        if (!TryWriteText(register, contact, ref binding))
        {
            _why = Why.TooLong;
            return 400;
        }
        // Without an instance a reg-id means nothing (RFC 5626 6).
        if (regId > 0 && binding.InstanceLength > 0)
        {
            if (LacksOutbound(register)) return 439;
            binding.RegId = regId;
            binding.Traits |= BindingTraits.Outbound;
        }
        if (binding.InstanceLength > 0 && HeaderValues.Contains(register, HeaderName.Supported, "gruu"u8))
            binding.Traits |= BindingTraits.Gruu;
        change = new ContactChange { Target = -1, Removes = expires == 0, Binding = binding };
        return 0;
    }

    /// <summary>
    /// The flow is another box's, which does not say that it keeps it (RFC 5626 6): its Path would have ob.
    /// </summary>
    private static bool LacksOutbound(SipMessage register)
    {
        if (!HeaderValues.Contains(register, HeaderName.Supported, "outbound"u8)) return false;
        var vias = new HeaderValues(register, HeaderName.Via);
        if (!vias.MoveNext() || !vias.MoveNext()) return false;
        // The first hop wrote the last one.
        bool hasOb = false;
        var path = new HeaderValues(register, HeaderName.Path);
        while (path.MoveNext())
        {
            hasOb = NameAddress.TryParse(path.Current, out NameAddress hop) &&
                SipUri.TryParse(hop.Uri, out SipUri uri) && uri.TryGetParameter("ob"u8, out _);
        }
        return !hasOb;
    }

    /// <summary>Seconds; more than a number can say is the most there is.</summary>
    private static bool TryReadExpires(SipMessage register, in NameAddress contact, out uint seconds)
    {
        if (!Parameters.TryGet(contact.Parameters, "expires"u8, out ReadOnlySpan<byte> text))
            text = register.Value(HeaderName.Expires);
        seconds = ExpiresDefault;
        if (text.Length == 0 || Numbers.TryParse(text, out seconds)) return true;
        // A malformed one is as good as none (10.2.1.1, 20.10); a date of RFC 2543 too.
        seconds = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 ? uint.MaxValue : ExpiresDefault;
        return true;
    }

    private static bool IsElsewhere(in SipUri contact, in Origin origin) =>
        !contact.TryGetAddress(5060, out TransportAddress address) || !address.SameAddress(origin.Source);

    private bool TryWriteText(SipMessage register, in NameAddress contact, ref Binding binding)
    {
        var writer = new SipWriter(_text);
        writer.Raw(contact.Uri);
        binding.ContactLength = (ushort)writer.Length;
        ReadOnlySpan<byte> callId = register.Value(HeaderName.CallId);
        writer.Raw(callId);
        binding.CallIdLength = (ushort)callId.Length;
        int start = writer.Length;
        var path = new HeaderValues(register, HeaderName.Path);
        while (path.MoveNext())
        {
            if (!NameAddress.TryParse(path.Current, out NameAddress hop) || !Sanity.FitsRequestLine(hop.Uri))
                return false;
            if (writer.Length > start) writer.Raw(", "u8);
            writer.Raw(path.Current);
        }
        binding.PathLength = (ushort)(writer.Length - start);
        start = writer.Length;
        if (Parameters.TryGet(contact.Parameters, "+sip.instance"u8, out ReadOnlySpan<byte> instance) &&
            instance.Length > 2 && instance[0] == '"') writer.Raw(instance[1..^1]);
        binding.InstanceLength = (ushort)(writer.Length - start);
        start = writer.Length;
        // It says what to expect of the phone, and nothing depends on it.
        ReadOnlySpan<byte> agent = register.Value(HeaderName.UserAgent);
        writer.Raw(agent[..Math.Min(agent.Length, Limits.UserAgentBytesMax)]);
        binding.UserAgentLength = (ushort)(writer.Length - start);
        start = writer.Length;
        WriteFeatures(ref writer, contact.Parameters);
        binding.FeaturesLength = (ushort)(writer.Length - start);
        return !writer.Overflowed;
    }

    private static void WriteFeatures(ref SipWriter writer, ReadOnlySpan<byte> parameters)
    {
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (walk.Name is [(byte)'q' or (byte)'Q'] || Ascii.EqualsIgnoreCase(walk.Name, "+sip.instance"u8)) continue;
            if (!ContactFeatures.Passes(walk.Name)) continue;
            writer.Byte((byte)';');
            writer.Raw(walk.Text);
        }
    }

    /// <summary>
    /// The binding that a Contact is about: of the same instance and reg-id (RFC 5626 6), of an equal URI, or of a
    /// device that moved: the same instance or Call-ID, from another address than before.
    /// </summary>
    private int Match(
        int row, SipMessage register, in NameAddress contact, in Binding binding, Registrar registrar)
    {
        var text = new BindingText(_text, binding);
        for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next)
        {
            BindingText other = _shard.Text(at);
            if (binding.RegId == 0 ? UriComparison.AreEqual(other.Contact, contact.Uri) :
                _shard[at].RegId == binding.RegId && other.Instance.SequenceEqual(text.Instance)) return at;
        }
        if (binding.RegId != 0) return -1;
        for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next)
        {
            ref Binding old = ref _shard[at];
            BindingText other = _shard.Text(at);
            if (old.RegId != 0 || old.Remote == binding.Remote || IsTaken(at)) continue;
            bool isSameDevice = text.Instance.Length > 0 && other.Instance.Length > 0
                ? other.Instance.SequenceEqual(text.Instance)
                : other.CallId.SequenceEqual(text.CallId);
            if (isSameDevice && !IsNamed(register, other.Contact)) return at;
        }
        return -1;
    }

    private void Follow(ref Binding binding, int old, SipMessage register)
    {
        binding.Traits |= BindingTraits.Refreshed;
        if (_shard.Text(old).CallId.SequenceEqual(register.Value(HeaderName.CallId)))
            binding.FirstCSeq = _shard[old].FirstCSeq;
    }

    /// <summary>Whether the request has a Contact of its own for that binding.</summary>
    private static bool IsNamed(SipMessage register, ReadOnlySpan<byte> uri)
    {
        var contacts = new HeaderValues(register, HeaderName.Contact);
        while (contacts.MoveNext())
        {
            if (NameAddress.TryParse(contacts.Current, out NameAddress contact) &&
                UriComparison.AreEqual(contact.Uri, uri)) return true;
        }
        return false;
    }

    private bool IsTaken(int binding)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_changes[i].Target == binding) return true;
        }
        return false;
    }

    /// <summary>Within a Call-ID the later CSeq counts (10.3 step 7).</summary>
    private bool IsLater(int binding, SipMessage register, uint cseq) =>
        binding < 0 || cseq > _shard[binding].CSeq ||
        !_shard.Text(binding).CallId.SequenceEqual(register.Value(HeaderName.CallId));

    /// <summary>Two Contacts of one request are about one binding.</summary>
    private bool IsTwice(in NameAddress contact, in ContactChange change)
    {
        if (change.Target >= 0) return IsTaken(change.Target);
        for (int i = 0; i < _count; i++)
        {
            if (_changes[i].Removes || _changes[i].Target >= 0) continue;
            ref Binding other = ref _changes[i].Binding;
            var text = new BindingText(_shard.Bytes(other.Text), other);
            if (UriComparison.AreEqual(text.Contact, contact.Uri)) return true;
            if (change.Binding.RegId != 0 && other.RegId == change.Binding.RegId &&
                text.Instance.SequenceEqual(new BindingText(_text, change.Binding).Instance)) return true;
        }
        return false;
    }

    private bool TryRentText(ref ContactChange change)
    {
        ref Binding binding = ref change.Binding;
        if (!_shard.TryRent(binding.TextLength, out binding.Text)) return false;
        _text.AsSpan(0, binding.TextLength).CopyTo(_shard.Bytes(binding.Text));
        return true;
    }

    /// <summary>Makes all of it. False: the table is full, and nothing was changed.</summary>
    public bool TryApply(ReadOnlySpan<byte> aor, ulong hash, ref int row)
    {
        if (_count == 0) return true;
        bool adds = false;
        foreach (ref ContactChange change in _changes.AsSpan(0, _count)) adds |= change.Target < 0 && !change.Removes;
        bool fits = true;
        _shard.BeginChange(hash);
        if (row < 0 && adds) row = _shard.Add(aor, hash);
        // What is new first: it alone can fail.
        for (int i = 0; i < _count && fits; i++)
        {
            ref ContactChange change = ref _changes[i];
            if (change.Target >= 0 || change.Removes) continue;
            change.Target = row < 0 ? -1 : _shard.Append(row, change.Binding);
            fits = change.Target >= 0;
            if (fits) change.Binding.Text = change.Binding.Core = BufferRef.None;
        }
        for (int i = 0; i < _count; i++)
        {
            ref ContactChange change = ref _changes[i];
            if (!fits)
            {
                if (change.Binding.Text.IsNone && change.Target >= 0 && !change.Removes) _shard.Remove(change.Target);
            }
            else if (change.Removes)
            {
                Remove(change.Target, ContactEvent.Unregistered);
            }
            else
            {
                if (!change.Binding.Text.IsNone) _shard.Replace(change.Target, change.Binding);
                change.Binding.Text = change.Binding.Core = BufferRef.None;
                Schedule(change.Target);
            }
        }
        if (_shard.CountOf(row) == 0)
        {
            _shard.RemoveIfEmpty(row);
            row = -1;
        }
        _shard.EndChange(hash);
        Discard();
        if (fits) Note(aor, hash);
        return fits;
    }

    private void Note(ReadOnlySpan<byte> aor, ulong hash)
    {
        locations.Note(work.Index, aor);
        events.OnChanged(aor, hash);
    }

    private void Remove(int binding, ContactEvent cause)
    {
        if (binding < 0) return;
        events.OnLeaving(binding, cause);
        work.Timers.Cancel(ref _shard[binding].Timer);
        _shard.Remove(binding);
    }

    /// <summary>Puts a binding back that was kept elsewhere. False: no room.</summary>
    /// <param name="core">What a core registrar said with it; empty: nothing.</param>
    public bool TryRestore(
        ReadOnlySpan<byte> aor, Binding binding, ReadOnlySpan<byte> text, ReadOnlySpan<byte> core)
    {
        ulong hash = locations.HashOf(aor);
        if (!_shard.TryRent(text.Length, out binding.Text)) return false;
        text.CopyTo(_shard.Bytes(binding.Text));
        if (core.Length > 0 && _shard.TryRent(core.Length, out binding.Core)) core.CopyTo(_shard.Bytes(binding.Core));
        if (binding.Core.IsNone) binding.ServiceRouteLength = 0;
        int row = _shard.Find(aor, hash);
        _shard.BeginChange(hash);
        if (row < 0) row = _shard.Add(aor, hash);
        int added = row < 0 ? -1 : _shard.Append(row, binding);
        if (added < 0) _shard.RemoveIfEmpty(row);
        _shard.EndChange(hash);
        if (added >= 0)
        {
            Schedule(added);
            return true;
        }
        _shard.Return(ref binding.Text);
        _shard.Return(ref binding.Core);
        return false;
    }

    private void Schedule(int binding)
    {
        work.Timers.Cancel(ref _shard[binding].Timer);
        _shard[binding].Timer = work.Timers.Schedule(
            _shard[binding].GoneAt, TimerKind.Binding, _shard.HandleOf(binding));
    }

    /// <summary>Takes one binding away, whoever wants it.</summary>
    public void Drop(int binding)
    {
        int row = _shard[binding].Owner;
        ulong hash = _shard.HashOf(row);
        Span<byte> name = stackalloc byte[AddressOfRecord.BytesMax];
        ReadOnlySpan<byte> aor = name[.._shard.NameOf(row).Length];
        _shard.NameOf(row).CopyTo(name);
        _shard.BeginChange(hash);
        Remove(binding, _shard[binding].ExpiresAt <= work.Now ? ContactEvent.Expired : ContactEvent.Deactivated);
        _shard.RemoveIfEmpty(row);
        _shard.EndChange(hash);
        Note(aor, hash);
    }

    /// <summary>Gives the texts back of what will not be.</summary>
    public void Discard()
    {
        foreach (ref ContactChange change in Items)
        {
            _shard.Return(ref change.Binding.Text);
            // What is known shares it with what would have become of it.
            if (change.Target < 0 || _shard[change.Target].Core != change.Binding.Core)
                _shard.Return(ref change.Binding.Core);
        }
        _count = 0;
    }
}
