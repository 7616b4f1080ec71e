namespace Sbc.Perf;

/// <summary>Who is where on the loopback of the namespace; the same for every row.</summary>
internal static class Topology
{
    public const string Edge = "127.0.0.1";
    public const string Core = "127.0.0.2";
    public const string Caller = "127.0.0.3";
    public const string Farm = "127.0.0.4";
    public const int SipPort = 5060;
    public const int AdminPort = 9060;
    public const int ControlPort = 2223;          // rtpengine's ng protocol

    /// <summary>Ports of the box for media, and of the ends of call i at <c>MediaEndsFirst + 2i</c>.</summary>
    public const int MediaFirst = 10000;
    public const int MediaLast = 59999;
    public const int MediaEndsFirst = 30000;
}
