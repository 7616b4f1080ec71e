using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>CSeq (RFC 3261 20.16): a number below 2^31 and the method.</summary>
public readonly ref struct CSeqValue
{
    public uint Number { get; private init; }

    public SipMethod Method { get; private init; }

    public ReadOnlySpan<byte> MethodToken { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> value, out CSeqValue cseq)
    {
        cseq = default;
        int end = 0;
        while (end < value.Length && !Grammar.IsSpace(value[end])) end++;
        if (!Numbers.TryParse(value[..end], out uint number) || number > int.MaxValue) return false;
        ReadOnlySpan<byte> method = Grammar.TrimStart(value[end..]);
        if (!Grammar.IsToken(method)) return false;
        cseq = new CSeqValue { Number = number, Method = SipMethods.Parse(method), MethodToken = method };
        return true;
    }
}
