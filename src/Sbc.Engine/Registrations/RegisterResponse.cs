using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>Writes responses to REGISTER: all bindings that there are now (RFC 3261 10.3 step 8), or a refusal.
/// </summary>
public sealed class RegisterResponse(Workspace work, LocationTable locations)
{
    private readonly LocationShard _shard = locations.Shard(work.Index);

    /// <param name="row">Row of the address-of-record; -1: no binding.</param>
    public void Send(
        ServerTransactions servers, Handle server, SipMessage register, in Origin origin, Registrar registrar,
        int code, ReadOnlySpan<byte> reason, int row, ReadOnlySpan<byte> extraLines = default)
    {
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        Write(ref writer, server, register, origin, registrar, code, reason, row, extraLines);
        if (writer.Overflowed)
        {
            code = 500;
            writer = new SipWriter(slot);
            Write(ref writer, server, register, origin, registrar, code, default, -1, default);
        }
        if (!writer.Overflowed) servers.Respond(server, code, slot, writer.Length);
        else servers.DropUnanswered(server);
    }

    private void Write(
        ref SipWriter writer, Handle server, SipMessage register, in Origin origin, Registrar registrar, int code,
        scoped ReadOnlySpan<byte> reason, int row, scoped ReadOnlySpan<byte> extraLines)
    {
        writer.StatusLine(code, reason.Length > 0 ? reason : StatusCodes.Reason(code));
        Span<byte> tag = stackalloc byte[Tokens.Length];
        work.Tokens.Write(TokenKind.Stateless, work.Index, server, tag);
        LegResponse.WriteFromRequest(ref writer, register, origin.Source, tag);
        if (code == 423) writer.Header("Min-Expires: "u8, registrar.ExpiresMin);
        if (code == 503) writer.Raw("Retry-After: 5\r\n"u8);
        if (code == 200)
        {
            // Who knows of GRUUs gets those of all (RFC 5627 5.3); the core registrar's would be its own.
            bool withGruus = registrar.Relay is null && HeaderValues.Contains(register, HeaderName.Supported, "gruu"u8);
            for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next) WriteContact(ref writer, at, withGruus);
            writer.Raw(extraLines);
            WritePath(ref writer, register);
            // What GRUUs lead to is the registrar's matter, wherever that is.
            writer.Raw(registrar.Relay is null ? "Supported: path, outbound, gruu\r\n"u8 :
                "Supported: path, outbound\r\n"u8);
            // Says that the flow is kept (RFC 5626 6), and how often to knock (4.4).
            if (IsOutbound(row, register)) writer.Raw("Require: outbound\r\nFlow-Timer: 90\r\n"u8);
            WriteDate(ref writer);
        }
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
    }

    private bool IsOutbound(int row, SipMessage register)
    {
        if (!HeaderValues.Contains(register, HeaderName.Supported, "outbound"u8)) return false;
        for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next)
        {
            if ((_shard[at].Traits & BindingTraits.Outbound) != 0 && _shard[at].UpdatedAt == work.Now) return true;
        }
        return false;
    }

    private void WriteContact(ref SipWriter writer, int at, bool withGruus)
    {
        ref Binding binding = ref _shard[at];
        // A core registrar has it longer than the phone.
        if (binding.ExpiresAt <= work.Now) return;
        BindingText text = _shard.Text(at);
        writer.Raw("Contact: <"u8);
        writer.Raw(text.Contact);
        writer.Raw(">;expires="u8);
        // Rounded up: a phone that asked for 90 is told 90.
        writer.Number((binding.ExpiresAt - work.Now + 999_999) / 1_000_000);
        WriteTraits(ref writer, binding, text);
        if (binding.RegId > 0)
        {
            writer.Raw(";reg-id="u8);
            writer.Number(binding.RegId);
        }
        if (withGruus && (binding.Traits & BindingTraits.Gruu) != 0)
            WriteGruus(ref writer, binding.Owner, text);
        writer.EndLine();
    }

    /// <summary>What a Contact says of its device.</summary>
    public static void WriteTraits(ref SipWriter writer, in Binding binding, scoped BindingText text)
    {
        if (binding.Quality != Quality.Highest)
        {
            writer.Raw(";q="u8);
            Quality.Write(ref writer, binding.Quality);
        }
        if (text.Instance.Length > 0)
        {
            writer.Raw(";+sip.instance=\""u8);
            writer.Raw(text.Instance);
            writer.Byte((byte)'"');
        }
        writer.Raw(text.Features);
    }

    /// <summary>Its two GRUUs (RFC 5627 5.3); the temporary one is another one each time.</summary>
    private void WriteGruus(ref SipWriter writer, int row, scoped BindingText text)
    {
        ReadOnlySpan<byte> aor = _shard.NameOf(row);
        writer.Raw(";pub-gruu=\""u8);
        Gruu.WritePublic(ref writer, aor, text.Instance);
        writer.Byte((byte)'"');
        Span<byte> uri = stackalloc byte[TemporaryGruus.UserBytesMax + AddressOfRecord.BytesMax + 16];
        var temporary = new SipWriter(uri);
        if (!Gruu.TryWriteTemporary(ref temporary, locations.Gruus, aor, text, work.NextRandom())) return;
        writer.Raw(";temp-gruu=\""u8);
        writer.Raw(temporary.Written);
        writer.Byte((byte)'"');
    }

    /// <summary>Who sent it learns which path was stored (RFC 3327 5.3).</summary>
    private static void WritePath(ref SipWriter writer, SipMessage register)
    {
        if (!register.TryFind(HeaderName.Path, out int index)) return;
        do writer.Copy(register, index);
        while (register.TryNext(ref index));
    }

    /// <summary>Phones set their clocks by it (20.17).</summary>
    private void WriteDate(ref SipWriter writer)
    {
        if (work.Cells.UtcOffsetMicroseconds == 0) return;
        writer.Raw("Date: "u8);
        SipDate.Write(ref writer, (work.Now.Microseconds + work.Cells.UtcOffsetMicroseconds) / 1_000_000);
        writer.EndLine();
    }
}
