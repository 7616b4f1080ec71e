using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>What both kinds of UDP socket are made of: open, set an option, bind, close. Errors are errno.</summary>
internal static unsafe class UdpSocket
{
    /// <summary>Opens a nonblocking socket of the address's family; IPv6 sockets take IPv6 only.</summary>
    /// <returns>The descriptor, or -1 with errno.</returns>
    internal static int Open(in TransportAddress local, out int error)
    {
        const int type = SocketNumbers.Datagram | SocketNumbers.NonBlocking | SocketNumbers.CloseOnExec;
        int descriptor = SocketCalls.Socket(RawAddress.FamilyOf(local), type, 0);
        error = descriptor < 0 ? Errno.Last : 0;
        if (descriptor < 0 || local.IsIPv4) return descriptor;
        error = Set(descriptor, SocketNumbers.LevelIPv6, SocketNumbers.OnlyIPv6, 1);
        if (error == 0) return descriptor;
        SocketCalls.Close(descriptor);
        return -1;
    }

    internal static int Bind(int descriptor, in TransportAddress local)
    {
        byte* name = stackalloc byte[RawAddress.Stride];
        uint length = RawAddress.Write(local, name);
        return SocketCalls.Bind(descriptor, name, length) < 0 ? Errno.Last : 0;
    }

    /// <summary>The address the socket is bound to; default when the kernel does not say.</summary>
    internal static TransportAddress LocalOf(int descriptor)
    {
        byte* name = stackalloc byte[RawAddress.Stride];
        uint length = RawAddress.Stride;
        return SocketCalls.GetSocketName(descriptor, name, &length) < 0 ? default : RawAddress.Read(name);
    }

    internal static int Set(int descriptor, int level, int option, int value) =>
        SocketCalls.SetOption(descriptor, level, option, &value, sizeof(int)) < 0 ? Errno.Last : 0;

    /// <summary>An option's value; -1 when the kernel does not say.</summary>
    internal static int Get(int descriptor, int level, int option)
    {
        int value;
        uint length = sizeof(int);
        return SocketCalls.GetOption(descriptor, level, option, &value, &length) < 0 ? -1 : value;
    }

    /// <summary>The upper six bits of TOS (RFC 2474 3) or of the traffic class.</summary>
    internal static int SetDscp(int descriptor, bool isIPv4, byte dscp)
    {
        Check.That(dscp < 64);
        if (dscp == 0) return 0;
        return isIPv4
            ? Set(descriptor, SocketNumbers.LevelIPv4, SocketNumbers.TypeOfService, dscp << 2)
            : Set(descriptor, SocketNumbers.LevelIPv6, SocketNumbers.TrafficClass, dscp << 2);
    }
}
