using System.Text;

namespace Sbc.Sip.Sdp;

/// <summary>How much one m-line may send, as its description says: a bound against floods, not a policer.</summary>
/// <param name="BitsPerSecondMax">Of UDP payload.</param>
/// <param name="ClockHz">Of the first payload type; 0 where it says nothing.</param>
public readonly record struct SdpRate(int BitsPerSecondMax, int PacketsPerSecondMax, int ClockHz)
{
    // What codecs do in practice, doubled: comfort noise beside speech, a burst after a stall, RTCP on the same port.
    private const int Margin = 2;

    // G.711 in packets of 10 ms, doubled, and room for telephone events.
    private const int AudioBitsMin = 512_000;
    private const int AudioPacketsMin = 500;

    // Where b= is silent a camera in high definition must pass; where it speaks, its key frames come in bursts.
    private const int VideoBits = 20_000_000;
    private const int VideoBitsMin = 2_000_000;
    private const int VideoPacketsMin = 1000;

    // T.38 repeats itself three times over; screens and data channels are as fast as the way allows.
    private const int ImageBits = 512_000;
    private const int ImagePackets = 500;
    private const int DataBits = 50_000_000;

    // The mean size of a large stream's packets is above this.
    private const int PacketBits = 2400;
    private const int PacketsMax = 10_000;
    private const int BitsMax = 200_000_000;

    public static SdpRate Of(SdpDescription sdp, ReadOnlySpan<byte> body, int index)
    {
        ref readonly SdpMedia media = ref sdp.Media[index];
        int end = index + 1 < sdp.Media.Length ? sdp.Media[index + 1].Line.Start : body.Length;
        ReadOnlySpan<byte> section = body[media.Line.Start..end];
        long asked = Bandwidth(section);
        // A bandwidth of the session is for all its streams together, so each may have it.
        if (asked == 0) asked = Bandwidth(body[..sdp.Media[0].Line.Start]);
        int clock = media.IsRtp ? ClockOf(section, media.Formats.Of(body)) : 0;
        return media.Kind switch
        {
            SdpMediaKind.Audio =>
                Bound(Math.Max(asked, AudioBits(section, clock)), AudioBitsMin, AudioPacketsMin, clock),
            SdpMediaKind.Image => Bound(Math.Max(asked, ImageBits), ImageBits, ImagePackets, clock),
            SdpMediaKind.Text => Bound(asked, AudioBitsMin, AudioPacketsMin, clock),
            SdpMediaKind.Video => Bound(asked == 0 ? VideoBits : asked, VideoBitsMin, VideoPacketsMin, clock),
            _ => Bound(asked == 0 ? DataBits : asked, VideoBitsMin, VideoPacketsMin, clock),
        };
    }

    private static SdpRate Bound(long bits, int bitsMin, int packetsMin, int clock)
    {
        int most = (int)Math.Min(BitsMax, Math.Max(bits * Margin, bitsMin));
        return new SdpRate(most, Math.Clamp(most / PacketBits, packetsMin, PacketsMax), clock);
    }

    /// <summary>b=TIAS counts bits (RFC 3890 6.2), b=AS thousands of them (RFC 8866 5.8); 0 without one.</summary>
    private static long Bandwidth(ReadOnlySpan<byte> section)
    {
        long most = 0;
        var lines = new SdpLines(section);
        while (lines.TryNext(out _))
        {
            if (lines.Type != 'b') continue;
            ReadOnlySpan<byte> value = lines.Value.Of(section);
            int colon = value.IndexOf((byte)':');
            if (colon < 0) continue;
            bool isTias = Ascii.EqualsIgnoreCase(value[..colon], "TIAS"u8);
            bool isThousands = Ascii.EqualsIgnoreCase(value[..colon], "AS"u8)
                || Ascii.EqualsIgnoreCase(value[..colon], "CT"u8);
            if (!isTias && !isThousands) continue;
            if (!SdpNumber.TryParse(value[(colon + 1)..].Trim((byte)' '), int.MaxValue, out int number)) continue;
            most = Math.Max(most, isTias ? number : number * 1000L);
        }
        return most;
    }

    /// <summary>Linear audio in two channels is the most that a clock rate can mean; speech is far below.</summary>
    private static long AudioBits(ReadOnlySpan<byte> section, int clock)
    {
        // Of the static types only linear audio has that rate.
        bool isLinear = clock == 44_100 || section.IndexOf("L16/"u8) >= 0 || section.IndexOf("L24/"u8) >= 0;
        return isLinear ? Math.Max(clock, 48_000) * 48L : clock > 16_000 ? AudioBitsMin : 0;
    }

    private static int ClockOf(ReadOnlySpan<byte> section, ReadOnlySpan<byte> formats)
    {
        var fields = new SdpFields(formats, new SdpRange(0, formats.Length));
        if (!fields.TryNext(out SdpRange first)) return 0;
        return SdpNumber.TryParse(first.Of(formats), SdpPayloads.Max, out int type)
            ? SdpPayloads.Find(section, type).ClockHz
            : 0;
    }
}
