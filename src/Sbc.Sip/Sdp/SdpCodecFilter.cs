namespace Sbc.Sip.Sdp;

/// <summary>
/// Takes codecs out of a description, with all that is said of them, and puts an offer's into another order.
/// </summary>
/// <remarks>
/// Its own pass before the description is anchored, so that it costs nothing where nobody asks for it. An m-line of
/// which only tones and silence would be left is refused with port 0; its formats stay, as one there must be
/// (RFC 3264 6).
/// </remarks>
public sealed class SdpCodecFilter
{
    // What becomes of each payload type of the m-line at hand.
    private readonly bool[] _isRemoved = new bool[SdpPayloads.Max + 1];
    private readonly int[] _payloads = new int[SdpLimits.FormatsMax];
    private readonly int[] _places = new int[SdpLimits.FormatsMax];
    private readonly SdpPayloadMap _map = new();

    /// <param name="policies">All must permit a codec; null permits.</param>
    /// <param name="order">Whose order counts; null leaves the writer's.</param>
    /// <returns>False when <paramref name="output"/> is too short.</returns>
    public bool TryApply(
        SdpDescription sdp, ReadOnlySpan<byte> body, ReadOnlySpan<SdpCodecPolicy?> policies, SdpCodecPolicy? order,
        Span<byte> output, out int written)
    {
        var result = new SdpOutput(output);
        int copied = 0;
        for (int i = 0; i < sdp.Media.Length; i++)
        {
            ref readonly SdpMedia media = ref sdp.Media[i];
            int end = i + 1 < sdp.Media.Length ? sdp.Media[i + 1].Line.Start : body.Length;
            if (!media.IsRtp || media.IsRejected || media.FormatCount > SdpLimits.FormatsMax) continue;
            ReadOnlySpan<byte> section = body[media.Line.Start..end];
            if (!TryReadFormats(media.Formats.Of(body), out int count)) continue;
            int kept = Choose(section, count, policies, order);
            if (kept < 0) continue;
            result.Append(body[copied..media.Line.Start]);
            copied = end;
            Write(media, body, section, count, kept, ref result);
        }
        result.Append(body[copied..]);
        written = result.IsFull ? 0 : result.Written;
        return !result.IsFull;
    }

    /// <summary>False where one is no payload type: then the line is left alone.</summary>
    private bool TryReadFormats(ReadOnlySpan<byte> formats, out int count)
    {
        count = 0;
        var fields = new SdpFields(formats, new SdpRange(0, formats.Length));
        while (fields.TryNext(out SdpRange format))
        {
            if (!SdpNumber.TryParse(format.Of(formats), SdpPayloads.Max, out _payloads[count])) return false;
            count++;
        }
        return count > 0;
    }

    /// <returns>How many stay, 0 where no codec is among them; -1 where nothing changes.</returns>
    private int Choose(
        ReadOnlySpan<byte> section, int count, ReadOnlySpan<SdpCodecPolicy?> policies, SdpCodecPolicy? order)
    {
        Array.Clear(_isRemoved);
        _map.Read(section);
        bool isMoved = false;
        int codecs = 0;
        for (int i = 0; i < count; i++)
        {
            SdpPayload payload = _map.Find(section, _payloads[i]);
            foreach (SdpCodecPolicy? policy in policies)
                if (policy is not null && !policy.Permits(payload)) _isRemoved[_payloads[i]] = true;
            if (!_isRemoved[_payloads[i]] && !SdpCodecPolicy.IsAuxiliary(payload)) codecs++;
            _places[i] = order?.PlaceOf(payload) ?? 0;
            isMoved |= i > 0 && _places[i] < _places[i - 1];
        }
        if (codecs == 0) return 0;
        RemoveFollowers(section);
        int kept = 0;
        for (int i = 0; i < count; i++) kept += _isRemoved[_payloads[i]] ? 0 : 1;
        return kept == count && !isMoved ? -1 : kept;
    }

