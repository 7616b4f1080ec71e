namespace Sbc.Perf;

/// <summary>Who is where, on loopback or over veth pairs; the same for every row.</summary>
internal static class Topology
{
    public const string Edge = "10.78.1.1";
    public const string Core = "10.78.2.1";
    public const string Caller = "10.78.1.2";
    public const string Farm = "10.78.2.2";
    public const int SipPort = 5060;
    public const int AdminPort = 9060;
    public const int ControlPort = 2223;          // rtpengine's ng protocol

    /// <summary>Ports of the box for media, and of the ends of call i at <c>MediaEndsFirst + 2i</c>.</summary>
    public const int MediaFirst = 10000;
    public const int MediaLast = 59999;
    public const int MediaEndsFirst = 30000;
}
