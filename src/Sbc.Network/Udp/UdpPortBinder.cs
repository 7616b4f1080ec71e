using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>Binds media sockets, one a port. Holds nothing, so any number of threads may call it.</summary>
/// <remarks>
/// No SO_REUSEPORT: a port that is taken must say so. No IP_RECVERR: without it the kernel does not report ICMP errors
/// on an unconnected socket, and a refused RTP packet is the relay's to notice by silence.
/// </remarks>
public sealed class UdpPortBinder : IPortBinder
{
    public bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error)
    {
        handle = UdpSocket.Open(local, out error);
        if (handle < 0) return false;
        error = UdpSocket.SetDscp(handle, local.IsIPv4, dscp);
        if (error == 0) error = UdpSocket.Bind(handle, local);
        if (error == 0) return true;
        SocketCalls.Close(handle);
        handle = -1;
        return false;
    }

    public void Release(int handle) => SocketCalls.Close(handle);

    /// <summary>The address a socket is bound to: where the kernel chose the port.</summary>
    public static TransportAddress LocalOf(int handle) => UdpSocket.LocalOf(handle);
}
