using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// Translates the names of dialogs on their way from one side to the other: whoever replaces a call knows it as the
/// side knows it that told of it, and each side has its own Call-ID and tags.
/// </summary>
/// <remarks>
/// Our own tag in a name says which call and which leg of it is meant. A leg of the side that the message comes from
/// becomes the call's other leg, seen from the same end. Calls of other workers are known from their answers, which
/// are kept for as long as one message needs them.
/// </remarks>
public sealed class DialogNames(Workspace work, CallTable calls)
{
    private const int AnswersKept = 64;
    private const long KeptMicroseconds = 1_000_000;
    private const int EscapedBytesMax = 1024;

    private readonly byte[] _own = new byte[CallNames.BytesMax];
    private readonly byte[] _answers = new byte[AnswersKept * CallNames.BytesMax];
    private readonly (ulong Token, Instant Until)[] _kept = new (ulong, Instant)[AnswersKept];
    private int _next;

    /// <summary>Whether the request can name a dialog at all: cheap enough for every request.</summary>
    public bool MayName(SipMessage request) => request.Has(HeaderName.ReferTo) || request.Has(HeaderName.Replaces) ||
        request.Has(HeaderName.Join) || request.Has(HeaderName.TargetDialog) ||
        (request.Method == SipMethod.Notify && DialogInfo.Is(request.Value(HeaderName.ContentType)));

    /// <summary>The name of another worker's call in a request that is not known here yet.</summary>
    /// <param name="token">Our tag in it, which that worker can read.</param>
    public bool TryQuestion(SipMessage request, out ReadOnlySpan<byte> token, out int worker)
    {
        token = default;
        worker = 0;
        if (IsUnknown(request.Value(HeaderName.Replaces), ref token, ref worker)) return true;
        if (IsUnknown(request.Value(HeaderName.Join), ref token, ref worker)) return true;
        if (IsUnknown(request.Value(HeaderName.TargetDialog), ref token, ref worker)) return true;
        ReadOnlySpan<byte> referTo = request.Value(HeaderName.ReferTo);
        if (referTo.Length > 0 && ReferredDialog.TryFind(referTo, out Range replaces) &&
            IsUnknownEscaped(referTo[replaces], ref token, ref worker)) return true;
        if (referTo.Length > 0 && IsUnknownTag(UserOf(referTo), ref token, ref worker)) return true;
        if (!DialogInfo.Is(request.Value(HeaderName.ContentType))) return false;
        var dialogs = new DialogInfo(request.Body);
        while (dialogs.MoveNext())
        {
            if (IsUnknown(dialogs.Current, ref token, ref worker)) return true;
        }
        return false;
    }

    /// <summary>Another worker asks what our token names.</summary>
    /// <param name="slot">In: the token. Out: the answer.</param>
    public void Answer(Span<byte> slot)
    {
        bool known = work.Tokens.TryRead(slot[..Tokens.Length], out TokenKind kind, out _, out Handle handle);
        var names = new CallNames(slot.Slice(Tokens.Length, CallNames.BytesMax));
        names.Clear();
        if (!known || kind is not (TokenKind.Ingress or TokenKind.Egress) || !calls.IsLive(handle)) return;
        if (calls[handle].Phase == CallPhase.Joined) handle = calls[handle].Primary;
        names.Set(work, calls, handle);
    }

    /// <summary>The answer to a question of ours.</summary>
    public void Keep(ReadOnlySpan<byte> slot)
    {
        _kept[_next] = (KeyOf(slot[..Tokens.Length]), work.Now.AddMicroseconds(KeptMicroseconds));
        slot.Slice(Tokens.Length, CallNames.BytesMax).CopyTo(Kept(_next));
        _next = (_next + 1) % AnswersKept;
    }

