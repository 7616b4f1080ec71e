using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>The SDP of a call with one audio stream (RFC 4566).</summary>
public static class SessionDescription
{
    public static string Write(in TransportAddress media, long number)
    {
        string host = Address.Host(media).Trim('[', ']');
        string type = media.IsIPv4 ? "IP4" : "IP6";
        return $"v=0\r\no=- {number} 1 IN {type} {host}\r\ns=-\r\nc=IN {type} {host}\r\nt=0 0\r\n"
            + $"m=audio {media.Port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n";
    }

    /// <summary>Where audio is to be sent: the port of m= and the address of c=.</summary>
    public static bool TryRead(string body, out TransportAddress target)
    {
        target = default;
        string? host = null;
        int port = 0;
        foreach (string line in body.Split("\r\n"))
        {
            string[] parts = line.Split(' ');
            if (line.StartsWith("c=IN ", StringComparison.Ordinal) && parts.Length == 3) host = parts[2];
            if (!line.StartsWith("m=audio ", StringComparison.Ordinal)) continue;
            if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out port)) return false;
        }
        return host != null && port != 0 && SipUri.TryAddress(host, port, out target);
    }
}
