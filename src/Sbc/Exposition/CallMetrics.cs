using Prometheus;
using Sbc.Engine.Worker;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of calls.</summary>
internal sealed class CallMetrics
{
    private static readonly CallResult[] Results = Enum.GetValues<CallResult>();
    private static readonly AuditFinding[] Findings = Enum.GetValues<AuditFinding>();
    private static readonly string[] FindingNames =
        ["call", "server_transaction", "client_transaction", "media", "counter"];

    private static readonly string[] ResultNames = ["answered", "busy", "no_answer", "cancelled", "rejected", "failed"];

    private readonly Server _server;
    private readonly SeenNames _names;
    private readonly Gauge _active;
    private readonly Counter _total;
    private readonly Counter _findings;
    private readonly SetupHistogram[] _setup;

    public CallMetrics(IMetricFactory factory, Server server, SeenNames names)
    {
        _server = server;
        _names = names;
        _active = factory.CreateGauge("sbc_calls_active", "Calls being set up or answered.");
        _total = factory.CreateCounter("sbc_calls_total", "Calls by route and result.", ["route", "result"]);
        _findings = factory.CreateCounter(
            "sbc_audit_findings_total", "What had no owner and was ended: 0 unless the program is wrong.", ["kind"]);
        Histogram histogram = factory.CreateHistogram(
            "sbc_call_setup_seconds", "Time from INVITE to the first ringing and to the answer.", ["stage"],
            new HistogramConfiguration
            {
                Buckets = [.. WorkerCounters.SetupBoundsMilliseconds.Select(bound => bound / 1000.0)],
            });
        _setup =
        [
            new SetupHistogram(histogram.WithLabels("ringing"), SetupStage.Ringing),
            new SetupHistogram(histogram.WithLabels("answer"), SetupStage.Answer),
        ];
    }

    public void Collect()
    {
        WorkerCounters[] workers = [.. _server.Workers.Signalling.Select(worker => worker.Counters)];
        foreach (AuditFinding finding in Findings)
            _findings.WithLabels(FindingNames[(int)finding]).IncTo(workers.Sum(worker => worker.Findings(finding)));
        _active.Set(_server.CallsActive);
        foreach ((string route, int row) in _names.Routes)
        {
            foreach (CallResult result in Results)
            {
                _total.WithLabels(route, ResultNames[(int)result])
                    .IncTo(workers.Sum(worker => worker.Calls(row, result)));
            }
        }
        foreach (SetupHistogram stage in _setup) stage.Collect(workers);
    }
}
