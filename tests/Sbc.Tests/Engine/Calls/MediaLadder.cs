using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>A box whose realms anchor media, and ends that hear what the relay sends them.</summary>
public abstract class MediaLadder : CallLadder
{
    protected const string CoreAddress = "10.0.0.10";
    protected const string EdgeAddress = "192.0.2.10";

    private const string EdgeMedia = "media: {address: 192.0.2.10, ports: 20000-20100, quarantine_ms: 100}";
    private const string CoreMedia = "media: {address: 10.0.0.10, ports: 30000-30100, quarantine_ms: 100}";

    private readonly Dictionary<string, Ear> _ears = [];
    private int _exchanges;

    protected MediaLadder(string edge = EdgeMedia, string core = CoreMedia, string inbound = "to: farm",
        string trust = "trusted")
        : base(edge: edge, inbound: inbound, core: core, trust: trust)
    {
    }

    protected int Streams => Box.Workers.Signalling.Sum(worker => worker.Parts.Media.StreamCount);

    protected long Dropped(DropReason reason) => Box.Workers.Signalling.Sum(worker =>
        Enumerable.Range(0, 2).Sum(realm => worker.Counters.Dropped(realm, reason)));

    /// <summary>A description with its Content-Type; the lines of its media.</summary>
    protected static string Sdp(string host, string media, int version = 1, string type = "application/sdp") => $"""
        Content-Type: {type}

        {Text(host, media, version)}
        """;

    protected static string Text(string host, string media, int version = 1)
    {
        string family = host.Contains(':') ? "IP6" : "IP4";
        return $"v=0\no=- 7 {version} IN {family} {host}\ns=-\nc=IN {family} {host}\nt=0 0\n{media}";
    }

    protected static string Alice(string media, int version = 1) => Sdp("203.0.113.7", media, version);

    protected static string Bob(string media, int version = 1) => Sdp("10.0.0.21", media, version);

    /// <summary>INVITE and 200 with descriptions, ACK. What each end is sent is matched with its pattern.</summary>
    protected void Call(string offer, string offered, string answer, string answered)
    {
        Ladder.Run(Invite(offer) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2 INVITE", "INVITE sip:bob@{proxy.host} SIP/2.0", "\n" + offered));
        Ladder.Run(Response(
            "proxy", "core", "F2", "200 OK", "F3", "{+bobtag}", "Contact: <sip:bob@{proxy}>\n" + answer));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "\n" + answered));
        Ladder.Run(FromAlice("ACK", "F5", 1));
        Ladder.Run(Expect("proxy", "core", "F6 ACK", "ACK sip:bob@{proxy} SIP/2.0", "CSeq: 1 ACK"));
    }

    /// <summary>A re-INVITE of alice, answered by the proxy with a status.</summary>
    protected void Reinvite(int cseq, string offer, string offered, string status, string answer, string answered)
    {
        string q = $"R{++_exchanges}";
        Ladder.Run(FromAlice("INVITE", $"{q}a", cseq, "Contact: <sip:alice@{alice}>\n" + offer));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", $"{q}b", "INVITE sip:bob@{proxy} SIP/2.0", "\n" + offered));
        Ladder.Run(Response("proxy", "core", $"{q}b", status, $"{q}c", "", "Contact: <sip:bob@{proxy}>\n" + answer));
        Ladder.Run(Expect("alice", "box", $"{q}d", $"SIP/2.0 {status[..3]} *", "\n" + answered));
        if (status[0] != '2')
        {
            Ladder.Run("proxy <- core: A\n  ACK *");
            Ladder.Run("alice -> box: A\n  ACK {F4.ContactUri} SIP/2.0\n  [" + q + "a Via From Call-ID]\n" +
                "  To: {F4.To}\n  Max-Forwards: 70\n  CSeq: " + cseq + " ACK");
            return;
        }
        Ladder.Run(FromAlice("ACK", $"{q}e", cseq) + "\n" + Expect("proxy", "core", $"{q}f", "ACK *"));
    }

    /// <summary>A socket of a phone or a gateway.</summary>
    protected Ear At(string address)
    {
        if (!_ears.TryGetValue(address, out Ear? ear)) _ears.Add(address, ear = new Ear(Simulator, address));
        return ear;
    }

    /// <summary>What one socket hears when another one sends to a port of the box.</summary>
    protected int Heard(string at, string from, string to, byte type = 0x80)
    {
        Ear ear = At(at), mouth = At(from);
        int before = ear.Count;
        for (int i = 0; i < 3; i++) mouth.Send(to, type);
        Simulator.RunFor(100);
        return ear.Count - before;
    }

    protected sealed class Ear : IDatagramSink
    {
        private readonly VirtualSocket _socket;
        private ushort _sequence;

        public Ear(Simulator simulator, string address)
        {
            _socket = simulator.Network.Bind(Address.Of(address), this);
        }

        public int Count => All.Count;

        public List<byte[]> All { get; } = [];

        public byte[] Last => All[^1];

        public void Send(string to, byte[] datagram) => _socket.Send(Address.Of(to), datagram);

        public void Send(string to, byte type)
        {
            byte[] packet = new byte[172];
            packet[0] = type;
            _sequence++;
            (packet[2], packet[3], packet[8]) = ((byte)(_sequence >> 8), (byte)_sequence, (byte)_socket.Local.Port);
            _socket.Send(Address.Of(to), packet);
        }

        /// <summary>A sender report (RFC 3550 6.4.1).</summary>
        public void Report(string to)
        {
            byte[] report = new byte[28];
            (report[0], report[1], report[3], report[4]) = (0x80, 200, 6, (byte)_socket.Local.Port);
            _socket.Send(Address.Of(to), report);
        }

        public void Received(Datagram datagram) => All.Add(datagram.Bytes);

        public void Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }
}
