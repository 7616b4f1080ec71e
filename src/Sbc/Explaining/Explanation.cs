using System.Security.Cryptography;
using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Program.Serving;
using Sbc.Runtime;
using Sbc.Sip;
using Sbc.Sip.Message;

namespace Sbc.Program.Explaining;

/// <summary>What would happen to one message: a worker of the real kind gets it over ports that lead nowhere.</summary>
/// <remarks>All peers count as up, no call is there, and nothing of a running box is known or touched.</remarks>
internal sealed class Explanation
{
    private readonly SbcConfig _config;
    private readonly ExplainedPort[] _ports;
    private readonly Workers _workers;

    /// <param name="config">Valid.</param>
    /// <param name="locations">Of peers that are given by name.</param>
    public Explanation(SbcConfig config, IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>> locations)
    {
        _config = config;
        TransportAddress[] bound = [.. config.Realms.SelectMany(realm => realm.Listen).Select(l => l.Address)];
        _ports = [.. bound.Select(address => new ExplainedPort(address))];
        var media = new ExplainedMedia();
        bool anchors = config.Realms.Any(realm => realm.Media is not null);
        var cells = new SharedCells { LocalOffsetMicroseconds = ControlThread.LocalOffset(Now) };
        _workers = new Workers(
            new WorkerGround
            {
                SignallingWorkers = 1,
                Ports = [[.. _ports]],
                MediaPorts = anchors ? [media] : [],
                Binder = media,
                Doorbells = [new Doorbell(new NoWakeSignal()), new Doorbell(new NoWakeSignal())],
                Keys = [.. Enumerable.Range(0, 5)
                    .Select(_ => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))],
                Start = Now,
            },
            new SnapshotCell<Snapshot>(new SnapshotBuilder().Build(config, bound, locations)),
            cells);
    }

    private static Instant Now { get; } = new(1_000_000_000_000);

    /// <summary>Writes what happens. True: forwarded or answered; false: refused or dropped.</summary>
    /// <param name="realm">Where it comes in.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="message">As it is on the wire.</param>
    /// <param name="output">Gets the explanation.</param>
    public bool Write(RealmConfig realm, TransportAddress source, byte[] message, TextWriter output)
    {
        Snapshot snapshot = _workers.Snapshots.Current;
        SignallingWorker worker = _workers.Signalling[0];
        Realm compiled = snapshot.Realms.First(r => r.Name == realm.Name);
        if (compiled.ListenerFor(source) is not { } listener)
        {
            output.WriteLine($"realm {realm.Name} has no listener of the source's family");
            return false;
        }
        Peer? peer = snapshot.PeerLookup.Find(compiled.Id, source);
        output.WriteLine($"from: realm {realm.Name}, {source}, {(peer is null ? "no peer" : $"peer {peer.Name}")}");
        Rule(message, new Origin(source, listener.Index, compiled, peer), worker, output);
        _ports[listener.Index].Deliver(message, source);
        worker.Turn(Now, 1UL << listener.Index);
        return Outcome(snapshot, compiled, worker, output);
    }

    private static void Rule(byte[] bytes, in Origin origin, SignallingWorker worker, TextWriter output)
    {
        var message = new SipMessage();
        if (bytes.Length > SipLimits.MessageBytesMax || message.Parse(bytes, 0, bytes.Length) != ParseError.None ||
            !message.IsRequest) return;
        Route? route = worker.Workspace.Match(message, origin, message.RequestUri);
        string mode = route is { Forwards: true } ? "forward" : "call";
        output.WriteLine(route is null ? "route: none matches" : $"route: {route.Name}, mode {mode}");
    }

    private bool Outcome(Snapshot snapshot, Realm realm, SignallingWorker worker, TextWriter output)
    {
        bool good = false;
        int sent = 0;
        for (int i = 0; i < _ports.Length; i++)
        {
            foreach ((TransportAddress to, byte[] bytes) in _ports[i].Sent)
            {
                sent++;
                var message = new SipMessage();
                message.Parse(bytes, 0, bytes.Length);
                good |= message.IsRequest || message.StatusCode is >= 200 and < 300;
                string what = message.IsRequest ? "forwarded" : message.StatusCode < 300 ? "answered" : "refused";
                string name = snapshot.PeerLookup.Find(snapshot.Listeners[i].RealmId, to) is { } peer
                    ? $"peer {peer.Name}, " : "";
                output.WriteLine($"{what}: to {name}{to} from {_ports[i].Local}");
                output.WriteLine();
                output.WriteLine(Encoding.UTF8.GetString(bytes).TrimEnd());
                output.WriteLine();
            }
        }
        if (sent > 0) return good;
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            if (worker.Counters.Dropped(realm.Id, reason) == 0) continue;
            output.WriteLine($"dropped: {reason.Name()}");
            return false;
        }
        output.WriteLine("absorbed: nothing is sent");
        return true;
    }
}