    /// <summary>Writes a header value, translated where it names a call of ours.</summary>
    public void Write(ref SipWriter writer, ReadOnlySpan<byte> value, int fromRealm, int toRealm)
    {
        if (!DialogName.TryParse(value, out DialogName name) ||
            !TryFind(name, out CallNames names, out int leg, out bool isNear))
        {
            writer.Raw(value);
            return;
        }
        int told = LegToTell(names, leg, fromRealm, toRealm);
        bool swaps = (told != leg) == isNear;
        writer.Raw(names.CallId(told));
        var parameters = new Parameters(value[value.IndexOf((byte)';')..]);
        while (parameters.MoveNext())
        {
            writer.Byte((byte)';');
            if (DialogName.IsNear(parameters.Name))
            {
                writer.Raw(parameters.Name);
                writer.Byte((byte)'=');
                writer.Raw(swaps ? names.TheirTag(told) : names.OurTag(told));
            }
            else if (DialogName.IsFar(parameters.Name))
            {
                writer.Raw(parameters.Name);
                writer.Byte((byte)'=');
                writer.Raw(swaps ? names.OurTag(told) : names.TheirTag(told));
            }
            else
            {
                writer.Raw(parameters.Text);
            }
        }
    }

    /// <summary>The same for a value that stands escaped in a URI (RFC 3261 19.1.1).</summary>
    public void WriteEscaped(ref SipWriter writer, ReadOnlySpan<byte> escaped, int fromRealm, int toRealm)
    {
        Span<byte> plain = stackalloc byte[EscapedBytesMax];
        Span<byte> text = stackalloc byte[EscapedBytesMax];
        var translated = new SipWriter(text);
        if (!Escaping.TryUnescape(escaped, plain, out int length))
        {
            writer.Raw(escaped);
            return;
        }
        Write(ref translated, plain[..length], fromRealm, toRealm);
        if (translated.Overflowed) writer.Raw(escaped);
        else Escaping.Write(ref writer, translated.Written);
    }

    /// <summary>
    /// Whom a URI means that has our token as its user: it is the Contact of a call of ours, and leads nowhere for
    /// who is not in that call. False: it is none.
    /// </summary>
    public bool TryFindParty(ReadOnlySpan<byte> user, out ReadOnlySpan<byte> uri)
    {
        uri = default;
        if (!work.Tokens.TryRead(user, out TokenKind kind, out int worker, out Handle handle)) return false;
        if (kind is not (TokenKind.Ingress or TokenKind.Egress)) return false;
        CallNames names;
        if (worker != work.Index)
        {
            if (!TryFindKept(user, out int kept)) return false;
            names = new CallNames(Kept(kept));
        }
        else
        {
            names = new CallNames(_own);
            names.Clear();
            if (!calls.IsLive(handle)) return false;
            names.Set(work, calls, calls[handle].Phase == CallPhase.Joined ? calls[handle].Primary : handle);
        }
        if (!names.Exists) return false;
        uri = names.OurUri(kind == TokenKind.Egress ? CallState.Egress : CallState.Ingress);
        return uri.Length > 0;
    }

    private static ReadOnlySpan<byte> UserOf(ReadOnlySpan<byte> referTo) =>
        NameAddress.TryParse(referTo, out NameAddress target) && SipUri.TryParse(target.Uri, out SipUri uri)
            ? uri.User
            : default;

    /// <summary>Call-ID and tags that stand for a name on the other side. False: it names no call of ours.</summary>
    public bool TryTranslate(in DialogName name, int fromRealm, int toRealm, out DialogName translated)
    {
        translated = default;
        if (!TryFind(name, out CallNames names, out int leg, out bool isNear)) return false;
        int told = LegToTell(names, leg, fromRealm, toRealm);
        bool swaps = (told != leg) == isNear;
        translated = swaps
            ? new DialogName(names.CallId(told), names.TheirTag(told), names.OurTag(told))
            : new DialogName(names.CallId(told), names.OurTag(told), names.TheirTag(told));
        return true;
    }

