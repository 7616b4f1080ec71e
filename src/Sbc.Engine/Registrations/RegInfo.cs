using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>Why a contact is as it is (RFC 3680 5.3).</summary>
public enum ContactEvent : byte
{
    Created,
    Refreshed,
    Expired,

    /// <summary>The phone took it away.</summary>
    Unregistered,

    /// <summary>The operator did: the phone may come again at once.</summary>
    Deactivated,
}

/// <summary>
/// Documents of application/reginfo+xml (RFC 3680 5), always the full state, with the GRUUs of RFC 5628.
/// </summary>
public sealed class RegInfo(Workspace work, LocationTable locations)
{
    private static ReadOnlySpan<byte> Tail => "  </registration>\n</reginfo>\n"u8;

    private readonly LocationShard _shard = locations.Shard(work.Index);
    private readonly byte[] _contact = new byte[Limits.RegInfoContactBytesMax];

    /// <summary>The state of an address-of-record.</summary>
    /// <param name="body">Contacts that do not fit are left out.</param>
    /// <param name="row">Of the shard; -1: it has no binding.</param>
    /// <param name="departed">Contacts that have gone, as <see cref="Contact"/> wrote them.</param>
    /// <returns>How long it is.</returns>
    public int Write(
        Span<byte> body, ReadOnlySpan<byte> aor, int row, uint version, ReadOnlySpan<byte> departed)
    {
        var writer = new SipWriter(body);
        writer.Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\""u8);
        writer.Raw(" xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" version=\""u8);
        writer.Number(version);
        writer.Raw("\" state=\"full\">\n  <registration aor=\"sip:"u8);
        Escaping.Write(ref writer, AddressOfRecord.UserOf(aor));
        writer.Byte((byte)'@');
        WriteText(ref writer, AddressOfRecord.DomainOf(aor));
        writer.Raw("\" id=\"a"u8);
        writer.Number((long)(locations.HashOf(aor) >> 1));
        writer.Raw("\" state=\""u8);
        writer.Raw(_shard.FirstOf(row) >= 0 ? "active"u8 : departed.Length > 0 ? "terminated"u8 : "init"u8);
        writer.Raw("\">\n"u8);
        for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next)
        {
            bool isRefreshed = (_shard[at].Traits & BindingTraits.Refreshed) != 0;
            Append(ref writer, Contact(at, isRefreshed ? ContactEvent.Refreshed : ContactEvent.Created));
        }
        Append(ref writer, departed);
        writer.Raw(Tail);
        return writer.Length;
    }

    private static void Append(ref SipWriter writer, ReadOnlySpan<byte> contact)
    {
        if (contact.Length + Tail.Length <= writer.Rest.Length) writer.Raw(contact);
    }

    /// <summary>One contact, valid until the next one; empty where its texts are beyond measure.</summary>
    public ReadOnlySpan<byte> Contact(int at, ContactEvent cause)
    {
        ref Binding binding = ref _shard[at];
        BindingText text = _shard.Text(at);
        ReadOnlySpan<byte> aor = _shard.NameOf(binding.Owner);
        bool isActive = cause is ContactEvent.Created or ContactEvent.Refreshed;
        var writer = new SipWriter(_contact);
        Span<byte> id = stackalloc byte[ContactId.Length];
        ContactId.Of(work.Hash, aor, text, binding.RegId).Write(id);
        writer.Raw("    <contact id=\"c"u8);
        writer.Raw(id);
        writer.Raw(isActive ? "\" state=\"active\" event=\""u8 : "\" state=\"terminated\" event=\""u8);
        writer.Raw(WordOf(cause));
        if (isActive)
        {
            writer.Raw("\" expires=\""u8);
            writer.Number(Math.Max(0, (binding.ExpiresAt - work.Now + 999_999) / 1_000_000));
        }
        if (binding.Quality != Quality.Highest)
        {
            writer.Raw("\" q=\""u8);
            Quality.Write(ref writer, binding.Quality);
        }
        writer.Raw("\" callid=\""u8);
        WriteText(ref writer, text.CallId);
        writer.Raw("\" cseq=\""u8);
        writer.Number(binding.CSeq);
        writer.Raw("\">\n      <uri>"u8);
        WriteText(ref writer, text.Contact);
        writer.Raw("</uri>\n"u8);
        WriteParameters(ref writer, binding, text);
        if (isActive) WriteGruus(ref writer, binding, aor, text);
        writer.Raw("    </contact>\n"u8);
        return writer.Overflowed ? default : writer.Written;
    }

    private static ReadOnlySpan<byte> WordOf(ContactEvent cause) => cause switch
    {
        ContactEvent.Created => "created"u8,
        ContactEvent.Refreshed => "refreshed"u8,
        ContactEvent.Expired => "expired"u8,
        ContactEvent.Unregistered => "unregistered"u8,
        _ => "deactivated"u8,
    };

    private static void WriteParameters(ref SipWriter writer, in Binding binding, scoped BindingText text)
    {
        if (text.Instance.Length > 0)
        {
            writer.Raw("      <unknown-param name=\"+sip.instance\">&quot;"u8);
            WriteText(ref writer, text.Instance);
            writer.Raw("&quot;</unknown-param>\n"u8);
        }
        if (binding.RegId > 0)
        {
            writer.Raw("      <unknown-param name=\"reg-id\">"u8);
            writer.Number(binding.RegId);
            writer.Raw("</unknown-param>\n"u8);
        }
        var features = new Parameters(text.Features);
        while (features.MoveNext())
        {
            writer.Raw("      <unknown-param name=\""u8);
            WriteText(ref writer, features.Name);
            writer.Raw("\">"u8);
            WriteText(ref writer, features.Value);
            writer.Raw("</unknown-param>\n"u8);
        }
    }

    /// <summary>RFC 5628 5.</summary>
    private void WriteGruus(
        ref SipWriter writer, in Binding binding, scoped ReadOnlySpan<byte> aor, scoped BindingText text)
    {
        if ((binding.Traits & BindingTraits.Gruu) == 0) return;
        writer.Raw("      <gr:pub-gruu uri=\""u8);
        Gruu.WritePublic(ref writer, aor, text.Instance);
        writer.Raw("\"/>\n"u8);
        Span<byte> uri = stackalloc byte[TemporaryGruus.UserBytesMax + AddressOfRecord.BytesMax + 16];
        var temporary = new SipWriter(uri);
        if (!Gruu.TryWriteTemporary(ref temporary, locations.Gruus, aor, text, work.NextRandom())) return;
        writer.Raw("      <gr:temp-gruu uri=\""u8);
        writer.Raw(temporary.Written);
        writer.Raw("\" first-cseq=\""u8);
        writer.Number(binding.FirstCSeq);
        writer.Raw("\"/>\n"u8);
    }

    /// <summary>Whatever bytes it is of, what stands there is XML: what is no printable ASCII is escaped as in a URI.
    /// </summary>
    private static void WriteText(ref SipWriter writer, scoped ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            switch (value)
            {
                case (byte)'&':
                    writer.Raw("&amp;"u8);
                    break;
                case (byte)'<':
                    writer.Raw("&lt;"u8);
                    break;
                case (byte)'>':
                    writer.Raw("&gt;"u8);
                    break;
                case (byte)'"':
                    writer.Raw("&quot;"u8);
                    break;
                case < 0x20 or > 0x7E:
                    writer.Byte((byte)'%');
                    writer.Byte("0123456789ABCDEF"u8[value >> 4]);
                    writer.Byte("0123456789ABCDEF"u8[value & 15]);
                    break;
                default:
                    writer.Byte(value);
                    break;
            }
        }
    }
}
