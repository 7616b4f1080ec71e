using System.Globalization;

namespace Sbc.Simulation;

/// <summary>How a callee learns which call it is offered: a header field of ours, as a B2BUA lets it pass.</summary>
internal static class CallNumber
{
    public const string Header = "X-Simulated-Call";

    private const string WithMedia = " media";

    public static string Text(long number, bool media) =>
        number.ToString(CultureInfo.InvariantCulture) + (media ? WithMedia : "");

    /// <summary>Whether the caller sends RTP, so that the callee does too.</summary>
    public static bool HasMedia(SipMessage invite) =>
        invite[Header]?.EndsWith(WithMedia, StringComparison.Ordinal) == true;

    public static long Of(SipMessage invite)
    {
        string text = (invite[Header] ?? "").Split(' ')[0];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }
}
