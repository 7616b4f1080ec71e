namespace Sbc.Sip.Sdp;

/// <summary>
/// What the payload types of one m-line stand for, read once: to look for each anew would take a description of 64 kB
/// a second of a worker's time.
/// </summary>
internal sealed class SdpPayloadMap
{
    // What follows "a=rtpmap:" of each type, by its place; empty where nothing does.
    private readonly SdpRange[] _maps = new SdpRange[SdpPayloads.Max + 1];

    /// <param name="section">The lines of the m-line.</param>
    public void Read(ReadOnlySpan<byte> section)
    {
        Array.Clear(_maps);
        var lines = new SdpLines(section);
        while (lines.TryNext(out _))
        {
            ReadOnlySpan<byte> value = lines.Value.Of(section);
            if (lines.Type != 'a' || !SdpPayloads.TryTake(value, "rtpmap:"u8, out ReadOnlySpan<byte> map)) continue;
            if (!SdpPayloads.TryReadPayload(map, out int payload, out _) || !_maps[payload].IsEmpty) continue;
            _maps[payload] = new SdpRange(lines.Value.End - map.Length, map.Length);
        }
    }

    /// <param name="section">As it was read.</param>
    public SdpPayload Find(ReadOnlySpan<byte> section, int payload) =>
        !_maps[payload].IsEmpty && SdpPayloads.TryReadMap(_maps[payload].Of(section), out _, out SdpPayload mapped)
            ? mapped
            : SdpPayloads.Static(payload);
}
