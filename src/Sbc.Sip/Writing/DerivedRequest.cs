using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Sip.Writing;

/// <summary>Requests that are made from one of ours and from what answered it.</summary>
public static class DerivedRequest
{
    /// <summary>ACK to a failure: same branch, Request-URI and Route, To of the response (RFC 3261 17.1.1.3).</summary>
    public static void WriteAck(ref SipWriter writer, SipMessage invite, SipMessage response)
    {
        WriteStart(ref writer, "ACK"u8, invite);
        writer.Header("To: "u8, response.Value(HeaderName.To));
        WriteEnd(ref writer, invite, " ACK\r\n"u8);
    }

    /// <summary>CANCEL: same branch, Request-URI, Route, To, From and CSeq number (RFC 3261 9.1).</summary>
    /// <param name="lines">Whole header lines of its own: Reason (RFC 3326 2).</param>
    public static void WriteCancel(ref SipWriter writer, SipMessage invite, ReadOnlySpan<byte> lines)
    {
        WriteStart(ref writer, "CANCEL"u8, invite);
        writer.Header("To: "u8, invite.Value(HeaderName.To));
        writer.Raw(lines);
        WriteEnd(ref writer, invite, " CANCEL\r\n"u8);
    }

    private static void WriteStart(ref SipWriter writer, ReadOnlySpan<byte> method, SipMessage invite)
    {
        writer.RequestLine(method, invite.RequestUri);
        writer.Header("Via: "u8, invite.Value(HeaderName.Via));
        writer.Raw("Max-Forwards: 70\r\n"u8);
        CopyAll(ref writer, invite, HeaderName.Route);
        writer.Header("From: "u8, invite.Value(HeaderName.From));
    }

    private static void WriteEnd(ref SipWriter writer, SipMessage invite, ReadOnlySpan<byte> cseqMethod)
    {
        writer.Header("Call-ID: "u8, invite.Value(HeaderName.CallId));
        writer.Raw("CSeq: "u8);
        if (CSeqValue.TryParse(invite.Value(HeaderName.CSeq), out CSeqValue cseq)) writer.Number(cseq.Number);
        writer.Raw(cseqMethod);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
    }

    private static void CopyAll(ref SipWriter writer, SipMessage message, HeaderName name)
    {
        if (!message.TryFind(name, out int index)) return;
        do writer.Copy(message, index);
        while (message.TryNext(ref index));
    }
}
