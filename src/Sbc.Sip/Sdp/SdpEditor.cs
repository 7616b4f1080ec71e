using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>
/// Writes a description with our addresses and ports in place of the writer's: original plus edits, one pass.
/// </summary>
/// <remarks>
/// A c= of 0.0.0.0 stays one (in the family of our address). It asks that neither RTP nor RTCP be sent (RFC 3264
/// 8.4), tells nothing of the writer, and must be understood by every answerer (RFC 6337 5.3), although nobody should
/// write it any more. To turn it into sendonly or inactive would change the answer's direction under an offerer that
/// knows no directions; to put our address there would resume the call.
/// </remarks>
public static class SdpEditor
{
    /// <summary>A size of output that is always enough for this description.</summary>
    public static int OutputBytesMax(SdpDescription sdp) =>
        sdp.BodyLength + SdpLimits.OriginBytesMax + (sdp.Edits.Length * SdpLimits.EditBytesMax)
        + (sdp.Media.Length * (MuxLine.Length + 2));

    private static ReadOnlySpan<byte> MuxLine => "a=rtcp-mux\r\n"u8;

    /// <param name="media">Ours, in the order of the m-lines; lines beyond its end are not relayed.</param>
    /// <returns>False when <paramref name="output"/> is too short.</returns>
    public static bool TryRewrite(
        SdpDescription sdp,
        ReadOnlySpan<byte> body,
        in SdpRewrite rewrite,
        ReadOnlySpan<SdpMediaPorts> media,
        Span<byte> output,
        out int written)
    {
        Check.That(body.Length == sdp.BodyLength && body.Length > 0);
        var result = new SdpOutput(output);
        int copied = 0, section = 0;
        foreach (ref readonly SdpEdit edit in sdp.Edits)
        {
            while (section < edit.Media) EndSection(sdp, body, section++, media, ref copied, ref result);
            result.Append(body[copied..edit.Start]);
            copied = edit.Start + edit.Length;
            bool isKept = Apply(sdp, edit, rewrite, media, ref result);
            if (!isKept) copied += edit.LineEndLength;
        }
        while (section < sdp.Media.Length) EndSection(sdp, body, section++, media, ref copied, ref result);
        result.Append(body[copied..]);
        written = result.IsFull ? 0 : result.Written;
        return !result.IsFull;
    }

    /// <summary>What is said beside the writer's own lines stands last among those of its m-line.</summary>
    private static void EndSection(
        SdpDescription sdp, ReadOnlySpan<byte> body, int index, ReadOnlySpan<SdpMediaPorts> media, ref int copied,
        ref SdpOutput output)
    {
        SdpMediaPorts ports = Ports(sdp, index, media);
        if (!ports.AddsMux || ports.Rtp == 0 || sdp.Media[index].HasRtcpMux) return;
        int end = index + 1 < sdp.Media.Length ? sdp.Media[index + 1].Line.Start : body.Length;
        output.Append(body[copied..end]);
        copied = end;
        if (body[end - 1] != '\n') output.Append("\r\n"u8);
        output.Append(MuxLine);
    }

    /// <returns>False when the line goes, with its end.</returns>
    private static bool Apply(
        SdpDescription sdp, in SdpEdit edit, in SdpRewrite rewrite, ReadOnlySpan<SdpMediaPorts> media,
        ref SdpOutput output)
    {
        switch (edit.Kind)
        {
            case SdpEditKind.Origin:
                output.Append("o=- "u8);
                output.Append(rewrite.SessionId);
                output.Append(" "u8);
                output.Append(rewrite.SessionVersion);
                output.Append(" "u8);
                output.AppendAddress(rewrite.Address, asUnspecified: false);
                return true;
            case SdpEditKind.Connection:
                output.Append("c="u8);
                output.AppendAddress(rewrite.Address, edit.IsUnspecified);
                return true;
            case SdpEditKind.Port:
                output.Append(Ports(sdp, edit.Media, media).Rtp);
                return true;
            case SdpEditKind.Literal:
                // Nobody knows what it is for: ours may be no better, and beside a port it would be another address.
                output.Append(edit.IsIPv6 ? "::"u8 : "0.0.0.0"u8);
                return true;
            case SdpEditKind.Rtcp:
                return Rtcp(sdp, edit, rewrite, Ports(sdp, edit.Media, media), ref output);
            default:
                return false;
        }
    }

    private static bool Rtcp(
        SdpDescription sdp, in SdpEdit edit, in SdpRewrite rewrite, SdpMediaPorts ports, ref SdpOutput output)
    {
        if (ports.Rtp == 0) return false;
        ref readonly SdpMedia line = ref sdp.Media[edit.Media];
        // With rtcp-mux the writer may name its RTP port here (RFC 5761 5.1.1): then so do we, it asks for one port.
        bool isSamePort = ports.AddsMux || (line.HasRtcpMux && line.RtcpPort == line.Port);
        output.Append("a=rtcp:"u8);
        output.Append(isSamePort ? ports.Rtp : ports.Rtcp);
        if (!edit.HasAddress) return true;
        output.Append(" "u8);
        output.AppendAddress(rewrite.Address, edit.IsUnspecified);
        return true;
    }

    private static SdpMediaPorts Ports(SdpDescription sdp, int index, ReadOnlySpan<SdpMediaPorts> media) =>
        index >= media.Length || sdp.Media[index].IsRejected ? SdpMediaPorts.None : media[index];
}
