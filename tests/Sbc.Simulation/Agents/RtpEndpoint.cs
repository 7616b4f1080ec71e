using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Simulation;

public sealed class RtpCounters
{
    public long Sent { get; internal set; }

    public long Received { get; internal set; }

    /// <summary>Sequence numbers between the first and the last received that never came.</summary>
    public long Lost { get; internal set; }

    /// <summary>Numbers before the first that was received: what a latch swallowed.</summary>
    public long LostAtStart { get; internal set; }

    public long Duplicates { get; internal set; }

    /// <summary>Of another call, of our own leg, or no RTP of ours at all.</summary>
    public long Wrong { get; internal set; }

    public long ReportsSent { get; internal set; }

    public long ReportsReceived { get; internal set; }

    /// <summary>What a NAT dropped because nothing had been sent to where it came from.</summary>
    public long NatDropped { get; internal set; }

    public void Add(RtpCounters other)
    {
        Sent += other.Sent;
        Received += other.Received;
        Lost += other.Lost;
        LostAtStart += other.LostAtStart;
        Duplicates += other.Duplicates;
        Wrong += other.Wrong;
        ReportsSent += other.ReportsSent;
        ReportsReceived += other.ReportsReceived;
        NatDropped += other.NatDropped;
    }

    public override string ToString() =>
        $"RTP sent {Sent}, received {Received}, lost {Lost} (at start {LostAtStart}), duplicates {Duplicates}, "
        + $"wrong {Wrong}, RTCP sent {ReportsSent}, received {ReportsReceived}, dropped by NAT {NatDropped}";
}

/// <summary>One end of an audio stream: 50 packets a second that say which call and leg they belong to.</summary>
public sealed class RtpEndpoint
{
    private const long PacketMilliseconds = 20;
    private const int PacketsBetweenReports = 250;
    private const int PayloadBytes = 160;
    private const int HeaderBytes = 12;

    // Beyond the numbers of calls.
    private const long LineStep = 1_000_000_000_000;

    private readonly UserAgent _agent;
    private readonly long _call;
    private readonly char _leg;
    private readonly uint _ssrc;
    private readonly HashSet<long> _seen = [];
    private readonly HashSet<TransportAddress> _contacted = [];
    private readonly List<RtpEndpoint> _lines = [];
    private readonly VirtualSocket _rtp;
    private readonly VirtualSocket _rtcp;
    private VirtualTimer? _timer;
    private TransportAddress _target;
    private long _number;
    private long _first = long.MaxValue;
    private long _last = -1;
    private bool _closed;

    /// <param name="agent">Whose address it has.</param>
    /// <param name="call">The number every packet carries.</param>
    /// <param name="leg">'A' or 'B'; what arrives must be of the other.</param>
    public RtpEndpoint(UserAgent agent, long call, char leg)
    {
        _agent = agent;
        _call = call;
        _leg = leg;
        _ssrc = (uint)agent.Random.Next();
        int port = agent.NextMediaPort();
        _rtp = agent.Simulator.Network.Bind(agent.Local.WithPort(port), new Sink(this, false));
        _rtcp = agent.Simulator.Network.Bind(agent.Local.WithPort(port + 1), new Sink(this, true));
        Written = agent.Written.WithPort(port);
    }

    /// <summary>What the SDP says.</summary>
    public TransportAddress Written { get; }

    public TransportAddress Local => _rtp.Local;

    public bool IsStopped => _closed;

    public RtpCounters Counters { get; } = new();

    /// <summary>The end of another line of the same call. It ends with this one, and counts with it.</summary>
    public RtpEndpoint OpenLine(int line)
    {
        var endpoint = new RtpEndpoint(_agent, _call + (line * LineStep), _leg);
        _lines.Add(endpoint);
        return endpoint;
    }

    /// <summary>Sends to there from now on.</summary>
    public void SetTarget(in TransportAddress target)
    {
        _target = target;
        if (_closed) return;
        _timer ??= _agent.Simulator.After(0, Tick);
    }

