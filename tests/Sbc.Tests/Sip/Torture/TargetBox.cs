using System.Security.Cryptography;
using System.Text;
using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Tests.Engine;

namespace Sbc.Tests.Sip.Torture;

/// <summary>A box with a farm of one, a stranger who sends it bytes, and what became of them.</summary>
internal sealed class TargetBox : IDatagramSink
{
    // Without probes a quiet box has no timer and no transaction, so that what is left is seen.
    private const string Yaml = """
        realms:
          edge:
            listen: [udp://192.0.2.10:5060]
            media: {address: [192.0.2.10, "2001:db8::10"], ports: 20000-29999}
            limits: {calls_per_second: 100000, messages_per_second_per_source: 1000000, calls_max: 100000}
            answer_options: all
            strictness: tolerant
          core:
            trust: trusted
            listen: [udp://10.0.0.10:5060]
            media: {address: 10.0.0.10, ports: 20000-29999}
        peers:
          proxy-a: {realm: core, uri: "sip:10.0.0.21:5060"}
        groups:
          farm: {peers: [proxy-a], probe: {interval_seconds: 0}}
        registrar:
          domains: [example.com, "[2001:db8::10]", "[2001:db8::10:5070]"]
          users:
            - {user: j.user, password: secret}
            - {user: watson, password: secret}
            - {user: user, password: secret}
        routes:
          - {name: inbound, from: edge, to: farm}
        """;

    /// <summary>The registrar's domain, and the password of all.</summary>
    private const string Domain = "example.com";
    private const string Password = "secret";

    private static readonly TransportAddress Edge = Address.Of("192.0.2.10:5060");
    private static readonly TransportAddress Farm = Address.Of("10.0.0.21:5060");
    private static readonly TransportAddress Stranger = Address.Of("203.0.113.7:5060");
    private readonly VirtualSocket _stranger;
    private readonly VirtualSocket _silentFarm;
    private readonly List<Datagram> _sent = [];

    /// <summary>The farm only looks at what comes, and never answers, until <see cref="PlaceCall"/>.</summary>
    public TargetBox(ulong seed = 1, string strictness = "tolerant")
    {
        Simulator = new Simulator(seed);
        Box = new SimulatedBox(
            Simulator, Yaml.Replace("strictness: tolerant", $"strictness: {strictness}"), workers: 2);
        Simulator.Network.AddLocalAddress(Address.Of("[2001:db8::10]:1"));
        _stranger = Simulator.Network.Bind(Stranger, this);
        _silentFarm = Simulator.Network.Bind(Farm, this);
        Simulator.Network.Sent += datagram =>
        {
            if (datagram.From != Stranger && datagram.From != Farm) _sent.Add(datagram);
        };
    }

    public Simulator Simulator { get; }

    public SimulatedBox Box { get; }

    /// <summary>What the farm got when the last offer was forwarded.</summary>
    public byte[] Forwarded { get; private set; } = [];

    /// <summary>Sends the bytes to the edge and does not wait.</summary>
    public void Send(byte[] bytes) => _stranger.Send(Edge, bytes);

    /// <summary>What the stranger was last answered; empty: nothing.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>
    /// Sends the bytes to the edge. FWD, SILENT, or the code of the first answer that is not 100; a challenge of the
    /// registrar's is answered, where a user can be written into credentials at all.
    /// </summary>
    public string Offer(byte[] bytes)
    {
        string verdict = OfferAsItIs(bytes);
        string text = Encoding.Latin1.GetString(bytes);
        bool isAnswered = verdict == "401" && text.StartsWith("REGISTER ", StringComparison.Ordinal) &&
            !text.Contains("sip:null-%00", StringComparison.Ordinal);
        return isAnswered ? OfferAsItIs(WithCredentials(text)) : verdict;
    }

    private byte[] WithCredentials(string text)
    {
        string user = text.Split("To: sip:")[1].Split('@')[0];
        string uri = text.Split(' ')[1];
        string nonce = Answer.Split("nonce=\"")[1].Split('"')[0];
        string response = Hash($"{Hash($"{user}:{Domain}:{Password}")}:{nonce}:00000001:c:auth:"
            + Hash($"REGISTER:{uri}"));
        int end = text.IndexOf('\n') + 1;
        return Encoding.Latin1.GetBytes(text.Insert(end,
            $"Authorization: Digest username=\"{user}\", realm=\"{Domain}\", nonce=\"{nonce}\", uri=\"{uri}\", "
            + $"response=\"{response}\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"\r\n"));
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text)));

    private string OfferAsItIs(byte[] bytes)
    {
        Answer = "";
        _sent.Clear();
        Send(bytes);
        Simulator.RunFor(400);
        foreach (Datagram datagram in _sent)
        {
            if (datagram.To == Farm)
            {
                Forwarded = datagram.Bytes;
                return "FWD";
            }
            string code = datagram.Text.Substring(8, 3);
            if (code == "100") continue;
            Answer = datagram.Text;
            return code;
        }
        return "SILENT";
    }

    /// <summary>An ordinary call after whatever came before, to a farm that answers now: its final status.</summary>
    public int PlaceCall()
    {
        _silentFarm.Close();
        var proxy = new FarmProxy(Simulator, "proxy-a", Farm, _ => new AnswerScript());
        // A peer that was silent counts as down until two probes were answered.
        Box.Publish(Yaml.Replace("interval_seconds: 0", "interval_seconds: 10"));
        Simulator.RunFor(60_000);
        Box.Publish(Yaml);
        var caller = new Caller(Simulator, "afterwards", Address.Of("203.0.113.99:5060"), Edge);
        OutgoingCall call = caller.Place(new CallScript { HangUpAfter = 500 });
        Simulator.RunFor(120_000);
        Check.That(proxy.CallsAlive == 0);
        return call.FinalStatus;
    }

    /// <summary>The laws that do not hold, of those for a box that has become quiet.</summary>
    public IEnumerable<string> Broken() => Box.Laws.Where(law => !law.Holds()).Select(law => law.What);

    public void Received(Datagram datagram)
    {
    }

    public void Unreachable(TransportAddress to, byte[] quoted)
    {
    }
}
