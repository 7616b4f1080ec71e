using System.Numerics;
using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>Messages on their way out of one worker: written into slots, sent in one batch for each port.</summary>
public sealed class Outbox
{
    private readonly PacketPool _pool = new(Limits.SendSlots);
    private readonly IPacketPort?[] _ports;
    private readonly int[] _realmOfPort;
    private readonly int[][] _slots;
    private readonly int[] _counts;
    private readonly WorkerCounters _counters;
    private ulong _waiting;
    private int _open = -1;

    /// <param name="ports">By listener; null where there is none now.</param>
    public Outbox(IPacketPort?[] ports, WorkerCounters counters)
    {
        _ports = ports;
        _realmOfPort = new int[ports.Length];
        _counters = counters;
        _slots = new int[ports.Length][];
        for (int i = 0; i < ports.Length; i++) _slots[i] = new int[Limits.SendSlots];
        _counts = new int[ports.Length];
    }

    /// <summary>Learns whose ports they are, between two turns.</summary>
    public void Adopt(Listener[] listeners)
    {
        for (int i = 0; i < listeners.Length; i++) _realmOfPort[i] = listeners[i].RealmId;
    }

    /// <summary>
    /// Space for one message; take it with <see cref="Commit"/> or open another, which forgets this one.
    /// </summary>
    public Span<byte> Open()
    {
        if (_open < 0)
        {
            if (_pool.Free == 0) Flush();
            Check.That(_pool.TryRent(out _open));
        }
        return _pool.Bytes(_open)[..SipLimitsBytes];
    }

    /// <summary>Sends the opened message with this turn's batch. Its bytes stay readable until the next Open.</summary>
    public void Commit(int length, int listener, in TransportAddress remote, SipMethod method)
    {
        Check.That(_open >= 0 && length > 0);
        ref PacketHeader header = ref _pool.Header(_open);
        header.Length = length;
        header.Port = listener;
        header.Remote = remote;
        _slots[listener][_counts[listener]++] = _open;
        _waiting |= 1UL << listener;
        _counters.CountSent(_realmOfPort[listener], method);
        _open = -1;
    }

    /// <summary>Sends bytes that are stored elsewhere.</summary>
    public void Send(ReadOnlySpan<byte> message, int listener, in TransportAddress remote, SipMethod method)
    {
        message.CopyTo(Open());
        Commit(message.Length, listener, remote, method);
    }

    public void Flush()
    {
        for (; _waiting != 0; _waiting &= _waiting - 1)
        {
            int port = BitOperations.TrailingZeroCount(_waiting);
            int count = _counts[port];
            ReadOnlySpan<int> slots = _slots[port].AsSpan(0, count);
            // A listener is closed when nothing alive names it; what comes after that finds nobody.
            int sent = _ports[port]?.Send(_pool, slots) ?? 0;
            for (int i = sent; i < count; i++) _counters.CountDropped(_realmOfPort[port], DropReason.SendFailed);
            foreach (int slot in slots) _pool.Return(slot);
            _counts[port] = 0;
        }
    }

    // A datagram cannot carry more (RFC 768), so that what does not fit overflows the writer and not the network.
    private const int SipLimitsBytes = 65_507;
}
