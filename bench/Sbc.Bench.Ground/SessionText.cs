using System.Text;
using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>Session descriptions of the two phones, as bytes made once.</summary>
public static class SessionText
{
    public const int CallerPort = 4000;
    public const int CalleePort = 6000;

    /// <param name="version">Of the origin line: another one is another offer.</param>
    public static byte[] Of(in TransportAddress host, int port, int version)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        string address = Encoding.ASCII.GetString(text[..host.WriteHost(text)]).Trim('[', ']');
        string family = host.IsIPv4 ? "IP4" : "IP6";
        string[] lines =
        [
            "v=0", $"o=phone 2890844526 {version} IN {family} {address}", "s=-", $"c=IN {family} {address}", "t=0 0",
            $"m=audio {port} RTP/AVP 8 0 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", $"a=rtcp:{port + 1}", "a=ptime:20", "a=sendrecv",
        ];
        return Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\n");
    }
}
