namespace Sbc.Sip.Sdp;

/// <summary>
/// Makes an answer one: a line for each of the offer's, in its order and of its kind (RFC 3264 6), whatever the
/// answerer wrote. A line that it left out is refused, one that nobody offered goes.
/// </summary>
/// <remarks>
/// What stands in another order is not put into the right one: of two lines of one kind nobody knows which is which.
/// </remarks>
public static class SdpAlignment
{
    private static ReadOnlySpan<byte> PortZero => " 0 "u8;

    /// <summary>Tells two descriptions apart whose lines differ in number, kind or order.</summary>
    public static ulong LinesOf(SdpDescription sdp)
    {
        ulong lines = 14_695_981_039_346_656_037;
        foreach (ref readonly SdpMedia media in sdp.Media) lines = (lines ^ (ulong)media.Kind) * 1_099_511_628_211;
        return lines;
    }

    /// <param name="offer">What was offered, or was answered before.</param>
    /// <returns>False when <paramref name="output"/> is too short.</returns>
    public static bool TryApply(
        SdpDescription offer, ReadOnlySpan<byte> offerText, SdpDescription answer, ReadOnlySpan<byte> answerText,
        Span<byte> output, out int written)
    {
        var result = new SdpOutput(output);
        ReadOnlySpan<SdpMedia> lines = answer.Media;
        Append(answerText[..(lines.Length > 0 ? lines[0].Line.Start : answerText.Length)], ref result);
        for (int i = 0; i < offer.Media.Length; i++)
        {
            ref readonly SdpMedia offered = ref offer.Media[i];
            if (i < lines.Length && lines[i].Kind == offered.Kind)
            {
                int end = i + 1 < lines.Length ? lines[i + 1].Line.Start : answerText.Length;
                Append(answerText[lines[i].Line.Start..end], ref result);
                continue;
            }
            var fields = new SdpFields(offerText, new SdpRange(offered.Line.Start, offered.Line.Length));
            fields.TryNext(out SdpRange kind);
            fields.TryNext(out _);
            fields.TryNext(out SdpRange profile);
            result.Append(kind.Of(offerText));
            result.Append(PortZero);
            result.Append(offerText[profile.Start..offered.Line.End]);
            result.Append("\r\n"u8);
            // Each line has a c= of its own where the session has none (RFC 8866 5.7); ours takes its place.
            if (!answer.HasConnection) result.Append("c=IN IP4 127.0.0.1\r\n"u8);
        }
        written = result.IsFull ? 0 : result.Written;
        return !result.IsFull;
    }

    /// <summary>Lines, and the end of the last one where it has none.</summary>
    private static void Append(ReadOnlySpan<byte> lines, ref SdpOutput output)
    {
        output.Append(lines);
        if (lines.Length > 0 && lines[^1] != '\n') output.Append("\r\n"u8);
    }
}
