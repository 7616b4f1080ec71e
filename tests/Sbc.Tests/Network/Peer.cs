using System.Net;
using System.Net.Sockets;
using Sbc.Runtime;

namespace Sbc.Tests.Network;

/// <summary>The other side of a test: a plain socket of the framework on a loopback address.</summary>
internal sealed class Peer : IDisposable
{
    /// <summary>Longer than any loopback delivery on a loaded machine; only a failing test waits so long.</summary>
    private const int PatienceMilliseconds = 5000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65_536];

    public Peer(string address = "127.0.0.1")
    {
        IPAddress local = IPAddress.Parse(address);
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(local, 0));
        _socket.ReceiveTimeout = PatienceMilliseconds;
    }

    /// <summary>Whether this machine has an IPv6 loopback; tests of IPv6 pass empty where it has none.</summary>
    public static bool HasIPv6
    {
        get
        {
            try
            {
                using var probe = new Peer("::1");
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public TransportAddress Address => Of((IPEndPoint)_socket.LocalEndPoint!);

    public static TransportAddress At(string address, int port = 0) =>
        Of(new IPEndPoint(IPAddress.Parse(address), port));

    /// <summary>An address where nothing listens: tcpmux is nobody's, and no ephemeral port.</summary>
    public static TransportAddress Nobody(bool isIPv4) => isIPv4 ? At("127.77.0.1", 1) : At("::1", 1);

    public void Send(in TransportAddress to, ReadOnlySpan<byte> bytes)
    {
        Span<byte> address = stackalloc byte[16];
        int length = to.WriteAddressBytes(address);
        _socket.SendTo(bytes, SocketFlags.None, new IPEndPoint(new IPAddress(address[..length]), to.Port));
    }

    /// <summary>The next datagram; throws after five seconds without one.</summary>
    public byte[] Receive() => _buffer.AsSpan(0, _socket.Receive(_buffer)).ToArray();

    /// <summary>Whether nothing has arrived. Loopback delivers within the sender's call.</summary>
    public bool IsQuiet => _socket.Available == 0;

    public void Dispose() => _socket.Dispose();

    private static TransportAddress Of(IPEndPoint endPoint) =>
        TransportAddress.FromBytes(endPoint.Address.GetAddressBytes(), endPoint.Port);
}
