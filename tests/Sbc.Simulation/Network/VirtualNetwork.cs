using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>How a killed host answers datagrams.</summary>
public enum KilledHost
{
    /// <summary>The machine is gone.</summary>
    Silent,

    /// <summary>The machine is up and the program is not: ICMP port unreachable.</summary>
    PortUnreachable,
}

/// <summary>Datagrams between bound sockets; delay, loss, duplication and order are drawn from the seed.</summary>
public sealed class VirtualNetwork
{
    /// <summary>A router quotes 576 bytes with its own headers (RFC 1812 4.3.2.3): this much of a payload.</summary>
    public const int QuotedBytesMax = 520;

    private const int ErrnoInUse = 98;
    private const int ErrnoNotAvailable = 99;
    private const int DefaultBufferBytes = 212_992;

    private bool _everKilled;
    private readonly Simulator _simulator;
    private readonly Xoshiro _random;
    private readonly Dictionary<TransportAddress, List<VirtualSocket>> _sockets = [];
    private readonly NetworkPaths _paths;
    private readonly Dictionary<TransportAddress, KilledHost> _killed = [];
    private readonly HashSet<(string, string)> _partitions = [];
    private readonly HashSet<TransportAddress> _localAddresses = [];
    private readonly ulong _groupKey;
    private int _ephemeral = 32_768;

    internal VirtualNetwork(Simulator simulator)
    {
        _simulator = simulator;
        _random = simulator.Random.Fork();
        _groupKey = _random.Next();
        _paths = new NetworkPaths(_random);
    }

    /// <summary>Told of every datagram that was sent, before its fate is drawn.</summary>
    public event Action<Datagram>? Sent;

    /// <summary>The last datagrams, for failure messages.</summary>
    public Wiretap Wiretap { get; } = new();

    public long DatagramsSent { get; private set; }

    public long DatagramsLost { get; private set; }

    public long DatagramsDuplicated { get; private set; }

    /// <summary>Arrived where nothing was bound, or at a killed or partitioned host.</summary>
    public long DatagramsUnclaimed { get; private set; }

    public int InFlight { get; private set; }

