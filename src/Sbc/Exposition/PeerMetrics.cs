using Prometheus;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Program.Serving;

namespace Sbc.Program.Exposition;

/// <summary>Metrics of peers. One that a reload took away is neither up nor down; what it did stays counted.</summary>
internal sealed class PeerMetrics
{
    private static readonly string[] Classes = ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "timeout", "transport"];

    private readonly Server _server;
    private readonly SeenNames _names;
    private readonly Gauge _up;
    private readonly Gauge _callsActive;
    private readonly Gauge _registered;
    private readonly Counter _responses;
    private HashSet<string> _shown = [];

    public PeerMetrics(IMetricFactory factory, Server server, SeenNames names)
    {
        _server = server;
        _names = names;
        _up = factory.CreateGauge("sbc_peer_up", "Whether the peer is up; one that is not probed always is.", ["peer"]);
        _registered = factory.CreateGauge(
            "sbc_trunk_registered", "Whether the box is registered at the peer, where it has to be.", ["peer"]);
        _callsActive = factory.CreateGauge("sbc_peer_calls_active", "Calls from and to the peer.", ["peer"]);
        _responses = factory.CreateCounter(
            "sbc_peer_responses_total", "Responses of the peer by class, and their absence.", ["peer", "class"]);
    }

    private static bool IsUp(SharedCells cells, int peer) =>
        cells.PeerIsUp(peer) && cells.TrunkOf(peer) != TrunkState.Unregistered;

    public void Collect()
    {
        SharedCells cells = _server.Workers.Cells;
        HashSet<string> configured = [];
        foreach (Peer peer in _server.Workers.Snapshots.Current.Peers)
        {
            configured.Add(peer.Name);
            _up.WithLabels(peer.Name).Set(IsUp(cells, peer.Id) ? 1 : 0);
            if (peer.Auth is { Registers: true })
                _registered.WithLabels(peer.Name).Set(cells.TrunkOf(peer.Id) == TrunkState.Registered ? 1 : 0);
            else
                _registered.RemoveLabelled(peer.Name);
            _callsActive.WithLabels(peer.Name).Set(cells.PeerCalls(peer.Id));
        }
        foreach (string gone in _shown.Except(configured))
        {
            _up.RemoveLabelled(gone);
            _registered.RemoveLabelled(gone);
            _callsActive.RemoveLabelled(gone);
        }
        _shown = configured;
        foreach ((string peer, int row) in _names.Peers)
        {
            for (int one = 0; one < Classes.Length; one++)
            {
                _responses.WithLabels(peer, Classes[one])
                    .IncTo(_server.Workers.Signalling.Sum(worker => worker.Counters.PeerResponses(row, one)));
            }
        }
    }
}
