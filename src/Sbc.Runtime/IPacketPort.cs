namespace Sbc.Runtime;

/// <summary>One socket of one worker for one listener; a virtual one in the simulator. Nothing here waits.</summary>
public interface IPacketPort
{
    /// <summary>The bound address, with the real port where 0 was asked for.</summary>
    TransportAddress Local { get; }

    /// <summary>
    /// Receives up to <c>slots.Length</c> datagrams, the i-th into <c>slots[i]</c> of <paramref name="pool"/>, and sets
    /// Length, Remote, Truncated and Error = 0 in its header (Port is the caller's to set). Returns how many.
    /// </summary>
    int Receive(PacketPool pool, ReadOnlySpan<int> slots);

    /// <summary>
    /// Sends the datagrams of <paramref name="slots"/> to the Remote of each. Returns how many the network took;
    /// the others were skipped (buffer full, address unreachable) and are lost, as UDP may lose anything.
    /// </summary>
    int Send(PacketPool pool, ReadOnlySpan<int> slots);

    /// <summary>
    /// Takes pending ICMP errors (IP_RECVERR): the quoted datagram into the slot, Remote = where it was sent,
    /// Error = errno. Costs nothing while none is known. Returns how many.
    /// </summary>
    int ReceiveErrors(PacketPool pool, ReadOnlySpan<int> slots);
}

/// <summary>The sockets of one media worker: many, opened and closed as calls come and go.</summary>
public interface IPacketPorts
{
    /// <summary>Starts to receive on a socket that <see cref="IPortBinder"/> bound; its packets carry this key.</summary>
    void Adopt(int handle, int key);

    /// <summary>Its packets carry another key from now on, those included that are not received yet.</summary>
    void Rekey(int handle, int key);

    /// <summary>Stops receiving and closes the socket.</summary>
    void Close(int handle);

    /// <summary>Like <see cref="IPacketPort.Receive"/>, from any adopted socket; header.Port is the key.</summary>
    int Receive(PacketPool pool, ReadOnlySpan<int> slots);

    /// <summary>Sends from one socket. Returns how many the network took.</summary>
    int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots);
}

/// <summary>Binds sockets for media, on the thread of the signalling worker, before the SDP that names them leaves.</summary>
public interface IPortBinder
{
    /// <param name="dscp">0 to 63; written into the upper six bits of TOS or the traffic class.</param>
    /// <returns>False with errno where the port is taken or not ours.</returns>
    bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error);

    /// <summary>Closes a socket that no media worker adopted.</summary>
    void Release(int handle);
}
