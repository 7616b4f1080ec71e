using System.Text;

namespace Sbc.Sip.Sdp;

/// <summary>What a payload type stands for in one m-line.</summary>
internal readonly ref struct SdpPayload
{
    /// <summary>The encoding name; empty where nothing says what it is.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    public int ClockHz { get; init; }

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);
}

/// <summary>Payload types of RTP: a=rtpmap of the m-line, else the static ones (RFC 3551 6, tables 4 and 5).</summary>
internal static class SdpPayloads
{
    public const int Max = 127;

    /// <param name="section">The lines of the m-line.</param>
    public static SdpPayload Find(ReadOnlySpan<byte> section, int payload)
    {
        var lines = new SdpLines(section);
        while (lines.TryNext(out _))
        {
            ReadOnlySpan<byte> value = lines.Value.Of(section);
            if (lines.Type != 'a' || !TryTake(value, "rtpmap:"u8, out ReadOnlySpan<byte> map)) continue;
            if (!TryReadMap(map, out int number, out SdpPayload mapped) || number != payload) continue;
            return mapped;
        }
        return Static(payload);
    }

    /// <summary>payload type, blank, name, "/", clock rate, ["/" channels].</summary>
    public static bool TryReadMap(ReadOnlySpan<byte> map, out int payload, out SdpPayload mapped)
    {
        mapped = default;
        if (!TryReadPayload(map, out payload, out ReadOnlySpan<byte> rest)) return false;
        int slash = rest.IndexOf((byte)'/');
        ReadOnlySpan<byte> name = slash < 0 ? rest : rest[..slash];
        ReadOnlySpan<byte> clock = slash < 0 ? default : rest[(slash + 1)..];
        int end = clock.IndexOf((byte)'/');
        SdpNumber.TryParse((end < 0 ? clock : clock[..end]).Trim((byte)' '), int.MaxValue, out int hertz);
        mapped = new SdpPayload { Name = name.Trim((byte)' '), ClockHz = hertz };
        return true;
    }

    /// <summary>A payload type at the beginning of what an attribute says, and what follows it.</summary>
    public static bool TryReadPayload(ReadOnlySpan<byte> value, out int payload, out ReadOnlySpan<byte> rest)
    {
        value = value.Trim((byte)' ');
        int end = value.IndexOfAny((byte)' ', (byte)'\t');
        rest = end < 0 ? default : value[(end + 1)..].Trim((byte)' ');
        return SdpNumber.TryParse(end < 0 ? value : value[..end], Max, out payload);
    }

    public static bool TryTake(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest)
    {
        bool isThat = value.Length > name.Length && Ascii.EqualsIgnoreCase(value[..name.Length], name);
        rest = isThat ? value[name.Length..] : default;
        return isThat;
    }

    /// <summary>RFC 3551 6, tables 4 and 5.</summary>
    public static SdpPayload Static(int payload) => payload switch
    {
        0 => Of("PCMU"u8, 8000),
        3 => Of("GSM"u8, 8000),
        4 => Of("G723"u8, 8000),
        5 => Of("DVI4"u8, 8000),
        6 => Of("DVI4"u8, 16000),
        7 => Of("LPC"u8, 8000),
        8 => Of("PCMA"u8, 8000),
        9 => Of("G722"u8, 8000),
        10 or 11 => Of("L16"u8, 44100),
        12 => Of("QCELP"u8, 8000),
        13 => Of("CN"u8, 8000),
        14 => Of("MPA"u8, 90000),
        15 => Of("G728"u8, 8000),
        16 => Of("DVI4"u8, 11025),
        17 => Of("DVI4"u8, 22050),
        18 => Of("G729"u8, 8000),
        25 => Of("CelB"u8, 90000),
        26 => Of("JPEG"u8, 90000),
        28 => Of("nv"u8, 90000),
        31 => Of("H261"u8, 90000),
        32 => Of("MPV"u8, 90000),
        33 => Of("MP2T"u8, 90000),
        34 => Of("H263"u8, 90000),
        _ => default,
    };

    private static SdpPayload Of(ReadOnlySpan<byte> name, int clockHz) => new() { Name = name, ClockHz = clockHz };
}
