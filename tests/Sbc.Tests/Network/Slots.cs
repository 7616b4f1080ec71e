using Sbc.Network;
using Sbc.Runtime;

namespace Sbc.Tests.Network;

/// <summary>A pool with all its slots rented, and the ways a test fills and reads them.</summary>
internal sealed class Slots
{
    public Slots(int count, int slotBytes = 2048)
    {
        Pool = new PacketPool(count, slotBytes);
        All = new int[count];
        for (int i = 0; i < count; i++) Check.That(Pool.TryRent(out All[i]));
    }

    public PacketPool Pool { get; }

    public int[] All { get; }

    public ref PacketHeader Header(int i) => ref Pool.Header(All[i]);

    public byte[] Bytes(int i) => Pool.Datagram(All[i]).ToArray();

    /// <summary>Makes the i-th slot a datagram of these bytes to this address.</summary>
    public void Fill(int i, in TransportAddress to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Pool.Bytes(All[i]));
        Pool.Header(All[i]).Length = bytes.Length;
        Pool.Header(All[i]).Remote = to;
    }

    /// <summary>Receives until this many datagrams have come, waiting for each at most five seconds.</summary>
    public int ReceiveFrom(UdpPort port, int count)
    {
        using var poll = new Epoll(1);
        poll.Add(port.PollDescriptor, 1, 0);
        int got = 0;
        for (int waits = 0; got < count && waits < count + 10; waits++)
        {
            if (poll.Wait(5_000_000, 1) == 0) break;
            got += port.Receive(Pool, All.AsSpan(got));
        }
        return got;
    }

    /// <summary>Waits for EPOLLERR as the host loop does, then takes the errors.</summary>
    public int ErrorsOf(UdpPort port)
    {
        using var poll = new Epoll(1);
        poll.Add(port.PollDescriptor, 1, 0);
        if (poll.Wait(5_000_000, 1) == 1 && (poll.Flags(0) & 8) != 0) port.HintError();
        return port.ReceiveErrors(Pool, All);
    }
}
