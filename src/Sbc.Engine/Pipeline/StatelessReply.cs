using Sbc.Engine.Calls;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Pipeline;

/// <summary>
/// Answers that need no state (RFC 3261 8.2.7): each retransmission of the request gets the same again.
/// </summary>
public sealed class StatelessReply(Workspace work)
{
    public static ReadOnlySpan<byte> AllowLine => 
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, "u8 +
        "REFER, NOTIFY, SUBSCRIBE, MESSAGE, PUBLISH\r\n"u8;

    /// <param name="extraLines">Whole header lines; empty for none.</param>
    /// <returns>Answered, whether it fitted into a datagram or not.</returns>
    public Verdict Send(
        SipMessage request, in ViaValue via, in Origin origin, int code, ReadOnlySpan<byte> reason = default,
        ReadOnlySpan<byte> extraLines = default)
    {
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        writer.StatusLine(code, reason.Length > 0 ? reason : StatusCodes.Reason(code));
        Span<byte> tag = stackalloc byte[Tokens.Length];
        WriteTag(request, tag);
        LegResponse.WriteFromRequest(ref writer, request, origin.Source, tag);
        writer.Raw(extraLines);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
        if (writer.Overflowed) return Verdict.Answered;
        ushort port = ServerTransactions.ReplyPort(via, origin.Source, origin.Realm.NatAuto && ViaDiffers(via, origin));
        work.Outbox.Commit(writer.Length, origin.Listener, origin.Source.WithPort(port), request.Method);
        return Verdict.Answered;
    }

    /// <summary>Whether the sender sits behind a NAT: its Via does not say where the message came from.</summary>
    public static bool ViaDiffers(in ViaValue via, in Origin origin)
    {
        if (!TransportAddress.TryParseHost(via.Host, via.Port == 0 ? 5060 : via.Port, out TransportAddress sentBy))
            return true;
        return !sentBy.SameAddress(origin.Source) || sentBy.Port != origin.Source.Port;
    }

    /// <summary>The same tag for the same request, without remembering it.</summary>
    private void WriteTag(SipMessage request, Span<byte> tag)
    {
        ulong hash = work.Hash.Hash(request.Value(HeaderName.CallId)) ^ work.Hash.Hash(request.Value(HeaderName.CSeq));
        work.Tokens.Write(TokenKind.Stateless, work.Index, new Handle((int)(hash >> 33), (uint)hash), tag);
    }
}
