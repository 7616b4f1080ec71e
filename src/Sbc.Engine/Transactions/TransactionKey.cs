using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Transactions;

/// <summary>What identifies a server transaction (RFC 3261 17.2.3), as 128 bits of keyed hash.</summary>
public static class TransactionKey
{
    private const int BytesMax = 1024;
    private const int PartBytesMax = 240;

    /// <summary>Of the transaction that a request belongs to: an ACK or a CANCEL to its INVITE's.</summary>
    public static (ulong Low, ulong High) Of(SipHash hash, SipMessage request, in ViaValue via) => Compute(
        hash, request, via, request.Method is SipMethod.Ack or SipMethod.Cancel ? SipMethod.Invite : request.Method);

    /// <param name="method">INVITE to find what an ACK or a CANCEL refers to.</param>
    public static (ulong Low, ulong High) Compute(SipHash hash, SipMessage message, in ViaValue via, SipMethod method)
    {
        Span<byte> key = stackalloc byte[BytesMax];
        int length = 0;
        key[length++] = (byte)method;
        if (method == SipMethod.Other) Append(hash, key, ref length, message.MethodToken);
        if (via.IsRfc3261)
        {
            Append(hash, key, ref length, via.Branch);
            Append(hash, key, ref length, via.Host);
            key[length++] = (byte)(via.Port >> 8);
            key[length++] = (byte)via.Port;
        }
        else
        {
            // Before RFC 3261: the top Via as a whole, Call-ID, From and the CSeq number; the To tag of an ACK differs.
            Append(hash, key, ref length, via.Text);
            Append(hash, key, ref length, message.Value(HeaderName.CallId));
            Append(hash, key, ref length, message.Value(HeaderName.From));
            CSeqValue.TryParse(message.Value(HeaderName.CSeq), out CSeqValue cseq);
            BitConverter.TryWriteBytes(key[length..], cseq.Number);
            length += 4;
        }
        return hash.Hash128(key[..length]);
    }

    // A part longer than its share is hashed by itself: cut, two long branches of one proxy would be one transaction.
    private static void Append(SipHash hash, Span<byte> key, ref int length, ReadOnlySpan<byte> part)
    {
        if (part.Length > PartBytesMax)
        {
            (ulong low, ulong high) = hash.Hash128(part);
            BitConverter.TryWriteBytes(key[length..], low);
            BitConverter.TryWriteBytes(key[(length + 8)..], high);
            length += 16;
            return;
        }
        part.CopyTo(key[length..]);
        length += part.Length;
        key[length++] = 0;
    }
}
