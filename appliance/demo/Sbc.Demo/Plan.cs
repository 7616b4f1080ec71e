namespace Sbc.Demo;

/// <summary>Who stands where, and how much is played. The box's addresses are those of the sample.</summary>
internal static class Plan
{
    public const string FarmConfig = "appliance/samples/proxy-farm.yaml";
    public const string PhonesConfig = "appliance/samples/standalone.yaml";
    public const string Edge = "127.0.0.1";
    public const string Core = "127.0.0.2";
    public const string Phones = "127.0.0.11";
    public const string AdminUrl = "http://127.0.0.1:9060";
    public const int AdminPort = 9060;
    public const int SipPort = 5060;

    /// <summary>The proxies play the caller's RTP back from this port, all calls of a proxy from one.</summary>
    public const int EchoPort = 6000;

    /// <summary>The first phone's RTP port; the next phone has the next even one.</summary>
    public const int RtpPort = 16_000;

    public const int Calls = 100;
    public const int CallsPerSecond = 5;
    public const int PacketsPerCall = 150;
    public const int PacketMs = 20;

    /// <summary>Longer than the RTP, so that what is on its way comes back before the call ends.</summary>
    public const int HoldMs = (PacketsPerCall * PacketMs) + 500;

    public static readonly (string Name, string Address)[] Farm =
        [("proxy-a", "127.0.0.21"), ("proxy-b", "127.0.0.22")];

    /// <summary>Placing, the last call, and room for calls that must be given up.</summary>
    public static readonly TimeSpan CallsTime = TimeSpan.FromSeconds((Calls / CallsPerSecond) + 60);

    /// <summary>SIP ports of the two real phones, which are at the box's own address.</summary>
    public const int AlicePort = 17_000;

    public const int BobPort = 17_100;

    public static readonly TimeSpan TalkTime = TimeSpan.FromSeconds(4);

    public static int PhonePort(int phone) => RtpPort + (2 * phone);
}
