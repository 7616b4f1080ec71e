using System.Runtime.InteropServices;

namespace Sbc.Network.Native;

/// <summary>Error numbers of Linux that the network code tells apart.</summary>
internal static class Errno
{
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int AccessDenied = 13;
    internal const int NoSystemCall = 38;
    internal const int NotOnNetwork = 64;
    internal const int Protocol = 71;
    internal const int MessageTooLong = 90;
    internal const int NoProtocolOption = 92;
    internal const int NotSupported = 95;
    internal const int AddressInUse = 98;
    internal const int AddressNotAvailable = 99;
    internal const int NetworkUnreachable = 101;
    internal const int NoBuffers = 105;
    internal const int ConnectionRefused = 111;
    internal const int HostDown = 112;
    internal const int HostUnreachable = 113;

    internal static int Last => Marshal.GetLastPInvokeError();

    /// <summary>
    /// Whether an ICMP error may have left this number pending on the socket, to be returned by the next call whatever
    /// that call is about (icmp_err_convert and icmpv6_err_convert in the kernel). Such a call is repeated.
    /// </summary>
    internal static bool MayBePending(int error) => error is ConnectionRefused or HostUnreachable or NetworkUnreachable
        or HostDown or NotOnNetwork or NoProtocolOption or NotSupported or Protocol or AccessDenied or MessageTooLong;

    internal static string Text(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";
}
