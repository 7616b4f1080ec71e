using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;

namespace Sbc.Program.Logging;

/// <summary>What a worker's record says in words.</summary>
public static class WorkerLines
{
    public static LogLine Of(in LogRecord record, Snapshot snapshot, int worker) => record.Kind switch
    {
        LogKind.PeerUp => PeerUp(record, snapshot),
        LogKind.PeerDown => PeerDown(record, snapshot),
        LogKind.InternalError => new LogLine(
            LogLevel.Error, "internal_error", $"internal error in worker sip-{worker}: a call was ended because of it",
            ("worker", $"sip-{worker}"), ("detail", $"{record.Detail}")),
        LogKind.TrunkRegistered => Trunk(record, snapshot),
        LogKind.TrunkFailed => Trunk(record, snapshot),
        LogKind.CallsLimit => CallsLimit(record, snapshot),
        _ => new LogLine(LogLevel.Error, "unknown", $"a worker's record of unknown kind {(int)record.Kind}"),
    };

    private static LogLine PeerUp(in LogRecord record, Snapshot snapshot)
    {
        string name = NameOf(record.Id, snapshot);
        string cause = record.Detail == 0 ? "it is no longer probed" : $"it answers probes, last with {record.Detail}";
        return new LogLine(
            LogLevel.Info, "peer_up", $"peer {name} at {record.Address} is up: {cause}",
            ("peer", name), ("address", $"{record.Address}"), ("cause", cause));
    }

    private static LogLine PeerDown(in LogRecord record, Snapshot snapshot)
    {
        string name = NameOf(record.Id, snapshot);
        string cause = record.Detail == 0 ? "it does not answer" : $"it answers {record.Detail}";
        return new LogLine(
            LogLevel.Warning, "peer_down", $"peer {name} at {record.Address} is down: {cause}",
            ("peer", name), ("address", $"{record.Address}"), ("cause", cause));
    }

    private static LogLine Trunk(in LogRecord record, Snapshot snapshot)
    {
        string name = NameOf(record.Id, snapshot);
        if (record.Kind == LogKind.TrunkRegistered)
        {
            return new LogLine(
                LogLevel.Info, "trunk_registered", $"registered at peer {name}, {record.Address}",
                ("peer", name), ("address", $"{record.Address}"));
        }
        string cause = record.Detail == 0 ? "it does not answer" : $"it answers {record.Detail}";
        return new LogLine(
            LogLevel.Warning, "trunk_failed",
            $"not registered at peer {name}, {record.Address}: {cause}; it gets no calls until it is",
            ("peer", name), ("address", $"{record.Address}"), ("cause", cause));
    }

    private static LogLine CallsLimit(in LogRecord record, Snapshot snapshot)
    {
        string realm = record.Id >= 0 && record.Id < snapshot.Realms.Length ? snapshot.Realms[record.Id].Name : "?";
        return new LogLine(
            LogLevel.Warning, "calls_limit", $"realm {realm} is at its limit of calls, {record.Detail}",
            ("realm", realm), ("limit", $"{record.Detail}"));
    }

    private static string NameOf(int peer, Snapshot snapshot) => snapshot.PeerById(peer)?.Name ?? "(removed)";
}
