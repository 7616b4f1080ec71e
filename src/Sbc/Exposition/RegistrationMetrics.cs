using Prometheus;
using Sbc.Engine.Routing;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of the registrar and of who proves to be who.</summary>
internal sealed class RegistrationMetrics
{
    private readonly Server _server;
    private readonly Gauge _active;
    private readonly Counter _failures;
    private readonly Counter _unheard;
    private readonly Counter _storeErrors;
    private readonly Counter _stored;

    public RegistrationMetrics(IMetricFactory factory, Server server)
    {
        _server = server;
        _active = factory.CreateGauge("sbc_registrations_active", "Bindings that have not expired.");
        _failures = factory.CreateCounter(
            "sbc_auth_failures_total", "Credentials with a wrong password or of an unknown user.", ["realm"]);
        _unheard = factory.CreateCounter(
            "sbc_auth_unheard_total", "Credentials that were not looked at: their source only fails.", ["realm"]);
        _storeErrors = factory.CreateCounter(
            "sbc_registrations_store_errors_total", "Batches of registrations that could not be written.");
        _stored = factory.CreateCounter(
            "sbc_registrations_stored_total", "Changes of users' registrations that were written.");
    }

    public void Collect()
    {
        _active.Set(_server.Workers.Locations.Count);
        _storeErrors.IncTo(_server.Registrations?.Errors ?? 0);
        _stored.IncTo(_server.Registrations?.Written ?? 0);
        foreach (Realm realm in _server.Workers.Snapshots.Current.Realms)
        {
            _failures.WithLabels(realm.Name).IncTo(
                _server.Workers.Signalling.Sum(worker => worker.Counters.AuthFailures(realm.Id)));
            _unheard.WithLabels(realm.Name).IncTo(
                _server.Workers.Signalling.Sum(worker => worker.Counters.AuthUnheard(realm.Id)));
        }
    }
}
