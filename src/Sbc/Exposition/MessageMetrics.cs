using System.Text;
using Prometheus;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Program.Serving;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of signalling messages, and each worker's sum law: received + handed in = verdicts.</summary>
internal sealed class MessageMetrics
{
    private static readonly SipMethod[] Methods = Enum.GetValues<SipMethod>();
    private static readonly DropReason[] Reasons =
        [.. Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None)];

    // What is parked has no verdict yet.
    private static readonly VerdictKind[] Verdicts =
        [.. Enum.GetValues<VerdictKind>().Where(kind => kind != VerdictKind.Parked)];

    private static readonly string[] VerdictNames = ["forwarded", "answered", "absorbed", "handed_over", "dropped"];

    private readonly Server _server;
    private readonly Counter _messagesIn;
    private readonly Counter _messagesOut;
    private readonly Counter _dropped;
    private readonly Counter _received;
    private readonly Counter _handed;
    private readonly Counter _verdicts;

    public MessageMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        string[] labels = ["realm", "transport", "method"];
        _messagesIn = factory.CreateCounter(
            "sbc_messages_received_total", "SIP messages received; a response by the method it answers.", labels);
        _messagesOut = factory.CreateCounter("sbc_messages_sent_total", "SIP messages sent.", labels);
        _dropped = factory.CreateCounter(
            "sbc_dropped_total", "Signalling packets that ended without effect, and messages not sent.",
            ["realm", "reason"]);
        _received = factory.CreateCounter(
            "sbc_packets_received_total", "Packets a signalling worker took from its sockets.", ["worker"]);
        _handed = factory.CreateCounter(
            "sbc_packets_handed_total", "Packets given to (out) and taken from (in) other workers.",
            ["worker", "direction"]);
        _verdicts = factory.CreateCounter(
            "sbc_verdicts_total", "How packets ended; their sum is received plus handed in.", ["worker", "verdict"]);
    }

    public void Collect()
    {
        WorkerCounters[] workers = [.. _server.Workers.Signalling.Select(worker => worker.Counters)];
        foreach (Realm realm in _server.Workers.Snapshots.Current.Realms) CollectRealm(realm, workers);
        for (int i = 0; i < workers.Length; i++)
        {
            string worker = $"sip-{i}";
            _received.WithLabels(worker).IncTo(workers[i].Received);
            _handed.WithLabels(worker, "in").IncTo(workers[i].HandedIn);
            _handed.WithLabels(worker, "out").IncTo(workers[i].Verdicts(VerdictKind.HandedOver));
            foreach (VerdictKind kind in Verdicts)
                _verdicts.WithLabels(worker, VerdictNames[(int)kind]).IncTo(workers[i].Verdicts(kind));
        }
    }

    private void CollectRealm(Realm realm, WorkerCounters[] workers)
    {
        foreach (SipMethod method in Methods)
        {
            string name = Encoding.ASCII.GetString(method.Name());
            _messagesIn.WithLabels(realm.Name, "udp", name)
                .IncTo(workers.Sum(worker => worker.MessagesIn(realm.Id, method)));
            _messagesOut.WithLabels(realm.Name, "udp", name)
                .IncTo(workers.Sum(worker => worker.MessagesOut(realm.Id, method)));
        }
        foreach (DropReason reason in Reasons)
        {
            _dropped.WithLabels(realm.Name, reason.Name())
                .IncTo(workers.Sum(worker => worker.Dropped(realm.Id, reason)));
        }
    }
}
