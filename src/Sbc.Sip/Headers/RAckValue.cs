using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>RAck: which reliable provisional response a PRACK acknowledges (RFC 3262 7.2).</summary>
public readonly ref struct RAckValue
{
    /// <summary>RSeq of the response.</summary>
    public uint Response { get; private init; }

    /// <summary>CSeq number of its INVITE.</summary>
    public uint CSeq { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> value, out RAckValue acknowledged)
    {
        acknowledged = default;
        value = Grammar.Trim(value);
        int space = value.IndexOfAny((byte)' ', (byte)'\t');
        if (space < 0 || !Numbers.TryParse(value[..space], out uint response)) return false;
        if (!CSeqValue.TryParse(Grammar.TrimStart(value[space..]), out CSeqValue cseq)) return false;
        acknowledged = new RAckValue { Response = response, CSeq = cseq.Number };
        return true;
    }
}
