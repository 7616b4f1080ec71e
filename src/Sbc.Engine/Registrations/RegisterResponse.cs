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
            for (int at = _shard.FirstOf(row); at >= 0; at = _shard[at].Next) WriteContact(ref writer, at);
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

    private void WriteContact(ref SipWriter writer, int at)
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
        // The core registrar's GRUUs would be its own.
        if ((binding.Traits & BindingTraits.Gruu) != 0 && binding.Id.IsNone)
            WritePublicGruu(ref writer, binding.Owner, text.Instance);
        writer.EndLine();
    }

    /// <summary>What a Contact says of its device.</summary>
    public static void WriteTraits(ref SipWriter writer, in Binding binding, scoped BindingText text)
    {
        if (binding.Quality != Quality.Highest) WriteQuality(ref writer, binding.Quality);
        if (text.Instance.Length > 0)
        {
            writer.Raw(";+sip.instance=\""u8);
            writer.Raw(text.Instance);
            writer.Byte((byte)'"');
        }
        writer.Raw(text.Features);
    }

    /// <summary>The address-of-record with the instance (RFC 5627 5.1): good as long as the user exists.</summary>
    private void WritePublicGruu(ref SipWriter writer, int row, scoped ReadOnlySpan<byte> instance)
    {
        ReadOnlySpan<byte> aor = _shard.NameOf(row);
        writer.Raw(";pub-gruu=\"sip:"u8);
        Escaping.Write(ref writer, AddressOfRecord.UserOf(aor));
        writer.Byte((byte)'@');
        writer.Raw(AddressOfRecord.DomainOf(aor));
        writer.Raw(";gr="u8);
        Escaping.Write(ref writer, AddressOfRecord.GruuOf(instance));
        writer.Byte((byte)'"');
    }

    private static void WriteQuality(ref SipWriter writer, int thousandths)
    {
        writer.Raw(";q=0."u8);
        for (int unit = 100; unit > 0; unit /= 10)
        {
            writer.Byte((byte)('0' + (thousandths / unit % 10)));
            if (thousandths % unit == 0) break;
        }
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
