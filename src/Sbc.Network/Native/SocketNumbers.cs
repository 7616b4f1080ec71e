namespace Sbc.Network.Native;

/// <summary>Numbers of the socket interface, the same on x86-64 and arm64.</summary>
internal static class SocketNumbers
{
    internal const int FamilyIPv4 = 2;
    internal const int FamilyIPv6 = 10;

    internal const int Datagram = 2;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int LevelSocket = 1;
    internal const int SendBuffer = 7;
    internal const int ReceiveBuffer = 8;
    internal const int ReusePort = 15;
    internal const int SendBufferForce = 32;
    internal const int ReceiveBufferForce = 33;
    internal const int AttachReusePortFilter = 51;
    internal const int MemoryInfo = 55;

    /// <summary>SK_MEMINFO_VARS numbers come with SO_MEMINFO; this one is SK_MEMINFO_DROPS.</summary>
    internal const int MemoryInfoDrops = 8;
    internal const int MemoryInfoCount = 9;

    internal const int LevelIPv4 = 0;
    internal const int TypeOfService = 1;
    internal const int ReceiveErrorsIPv4 = 11;

    internal const int LevelIPv6 = 41;
    internal const int ReceiveErrorsIPv6 = 25;
    internal const int OnlyIPv6 = 26;
    internal const int TrafficClass = 67;

    internal const int Truncated = 0x20;
    internal const int DontWait = 0x40;
    internal const int ErrorQueue = 0x2000;
}
