namespace Sbc.Sip.Sdp;

/// <summary>What one session description may cost. A description beyond a limit is refused, never half read.</summary>
public static class SdpLimits
{
    /// <summary>The largest browser offers seen are near 20 kB; a UDP message ends at 64 kB anyway.</summary>
    public const int BodyBytesMax = 65_535;

    /// <summary>Conference systems offer up to some 20 m-lines (slides, several cameras, rejected old ones).</summary>
    public const int MediaMax = 32;

    /// <summary>
    /// Lines the editor must touch. ICE makes the most of them: 32 m-lines with a dozen candidates each are rare,
    /// one m-line with 40 candidates is not.
    /// </summary>
    public const int EditsMax = 512;

    /// <summary>Payload types of an m-line that are looked at: there are no more than 128 of them.</summary>
    public const int FormatsMax = 128;

    /// <summary>"a=rtcp:65535 IN IP6 " and 45 bytes of address: what one edit can add to the original.</summary>
    public const int EditBytesMax = 80;

    /// <summary>"o=- ", two 64-bit numbers, " IN IP6 " and an address.</summary>
    public const int OriginBytesMax = 112;
}
