namespace Sbc.Program.Admin;

/// <summary>The box at a glance.</summary>
/// <param name="State">serving or draining.</param>
/// <param name="CallsActive">Calls being set up or answered; while draining, those that are left.</param>
public sealed record StatusReport(
    string Version, string Commit, string State, bool Draining, double UptimeSeconds, long CallsActive, long Generation,
    int Workers, int MediaWorkers, int PeersUp, int PeersTotal, IReadOnlyList<RealmReport> Realms);

/// <summary>An attached network.</summary>
/// <param name="CallsActive">Calls that came in from it.</param>
/// <param name="MediaPortsFree">Pairs; null where the realm's media is not anchored.</param>
public sealed record RealmReport(
    string Name, string Trust, IReadOnlyList<string> Listeners, long CallsActive, int? MediaPortsFree,
    int? MediaPortsTotal);
