using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Sbc.Perf.Media;

/// <summary>The one SDP the harness speaks: G.711, both directions.</summary>
internal static partial class Sdp
{
    public static string Audio(IPEndPoint end) =>
        $"v=0\r\no=perf 1 1 IN IP4 {end.Address}\r\ns=-\r\nc=IN IP4 {end.Address}\r\nt=0 0\r\n"
        + $"m=audio {end.Port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na=sendrecv\r\n";

    /// <summary>Address and port of the first audio stream, wherever in the text the SDP is.</summary>
    public static bool TryReadTarget(string text, out IPEndPoint target)
    {
        var address = Connection().Match(text);
        var port = AudioPort().Match(text);
        target = new IPEndPoint(IPAddress.None, 0);
        if (!address.Success || !port.Success || !IPAddress.TryParse(address.Groups[1].Value, out var parsed))
            return false;
        target = new IPEndPoint(parsed, int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture));
        return target.Port != 0;
    }

    [GeneratedRegex(@"c=IN IP4 ([0-9.]+)")]
    private static partial Regex Connection();

    [GeneratedRegex(@"m=audio (\d{1,5}) ")]
    private static partial Regex AudioPort();
}
