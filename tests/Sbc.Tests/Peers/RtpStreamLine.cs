using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>One stream as tshark's RTP analysis of a capture tells it.</summary>
/// <param name="Source">SSRC.</param>
/// <param name="Lost">Numbers that are missing between its first and its last packet.</param>
public sealed partial record RtpStreamLine(string From, string To, string Source, int Packets, int Lost)
{
    /// <summary>Streams that the SDP in the capture announces.</summary>
    public static RtpStreamLine[] Read(PeerLab lab)
    {
        using PeerProcess tshark = lab.Start(
            "tshark", "-r", lab.CaptureFile, "-q", "-o", "rtp.heuristic_rtp:TRUE", "-z", "rtp,streams");
        Assert.Equal(0, tshark.WaitForExit(60));
        return [.. Line().Matches(tshark.Output).Select(line => new RtpStreamLine(
            line.Groups["from"].Value, line.Groups["to"].Value, line.Groups["source"].Value,
            int.Parse(line.Groups["packets"].Value, CultureInfo.InvariantCulture),
            int.Parse(line.Groups["lost"].Value, CultureInfo.InvariantCulture)))];
    }

    // start, end, address and port of both, SSRC, payload, packets, lost (share), ...
    [GeneratedRegex(
        @"^\s*[\d.]+\s+[\d.]+\s+(?<from>[\d.]+\s+\d+)\s+(?<to>[\d.]+\s+\d+)\s+(?<source>0x\w+)\s+\S+\s+"
            + @"(?<packets>\d+)\s+(?<lost>-?\d+) \(",
        RegexOptions.Multiline)]
    private static partial Regex Line();
}
