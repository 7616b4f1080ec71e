namespace Sbc.Engine.Config;

/// <summary>Transport of a listener or a peer (RFC 3261 18, RFC 7118).</summary>
public enum SipTransport
{
    Udp,
    Tcp,
    Tls,
    Ws,
    Wss,
}

public static class SipTransports
{
    /// <summary>The port when none is written: RFC 3261 19.1.2; RFC 7118 5.3 for WebSocket.</summary>
    public static int DefaultPort(this SipTransport transport) => transport switch
    {
        SipTransport.Tls => 5061,
        SipTransport.Ws => 80,
        SipTransport.Wss => 443,
        _ => 5060,
    };
}