    /// <summary>
    /// The leg on the side that the message goes to. Where neither is, the egress leg, whose Call-ID is of our making.
    /// </summary>
    private static int LegToTell(in CallNames names, int leg, int fromRealm, int toRealm)
    {
        int other = 1 - leg;
        if (names.Realm(leg) == fromRealm && names.Realm(other) == toRealm) return other;
        if (names.Realm(leg) == toRealm) return leg;
        return names.Realm(other) == toRealm ? other : CallState.Egress;
    }

    private bool TryFind(in DialogName name, out CallNames names, out int leg, out bool isNear)
    {
        isNear = TryFindLeg(name.Near, name.Far, name.CallId, out names, out leg);
        return isNear || TryFindLeg(name.Far, name.Near, name.CallId, out names, out leg);
    }

    private bool TryFindLeg(
        ReadOnlySpan<byte> ours, ReadOnlySpan<byte> theirs, ReadOnlySpan<byte> callId, out CallNames names, out int leg)
    {
        names = default;
        leg = 0;
        if (!work.Tokens.TryRead(ours, out TokenKind kind, out int worker, out Handle handle)) return false;
        if (kind is not (TokenKind.Ingress or TokenKind.Egress)) return false;
        leg = kind == TokenKind.Egress ? CallState.Egress : CallState.Ingress;
        if (worker == work.Index)
        {
            names = new CallNames(_own);
            names.Clear();
            if (calls.IsLive(handle) && calls.TryFindDialog(callId, theirs, leg, ref handle))
                names.Set(work, calls, handle);
        }
        else if (TryFindKept(ours, out int kept))
        {
            names = new CallNames(Kept(kept));
        }
        else
        {
            return false;
        }
        return names.Exists && names.CallId(leg).SequenceEqual(callId) && names.TheirTag(leg).SequenceEqual(theirs);
    }

    private bool IsUnknown(ReadOnlySpan<byte> value, ref ReadOnlySpan<byte> token, ref int worker) =>
        value.Length > 0 && DialogName.TryParse(value, out DialogName name) && IsUnknown(name, ref token, ref worker);

    private bool IsUnknown(scoped in DialogName name, ref ReadOnlySpan<byte> token, ref int worker) =>
        IsUnknownTag(name.Near, ref token, ref worker) || IsUnknownTag(name.Far, ref token, ref worker);

    // A token needs no escaping, so it can be read where it stands.
    private bool IsUnknownEscaped(ReadOnlySpan<byte> escaped, ref ReadOnlySpan<byte> token, ref int worker)
    {
        while (escaped.Length > 0)
        {
            int end = escaped.IndexOf((byte)'%');
            ReadOnlySpan<byte> part = end < 0 ? escaped : escaped[..end];
            if (IsUnknownTag(part, ref token, ref worker)) return true;
            escaped = end < 0 || end + 3 > escaped.Length ? default : escaped[(end + 3)..];
        }
        return false;
    }

    private bool IsUnknownTag(ReadOnlySpan<byte> tag, ref ReadOnlySpan<byte> token, ref int worker)
    {
        if (!work.Tokens.TryRead(tag, out TokenKind kind, out int owner, out _)) return false;
        if (kind is not (TokenKind.Ingress or TokenKind.Egress) || owner == work.Index || TryFindKept(tag, out _))
            return false;
        token = tag;
        worker = owner;
        return true;
    }

    private bool TryFindKept(ReadOnlySpan<byte> token, out int kept)
    {
        ulong key = KeyOf(token);
        for (kept = 0; kept < AnswersKept; kept++)
        {
            if (_kept[kept].Token == key && _kept[kept].Until > work.Now) return true;
        }
        return false;
    }

    private Span<byte> Kept(int index) => _answers.AsSpan(index * CallNames.BytesMax, CallNames.BytesMax);

    private ulong KeyOf(ReadOnlySpan<byte> token) => work.Hash.Hash(token);
}
