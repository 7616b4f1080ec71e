namespace Sbc.Engine.Config;

/// <summary><c>latching</c>: whose RTP a stream takes as its own.</summary>
public enum Latching
{
    /// <summary>Only the address and port the SDP names.</summary>
    Strict,

    /// <summary>What the SDP names, or the address the signalling came from (a NAT in between).</summary>
    Signalling,

    /// <summary>Whoever sends first. A stranger who guesses a port takes over the stream (RTP bleed).</summary>
    Open,
}