    /// <summary>
    /// Repetition of what is gone (rtx, RFC 4588 8.1 apt=) and redundancy made of it (red, RFC 2198 5) go, too.
    /// </summary>
    private void RemoveFollowers(ReadOnlySpan<byte> section)
    {
        var lines = new SdpLines(section);
        while (lines.TryNext(out _))
        {
            ReadOnlySpan<byte> value = lines.Value.Of(section);
            if (lines.Type != 'a' || !SdpPayloads.TryTake(value, "fmtp:"u8, out ReadOnlySpan<byte> text)) continue;
            if (!SdpPayloads.TryReadPayload(text, out int payload, out ReadOnlySpan<byte> parameters)) continue;
            SdpPayload codec = _map.Find(section, payload);
            if (codec.Is("rtx"u8))
            {
                int apt = parameters.IndexOf("apt="u8);
                if (apt >= 0) _isRemoved[payload] |= IsRemoved(parameters[(apt + 4)..], (byte)';');
            }
            else if (codec.Is("red"u8))
            {
                for (ReadOnlySpan<byte> rest = parameters; rest.Length > 0;)
                {
                    int slash = rest.IndexOf((byte)'/');
                    _isRemoved[payload] |= IsRemoved(rest, (byte)'/');
                    rest = slash < 0 ? default : rest[(slash + 1)..];
                }
            }
        }
    }

    private bool IsRemoved(ReadOnlySpan<byte> text, byte separator)
    {
        int end = text.IndexOf(separator);
        return SdpNumber.TryParse((end < 0 ? text : text[..end]).Trim((byte)' '), SdpPayloads.Max, out int payload)
            && _isRemoved[payload];
    }

    private void Write(
        in SdpMedia media, ReadOnlySpan<byte> body, ReadOnlySpan<byte> section, int count, int kept,
        ref SdpOutput output)
    {
        ReadOnlySpan<byte> line = media.Line.Of(body);
        int formats = media.Formats.Start - media.Line.Start;
        if (kept == 0)
        {
            WriteRefused(line, ref output);
            output.Append(section[line.Length..]);
            return;
        }
        output.Append(line[..formats].TrimEnd(" \t"u8));
        // Places are few: a pass for each is a sort that keeps what is equal in its order.
        for (int place = 0; kept > 0; place++)
        {
            for (int i = 0; i < count; i++)
            {
                if (_places[i] != place || _isRemoved[_payloads[i]]) continue;
                output.Append(" "u8);
                output.Append((ulong)_payloads[i]);
                kept--;
            }
        }
        WriteLines(section[line.Length..], ref output);
    }

    private static void WriteRefused(ReadOnlySpan<byte> line, ref SdpOutput output)
    {
        var fields = new SdpFields(line, new SdpRange(2, line.Length - 2));
        fields.TryNext(out _);
        fields.TryNext(out SdpRange port);
        output.Append(line[..port.Start]);
        output.Append("0"u8);
        output.Append(line[port.End..]);
    }

    /// <summary>The lines below m=, without those of removed payload types.</summary>
    private void WriteLines(ReadOnlySpan<byte> rest, ref SdpOutput output)
    {
        int copied = 0;
        var lines = new SdpLines(rest);
        while (lines.TryNext(out _))
        {
            if (lines.Type != 'a' || !IsOfRemoved(lines.Value.Of(rest))) continue;
            output.Append(rest[copied..lines.Line.Start]);
            copied = lines.Line.End + lines.EndLength;
        }
        output.Append(rest[copied..]);
    }

    private bool IsOfRemoved(ReadOnlySpan<byte> value)
    {
        bool speaksOfOne = SdpPayloads.TryTake(value, "rtpmap:"u8, out ReadOnlySpan<byte> text)
            || SdpPayloads.TryTake(value, "fmtp:"u8, out text) || SdpPayloads.TryTake(value, "rtcp-fb:"u8, out text);
        return speaksOfOne && SdpPayloads.TryReadPayload(text, out int payload, out _) && _isRemoved[payload];
    }
}
