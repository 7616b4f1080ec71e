using System.Text;

namespace Sbc.Sip.Sdp;

/// <summary>One codec of a list: an encoding name, and a clock rate where that matters.</summary>
/// <param name="Name">As in a=rtpmap; compared without case (RFC 4855 3).</param>
/// <param name="ClockHz">0: any.</param>
public readonly record struct SdpCodec(byte[] Name, int ClockHz)
{
    /// <summary>NAME or NAME/CLOCK.</summary>
    public static bool TryParse(string text, out SdpCodec codec)
    {
        codec = default;
        string[] parts = text.Split('/');
        int clock = 0;
        if (parts.Length > 2 || parts[0].Length is 0 or > 64) return false;
        if (parts[0].AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
        if (parts.Length == 2 && (!int.TryParse(parts[1], out clock) || clock <= 0)) return false;
        codec = new SdpCodec(Encoding.ASCII.GetBytes(parts[0]), clock);
        return true;
    }

    internal bool Matches(scoped SdpPayload payload) =>
        payload.Is(Name) && (ClockHz == 0 || ClockHz == payload.ClockHz);
}

/// <summary>Which codecs a realm or a route lets through, and in which order an offer names them.</summary>
public sealed class SdpCodecPolicy
{
    /// <summary>Empty: all.</summary>
    public SdpCodec[] Allow { get; init; } = [];

    public SdpCodec[] Deny { get; init; } = [];

    /// <summary>Those named come first, in this order; the others keep theirs.</summary>
    public SdpCodec[] Order { get; init; } = [];

    /// <summary>Tones and silence serve every codec: they go only where they are named.</summary>
    internal bool Permits(scoped SdpPayload payload)
    {
        if (IndexIn(Deny, payload) >= 0) return false;
        return Allow.Length == 0 || IsAuxiliary(payload) || IndexIn(Allow, payload) >= 0;
    }

    /// <summary>Place in <see cref="Order"/>, or behind all of them.</summary>
    internal int PlaceOf(scoped SdpPayload payload)
    {
        int index = IndexIn(Order, payload);
        return index < 0 ? Order.Length : index;
    }

    /// <summary>What carries no conversation by itself: tones (RFC 4733), silence (RFC 3389), repetition (RFC 4588).
    /// </summary>
    internal static bool IsAuxiliary(scoped SdpPayload payload) =>
        payload.Is("telephone-event"u8) || payload.Is("tone"u8) || payload.Is("CN"u8) || payload.Is("rtx"u8);

    private static int IndexIn(SdpCodec[] list, scoped SdpPayload payload)
    {
        for (int i = 0; i < list.Length; i++)
        {
            if (list[i].Matches(payload)) return i;
        }
        return -1;
    }
}
