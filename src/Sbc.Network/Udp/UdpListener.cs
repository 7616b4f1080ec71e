using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>One UDP address the box listens on: a reuseport group with a socket for each worker.</summary>
/// <remarks>
/// The first socket binds without SO_REUSEPORT and sets it afterwards, the others set it before. So the bind of a
/// second instance, whose first socket has no SO_REUSEPORT either, ends in EADDRINUSE instead of a share of our
/// traffic; the kernel refuses other users in any case. The address stays open only to a process of our own user
/// that sets SO_REUSEPORT on purpose.
/// </remarks>
public sealed class UdpListener : IDisposable
{
    private readonly UdpPort[] _ports;

    private UdpListener(UdpPort[] ports, SocketBuffer receive, SocketBuffer send)
    {
        _ports = ports;
        ReceiveBuffer = receive;
        SendBuffer = send;
    }

    /// <summary>The bound address, with the real port where 0 was asked for.</summary>
    public TransportAddress Local => _ports[0].Local;

    /// <summary>Worker i's socket is the i-th; the order in the kernel's group is the same.</summary>
    public IReadOnlyList<UdpPort> Ports => _ports;

    /// <summary>Of each socket. When short, the operator should raise net.core.rmem_max.</summary>
    public SocketBuffer ReceiveBuffer { get; }

    /// <summary>Of each socket. When short, the operator should raise net.core.wmem_max.</summary>
    public SocketBuffer SendBuffer { get; }

    /// <summary>Datagrams the kernel dropped on all sockets. For one thread: the control one.</summary>
    public ulong KernelDrops
    {
        get
        {
            ulong drops = 0;
            foreach (UdpPort port in _ports) drops += port.KernelDrops;
            return drops;
        }
    }

    /// <exception cref="NetworkException">The address is taken, not ours, or an option was refused.</exception>
    public static UdpListener Bind(UdpListenerOptions options)
    {
        Check.That(options.Workers is > 0 and <= 1024);
        var descriptors = new List<int>();
        SocketBuffer receive = default, send = default;
        TransportAddress local = options.Local;
        try
        {
            for (int worker = 0; worker < options.Workers; worker++)
            {
                int descriptor = UdpSocket.Open(local, out int error);
                ThrowIf(error, "open", local);
                descriptors.Add(descriptor);
                Configure(descriptor, local, options.Dscp);
                receive = SocketBuffer.RaiseReceive(descriptor, options.ReceiveBufferBytes);
                send = SocketBuffer.RaiseSend(descriptor, options.SendBufferBytes);
                BindInGroup(descriptor, local, isFirst: worker == 0);
                local = UdpSocket.LocalOf(descriptor);
            }
            if (options.Steering is { } steering && options.Workers > 1)
            {
                // The group exists since its second socket bound; datagrams that came before went by 4-tuple.
                Check.That(steering.Workers == options.Workers);
                ThrowIf(steering.Attach(descriptors[0], local.IsIPv4), "steer by source on", local);
            }
        }
        catch
        {
            foreach (int descriptor in descriptors) SocketCalls.Close(descriptor);
            throw;
        }
        UdpPort[] ports = [.. descriptors.Select(descriptor => new UdpPort(descriptor, local))];
        return new UdpListener(ports, receive, send);
    }

    private static void Configure(int descriptor, in TransportAddress local, byte dscp)
    {
        int error = local.IsIPv4
            ? UdpSocket.Set(descriptor, SocketNumbers.LevelIPv4, SocketNumbers.ReceiveErrorsIPv4, 1)
            : UdpSocket.Set(descriptor, SocketNumbers.LevelIPv6, SocketNumbers.ReceiveErrorsIPv6, 1);
        ThrowIf(error, "receive ICMP errors on", local);
        ThrowIf(UdpSocket.SetDscp(descriptor, local.IsIPv4, dscp), "set the DSCP of", local);
    }

    private static void BindInGroup(int descriptor, in TransportAddress local, bool isFirst)
    {
        if (!isFirst) SetReusePort(descriptor, local);
        ThrowIf(UdpSocket.Bind(descriptor, local), "bind", local);
        if (isFirst) SetReusePort(descriptor, local);
    }

    private static void SetReusePort(int descriptor, in TransportAddress local) => ThrowIf(
        UdpSocket.Set(descriptor, SocketNumbers.LevelSocket, SocketNumbers.ReusePort, 1), "share", local);

    private static void ThrowIf(int error, string what, in TransportAddress local)
    {
        if (error != 0) throw new NetworkException($"cannot {what} udp {local}", error);
    }

    /// <summary>Closes all sockets. The workers must have stopped.</summary>
    public void Dispose()
    {
        foreach (UdpPort port in _ports) port.Dispose();
    }
}
