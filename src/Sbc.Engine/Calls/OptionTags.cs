using System.Text;

namespace Sbc.Engine.Calls;

/// <summary>Option tags (RFC 3261 19.2) and what a box with two legs has to do with them.</summary>
public static class OptionTags
{
    // Both ends speak of them through the box: their header fields, bodies and requests cross it.
    private static readonly byte[][] Transparent =
    [
        [.. "timer"u8], [.. "100rel"u8], [.. "replaces"u8], [.. "join"u8], [.. "tdialog"u8], [.. "norefersub"u8],
        [.. "nosub"u8], [.. "explicitsub"u8], [.. "histinfo"u8], [.. "199"u8], [.. "precondition"u8],
        [.. "early-session"u8], [.. "resource-priority"u8], [.. "answermode"u8], [.. "privacy"u8], [.. "uui"u8],
        [.. "eventlist"u8], [.. "pref"u8], [.. "record-aware"u8], [.. "multiple-refer"u8],
        [.. "recipient-list-invite"u8], [.. "recipient-list-message"u8], [.. "recipient-list-subscribe"u8],
        [.. "geolocation-sip"u8], [.. "geolocation-http"u8], [.. "sdp-anat"u8],
    ];

    /// <summary>
    /// Whether what the tag stands for works between the legs without being the box's own. What is not (path, gruu,
    /// outbound, from-change, ice, sec-agree) is taken out of Supported and refused with 420 in Require.
    /// </summary>
    public static bool Passes(ReadOnlySpan<byte> option)
    {
        foreach (byte[] known in Transparent)
        {
            if (Ascii.EqualsIgnoreCase(known, option)) return true;
        }
        return false;
    }
}
