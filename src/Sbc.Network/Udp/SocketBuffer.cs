using Sbc.Network.Native;

namespace Sbc.Network;

/// <summary>What was asked for a socket's buffer and what the kernel gave.</summary>
/// <param name="RequestedBytes">The floor that was asked for.</param>
/// <param name="GrantedBytes">Comparable with the request and with net.core.rmem_max, wmem_max.</param>
public readonly record struct SocketBuffer(int RequestedBytes, int GrantedBytes)
{
    public bool IsShort => GrantedBytes < RequestedBytes;

    /// <summary>Raises the receive buffer to the floor; a host that gives more by itself keeps that.</summary>
    internal static SocketBuffer RaiseReceive(int descriptor, int floorBytes) => Raise(
        descriptor, floorBytes, SocketNumbers.ReceiveBufferForce, SocketNumbers.ReceiveBuffer,
        KernelSettings.ReceiveBufferBytesMax);

    internal static SocketBuffer RaiseSend(int descriptor, int floorBytes) => Raise(
        descriptor, floorBytes, SocketNumbers.SendBufferForce, SocketNumbers.SendBuffer,
        KernelSettings.SendBufferBytesMax);

    private static SocketBuffer Raise(int descriptor, int floorBytes, int force, int plain, string settingOfMax)
    {
        int before = Granted(descriptor, plain);
        if (before >= floorBytes) return new SocketBuffer(floorBytes, before);
        // Beyond the sysctl's maximum only with CAP_NET_ADMIN.
        if (UdpSocket.Set(descriptor, SocketNumbers.LevelSocket, force, floorBytes) != 0)
        {
            // The plain option cuts what is asked to the maximum, which can be less than the default we have.
            bool known = KernelSettings.TryReadNumber(settingOfMax, out long maximum);
            if (!known || maximum > before) UdpSocket.Set(descriptor, SocketNumbers.LevelSocket, plain, floorBytes);
        }
        return new SocketBuffer(floorBytes, Granted(descriptor, plain));
    }

    // The kernel doubles what it is asked for, to pay for its bookkeeping, and reports the double.
    private static int Granted(int descriptor, int option) =>
        UdpSocket.Get(descriptor, SocketNumbers.LevelSocket, option) / 2;
}
