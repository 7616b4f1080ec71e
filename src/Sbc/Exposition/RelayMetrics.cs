using Prometheus;
using Sbc.Engine.Registrations;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of the cache in front of a core registrar.</summary>
internal sealed class RelayMetrics
{
    private static readonly string[] Names = ["answered", "relayed", "deferred"];

    private readonly Server _server;
    private readonly Counter _total;

    public RelayMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        _total = factory.CreateCounter(
            "sbc_registrations_total", "REGISTERs in front of a core registrar, by where they were answered: here, "
            + "there, or later.", ["result"]);
    }

    public void Collect()
    {
        foreach (RegistrationResult result in Enum.GetValues<RegistrationResult>())
        {
            _total.WithLabels(Names[(int)result]).IncTo(
                _server.Workers.Signalling.Sum(worker => worker.Counters.Registrations(result)));
        }
    }
}
