namespace Sbc.Sip.Sdp;

/// <summary>Where something stands in the body it was indexed from.</summary>
public readonly record struct SdpRange(int Start, int Length)
{
    public int End => Start + Length;

    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}
