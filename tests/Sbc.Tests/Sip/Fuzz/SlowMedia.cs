using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>What the lines of one m-line say, or those of the session; null where they say nothing.</summary>
internal sealed class SlowMedia
{
    public int Port { get; init; }

    public int PortCount { get; init; }

    public string Formats { get; init; } = "";

    public bool HasConnection { get; set; }

    public TransportAddress? Connection { get; set; }

    public SdpDirection? Direction { get; set; }

    public bool HasRtcpMux { get; set; }

    public int RtcpPort { get; set; }

    public TransportAddress? RtcpConnection { get; set; }
}