    /// <summary>FNV-1a over time, addresses and bytes of everything sent: equal for equal seeds.</summary>
    public ulong TraceHash { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>Whether a datagram to an unbound port of a live host is answered by an ICMP port unreachable.</summary>
    public bool UnboundIsUnreachable { get; set; }

    /// <summary>Names a network and how it treats datagrams. Hosts of no network have a perfect one.</summary>
    /// <param name="prefixes">As 192.0.2.0/24; hosts of several prefixes may be one network.</param>
    public void AddNetwork(string name, NetworkProfile profile, params ReadOnlySpan<string> prefixes)
    {
        foreach (string prefix in prefixes) _paths.Add(name, profile, prefix);
    }

    /// <summary>Whether what is sent between these arrives once and in order.</summary>
    public bool IsInOrder(in TransportAddress from, in TransportAddress to) => _paths.IsInOrder(from, to);

    /// <summary>Whether everything that is sent arrives once and in order, and no host was ever dead.</summary>
    public bool LosesNothing => !_everKilled && _paths.AllInOrder;

    public string NetworkName(in TransportAddress host) => _paths.NetworkOf(host).Name;

    /// <summary>Binds an agent.</summary>
    public VirtualSocket Bind(in TransportAddress local, IDatagramSink sink) =>
        TryOpen(local, sink, false, DefaultBufferBytes, out VirtualSocket? socket, out _)
            ? socket
            : throw _simulator.Failure($"{local} is taken");

    /// <summary>Makes binding fail with EADDRNOTAVAIL elsewhere; without any call, all are available.</summary>
    public void AddLocalAddress(in TransportAddress address) => _localAddresses.Add(address.WithPort(0));

    /// <param name="host">With port 0 every socket of the address, else that one transport address.</param>
    public void Kill(in TransportAddress host, KilledHost how)
    {
        _everKilled = true;
        _killed[host] = how;
    }

    public void Revive(in TransportAddress host) => _killed.Remove(host);

    /// <summary>No datagram passes between hosts of these two networks, in neither direction.</summary>
    public void Partition(string network, string other)
    {
        _partitions.Add((network, other));
        _partitions.Add((other, network));
    }

    public void Heal() => _partitions.Clear();

    internal Xoshiro ForkRandom() => _random.Fork();

    internal bool TryOpen(
        in TransportAddress local,
        IDatagramSink? sink,
        bool reusePort,
        int bufferBytes,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VirtualSocket? socket,
        out int error)
    {
        socket = null;
        error = ErrnoNotAvailable;
        if (sink == null && _localAddresses.Count > 0 && !_localAddresses.Contains(local.WithPort(0))) return false;
        TransportAddress bound = local.Port == 0 ? FreePort(local) : local;
        error = ErrnoInUse;
        if (!_sockets.TryGetValue(bound, out List<VirtualSocket>? group)) _sockets[bound] = group = [];
        else if (!reusePort) return false;
        error = 0;
        socket = new VirtualSocket(this, bound, sink, bufferBytes);
        group.Add(socket);
        return true;
    }

    internal void Unbind(VirtualSocket socket)
    {
        List<VirtualSocket> group = _sockets[socket.Local];
        group.Remove(socket);
        if (group.Count == 0) _sockets.Remove(socket.Local);
    }

    internal void Send(VirtualSocket from, in TransportAddress to, byte[] bytes)
    {
        if (IsKilled(from.Local, out _)) return;
        var datagram = new Datagram(_simulator.Now, from.Local, to, bytes);
        DatagramsSent++;
        Wiretap.Record(datagram);
        Hash(datagram);
        Sent?.Invoke(datagram);
        Transport(datagram);
    }

    internal void Arrive(Datagram datagram)
    {
        InFlight--;
        if (IsPartitioned(datagram.From, datagram.To))
        {
            DatagramsUnclaimed++;
            return;
        }
        if (IsKilled(datagram.To, out KilledHost how))
        {
            DatagramsUnclaimed++;
            if (how == KilledHost.PortUnreachable) SendError(datagram);
            return;
        }
        if (_sockets.TryGetValue(datagram.To, out List<VirtualSocket>? group))
        {
            group[PickOfGroup(group.Count, datagram.From)].Arrive(datagram);
            return;
        }
        DatagramsUnclaimed++;
        if (UnboundIsUnreachable) SendError(datagram);
    }

    internal void ArriveError(in TransportAddress sender, in TransportAddress to, byte[] quoted)
    {
        InFlight--;
        if (IsKilled(sender, out _) || !_sockets.TryGetValue(sender, out List<VirtualSocket>? group)) return;
        // Under SO_REUSEPORT the kernel looks a socket up for an error as for a datagram; any of the group may get it.
        group[(int)_random.Below(group.Count)].ArriveError(to, quoted);
    }

    private void SendError(Datagram datagram)
    {
        byte[] quoted = datagram.Bytes.Length <= QuotedBytesMax ? datagram.Bytes : datagram.Bytes[..QuotedBytesMax];
        InFlight++;
        _simulator.Add(
            new IcmpDelivery(this, datagram.From, datagram.To, quoted),
            _simulator.Now.AddMicroseconds(_paths.DrawDelay(datagram.To, datagram.From, _simulator.Now)));
    }

    private void Transport(Datagram datagram)
    {
        if (_paths.DrawLoss(datagram.From, datagram.To))
        {
            DatagramsLost++;
            return;
        }
        Deliver(datagram);
        if (!_paths.DrawDuplicate(datagram.From, datagram.To)) return;
        DatagramsDuplicated++;
        Deliver(datagram);
    }

    private void Deliver(Datagram datagram)
    {
        InFlight++;
        Instant now = _simulator.Now;
        _simulator.Add(
            new Delivery(this, datagram),
            now.AddMicroseconds(_paths.DrawDelay(datagram.From, datagram.To, now)));
    }

    private bool IsKilled(in TransportAddress host, out KilledHost how)
    {
        how = default;
        if (_killed.Count == 0) return false;
        return _killed.TryGetValue(host, out how) || _killed.TryGetValue(host.WithPort(0), out how);
    }

    private bool IsPartitioned(in TransportAddress from, in TransportAddress to) =>
        _partitions.Count > 0 && _partitions.Contains((NetworkName(from), NetworkName(to)));

    private int PickOfGroup(int count, in TransportAddress from)
    {
        if (count == 1) return 0;
        ulong mixed = (from.Low ^ (from.High * 31) ^ ((ulong)from.Port << 40) ^ _groupKey) * 0x9E3779B97F4A7C15;
        return (int)((mixed >> 32) % (ulong)count);
    }

    private TransportAddress FreePort(in TransportAddress local)
    {
        TransportAddress candidate;
        do
        {
            candidate = local.WithPort(_ephemeral);
            _ephemeral = _ephemeral == 60_999 ? 32_768 : _ephemeral + 1;
        }
        while (_sockets.ContainsKey(candidate));
        return candidate;
    }

    private void Hash(Datagram datagram)
    {
        ulong hash = TraceHash;
        Mix(ref hash, (ulong)datagram.SentAt.Microseconds);
        Mix(ref hash, datagram.From.Low ^ datagram.From.High);
        Mix(ref hash, datagram.To.Low ^ datagram.To.High);
        Mix(ref hash, ((ulong)datagram.From.Port << 16) | datagram.To.Port);
        ReadOnlySpan<byte> bytes = datagram.Bytes;
        ReadOnlySpan<ulong> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) Mix(ref hash, word);
        foreach (byte b in bytes[(words.Length * 8)..]) Mix(ref hash, b);
        TraceHash = hash;
    }

    private static void Mix(ref ulong hash, ulong value) => hash = (hash ^ value) * 1_099_511_628_211;

    /// <summary>Counters for a report.</summary>
    public override string ToString() => new StringBuilder()
        .Append($"datagrams sent {DatagramsSent}, lost {DatagramsLost}, duplicated {DatagramsDuplicated}")
        .Append($", unclaimed {DatagramsUnclaimed}")
        .ToString();
}