    /// <summary>Sends no more; what is under way still counts until <see cref="Close"/>.</summary>
    public void Stop()
    {
        _timer?.Cancel();
        _closed = true;
        foreach (RtpEndpoint line in _lines) line.Stop();
    }

    public void Close()
    {
        Stop();
        if (_rtp.Closed) return;
        _rtp.Close();
        _rtcp.Close();
        if (_last >= 0)
        {
            Counters.LostAtStart = _first;
            Counters.Lost = _last - _first + 1 - _seen.Count;
        }
        foreach (RtpEndpoint line in _lines)
        {
            line.Close();
            Counters.Add(line.Counters);
        }
    }

    private void Tick()
    {
        byte[] packet = new byte[HeaderBytes + PayloadBytes];
        packet[0] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)_number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(_number * PayloadBytes));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), _ssrc);
        WriteMark(packet.AsSpan(HeaderBytes));
        Contact(_target);
        _rtp.Send(_target, packet);
        Counters.Sent++;
        if (_number % PacketsBetweenReports == 0) SendReport();
        _number++;
        _timer = _agent.Simulator.After(PacketMilliseconds, Tick);
    }

    // An SR (RFC 3550 6.4.1) with our mark where the sender's counts are.
    private void SendReport()
    {
        byte[] report = new byte[28];
        report[0] = 0x80;
        report[1] = 200;
        BinaryPrimitives.WriteUInt16BigEndian(report.AsSpan(2), 6);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(4), _ssrc);
        WriteMark(report.AsSpan(8));
        TransportAddress target = _target.WithPort(_target.Port + 1);
        Contact(target);
        _rtcp.Send(target, report);
        Counters.ReportsSent++;
    }

    private void WriteMark(Span<byte> mark)
    {
        BinaryPrimitives.WriteInt64BigEndian(mark, _call);
        BinaryPrimitives.WriteInt64BigEndian(mark[8..], (_number << 8) | _leg);
    }

    private void Contact(in TransportAddress target)
    {
        if (_agent.BehindNat) _contacted.Add(target);
    }

    private void Receive(Datagram datagram, bool report)
    {
        if (_agent.BehindNat && !_contacted.Contains(datagram.From))
        {
            Counters.NatDropped++;
            return;
        }
        ReadOnlySpan<byte> bytes = datagram.Bytes;
        int headerBytes = report ? 8 : HeaderBytes;
        if (bytes.Length < headerBytes + 16 || bytes[0] != 0x80 || (report && bytes[1] != 200))
        {
            Counters.Wrong++;
            return;
        }
        long call = BinaryPrimitives.ReadInt64BigEndian(bytes[headerBytes..]);
        long mark = BinaryPrimitives.ReadInt64BigEndian(bytes[(headerBytes + 8)..]);
        if (call != _call || (char)(mark & 0xFF) == _leg)
        {
            if (Counters.Wrong++ == 0)
            {
                _agent.Violation($"RTP of call {Name(call)}, leg {(char)(mark & 0xFF)}, at call {Name(_call)}, "
                    + $"leg {_leg}, {Local}, from {datagram.From}");
            }
            return;
        }
        if (report) Counters.ReportsReceived++;
        else Count(mark >> 8);
    }

    private static string Name(long call) => $"{call % LineStep}, line {call / LineStep}";

    private void Count(long number)
    {
        if (!_seen.Add(number))
        {
            Counters.Duplicates++;
            return;
        }
        Counters.Received++;
        _first = Math.Min(_first, number);
        _last = Math.Max(_last, number);
    }

    private sealed class Sink(RtpEndpoint endpoint, bool report) : IDatagramSink
    {
        public void Received(Datagram datagram) => endpoint.Receive(datagram, report);

        // RTP goes on after an ICMP error; only signalling ends a call.
        public void Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }
}
