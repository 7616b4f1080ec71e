using System.Text;
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
/// Writes and sends responses to server transactions: our own, and those that come from the other leg.
/// </summary>
public sealed class LegResponse(Workspace work, CallTable calls, ServerTransactions servers)
{
    private readonly SipMessage _request = new();

    /// <summary>Answers with a response of our own.</summary>
    /// <param name="extraLines">Whole header lines; empty for none.</param>
    public void Send(Handle server, int code, ReadOnlySpan<byte> reason = default,
        ReadOnlySpan<byte> extraLines = default)
    {
        if (!TryStart(server, Handle.None, code, reason, out SipWriter writer, out Span<byte> slot)) return;
        writer.Raw(extraLines);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
        if (!writer.Overflowed)
        {
            servers.Respond(server, code, slot, writer.Length);
            return;
        }
        // Its Vias alone fill a datagram: nobody could be answered, and half a message is none.
        work.Counters.CountDropped(servers[server].Realm, DropReason.TooLong);
        if (code >= 200) servers.DropUnanswered(server);
    }

    /// <summary>Carries the other leg's response on.</summary>
    /// <param name="dialog">Whose tag and Contact it gets: an early dialog, or the call.</param>
    /// <param name="code">May differ from the source's.</param>
    /// <param name="extraLines">Whole header lines besides; empty for none.</param>
    /// <returns>False where it does not fit into a datagram: a failure then goes without its header fields.</returns>
    public bool Forward(
        Handle server, Handle dialog, int code, ReadOnlySpan<byte> reason, SipMessage source, scoped HostMap map,
        ReadOnlySpan<byte> body, ReadOnlySpan<byte> extraLines = default)
    {
        if (!TryStart(server, dialog, code, reason, out SipWriter writer, out Span<byte> slot)) return true;
        ref ServerTransaction transaction = ref servers[server];
        if (code is (>= 300 and < 400) or 485)
        {
            HeaderFilter.CopyContacts(ref writer, source, map);
        }
        else if (code < 300 && transaction.Method.HasContact() && (code >= 200 || transaction.IsInvite))
        {
            Span<byte> token = stackalloc byte[Tokens.Length];
            calls.WriteToken(dialog, transaction.Leg, token);
            // Record-Route is copied into responses that make a dialog (RFC 3261 12.1.1).
            CopyAll(ref writer, _request, HeaderName.RecordRoute);
            LegRequest.WriteContact(ref writer, work.Snapshot.Listeners[transaction.Listener], token, source);
        }
        HeaderFilter.Copy(ref writer, source, map, leavesBodyOut: body.Length == 0 && source.BodyLength > 0);
        writer.Raw(extraLines);
        if (map.OwnsSessionTimer) WriteSessionTimer(ref writer, dialog, code, transaction.Method);
        writer.Header("Content-Length: "u8, body.Length);
        writer.EndLine();
        writer.Raw(body);
        if (!writer.Overflowed)
        {
            servers.Respond(server, code, slot, writer.Length);
            return true;
        }
        work.Counters.CountDropped(transaction.Realm, DropReason.TooLong);
        if (code >= 300) Send(server, code);
        return false;
    }

    /// <summary>The box refreshes the leg, where its end knows what that is (RFC 4028 9).</summary>
    private void WriteSessionTimer(ref SipWriter writer, Handle dialog, int code, SipMethod method)
    {
        if (code is < 200 or >= 300 || method is not (SipMethod.Invite or SipMethod.Update)) return;
        if (HeaderValues.Contains(_request, HeaderName.Supported, "timer"u8))
            CallTimers.WriteLines(ref writer, calls[dialog].SessionSeconds, "uas"u8);
    }

    /// <summary>
    /// Status line and the five fields that every response takes from its request (RFC 3261 8.2.6.2).
    /// </summary>
    private bool TryStart(
        Handle server, Handle dialog, int code, ReadOnlySpan<byte> reason, out SipWriter writer, out Span<byte> slot)
    {
        writer = default;
        slot = default;
        if (!servers.IsLive(server)) return false;
        ref ServerTransaction transaction = ref servers[server];
        if (transaction.Request.IsNone) return false;
        ArraySegment<byte> bytes = work.Buffers.Segment(transaction.Request);
        _request.Parse(bytes.Array!, bytes.Offset, bytes.Count);
        slot = work.Outbox.Open();
        writer = new SipWriter(slot);
        writer.StatusLine(code, reason.Length > 0 ? reason : StatusCodes.Reason(code));
        Span<byte> tag = stackalloc byte[Tokens.Length];
        if (dialog.IsNone) dialog = transaction.Call;
        if (code == 100) tag = default;
        else if (calls.IsLive(dialog)) calls.WriteToken(dialog, transaction.Leg, tag);
        else work.Tokens.Write(TokenKind.Stateless, work.Index, server, tag);
        WriteFromRequest(ref writer, _request, transaction.Source, tag);
        return true;
    }

    /// <summary>
    /// Via with received and rport (RFC 3261 18.2.1, RFC 3581 4), From, To with our tag, Call-ID, CSeq.
    /// </summary>
    public static void WriteFromRequest(
        ref SipWriter writer, SipMessage request, in TransportAddress source, scoped ReadOnlySpan<byte> tag)
    {
        if (request.TryFind(HeaderName.Via, out int index))
        {
            WriteTopVia(ref writer, request.Value(index), source);
            while (request.TryNext(ref index)) writer.Copy(request, index);
        }
        writer.Header("From: "u8, request.Value(HeaderName.From));
        ReadOnlySpan<byte> to = request.Value(HeaderName.To);
        writer.Raw("To: "u8);
        writer.Raw(to);
        if (tag.Length > 0 && !(NameAddress.TryParse(to, out NameAddress address) && address.TryGetTag(out _)))
        {
            writer.Raw(";tag="u8);
            writer.Raw(tag);
        }
        writer.EndLine();
        writer.Header("Call-ID: "u8, request.Value(HeaderName.CallId));
        writer.Header("CSeq: "u8, request.Value(HeaderName.CSeq));
    }

    private static void WriteTopVia(ref SipWriter writer, ReadOnlySpan<byte> field, in TransportAddress source)
    {
        writer.Raw("Via: "u8);
        if (!ViaValue.TryParse(field, out ViaValue via))
        {
            writer.Raw(field);
            writer.EndLine();
            return;
        }
        writer.Raw(via.Text[..(via.Text.Length - via.Parameters.Length)]);
        var parameters = new Parameters(via.Parameters);
        while (parameters.MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(parameters.Name, "received"u8)) continue;
            writer.Byte((byte)';');
            if (!Ascii.EqualsIgnoreCase(parameters.Name, "rport"u8))
            {
                writer.Raw(parameters.Text);
                continue;
            }
            writer.Raw("rport="u8);
            writer.Number(source.Port);
        }
        bool same = TransportAddress.TryParseHost(via.Host, 0, out TransportAddress host) && host.SameAddress(source);
        if (via.HasRport || !same)
        {
            writer.Raw(";received="u8);
            // The grammar of received has no brackets around IPv6 (RFC 3261 25.1 via-received).
            Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
            ReadOnlySpan<byte> address = text[..source.WriteHost(text)];
            writer.Raw(address[0] == '[' ? address[1..^1] : address);
        }
        writer.Raw(field[(field.IndexOf(via.Text) + via.Text.Length)..]);
        writer.EndLine();
    }

    private static void CopyAll(ref SipWriter writer, SipMessage message, HeaderName name)
    {
        if (!message.TryFind(name, out int index)) return;
        do writer.Copy(message, index);
        while (message.TryNext(ref index));
    }
}
