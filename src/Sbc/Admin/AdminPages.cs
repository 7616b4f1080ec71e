using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Program.Exposition;
using Sbc.Program.Logging;
using Sbc.Program.Serving;

namespace Sbc.Program.Admin;

/// <summary>What is at which address of the admin interface.</summary>
internal sealed class AdminPages(Server server)
{
    private readonly AdminReports _reports = new(server);
    private readonly RegistrationPages _registrations = new(server);

    public void Map(WebApplication app)
    {
        Get(app, "/metrics", MetricsAsync);
        Get(app, "/healthz", context => TextAsync(context, 200, "ok"));
        Get(app, "/readyz", ReadyAsync);
        Get(app, "/api/v1/status", context =>
            Answer.JsonAsync(context, 200, _reports.Status(), AdminJson.Readable.StatusReport));
        Get(app, "/api/v1/calls", async context => await Answer.JsonAsync(
            context, 200, await _reports.CallsAsync(context.RequestAborted), AdminJson.Readable.CallsReport));
        Get(app, "/api/v1/peers", context =>
            Answer.JsonAsync(context, 200, _reports.Peers(), AdminJson.Readable.PeersReport));
        Post(app, "/api/v1/reload", ReloadAsync);
        Post(app, "/api/v1/drain", DrainAsync);
        Post(app, "/api/v1/peers/{name}/drain", context => DrainPeerAsync(context, true));
        Post(app, "/api/v1/peers/{name}/resume", context => DrainPeerAsync(context, false));
        Get(app, "/api/v1/registrations", _registrations.ListAsync);
        app.MapDelete("/api/v1/registrations/{user}", (RequestDelegate)_registrations.RemoveAsync);
        foreach (string later in new[] { "bans", "trace" })
        {
            app.Map($"/api/v1/{later}/{{**rest}}", context =>
                Answer.ErrorAsync(context, 404, $"/api/v1/{later} is not available in this version"));
        }
    }

    // Named overloads: a lambda alone would bind by reflection.
    private static void Get(WebApplication app, string path, RequestDelegate page) => app.MapGet(path, page);

    private static void Post(WebApplication app, string path, RequestDelegate page) => app.MapPost(path, page);

    private async Task MetricsAsync(HttpContext context) => await Answer.BytesAsync(
        context, 200, MetricsPage.ContentType, await server.Metrics.RenderAsync(context.RequestAborted));

    private Task ReadyAsync(HttpContext context) => server.Drain.IsDraining
        ? TextAsync(context, 503, "draining")
        : TextAsync(context, 200, "ready");

    private async Task ReloadAsync(HttpContext context)
    {
        ReloadOutcome outcome = await server.Reload.RunAsync("the admin interface");
        ProblemReport[] problems = [.. outcome.Problems.Select(problem => new ProblemReport(
            problem.File, problem.Position.Line, problem.Position.Column, problem.Path,
            problem.Severity == ConfigSeverity.Error ? "error" : "warning", problem.Message))];
        if (outcome.Changes is not { } changes)
        {
            await Answer.JsonAsync(
                context, 422, new ErrorReport("the configuration is refused and nothing changed", problems),
                AdminJson.Readable.ErrorReport);
            return;
        }
        var report = new ReloadReport(
            outcome.Generation, outcome.IsAdopted, !changes.IsNone, changes, outcome.CallsOnOldTargets, problems);
        await Answer.JsonAsync(context, 200, report, AdminJson.Readable.ReloadReport);
    }

    private async Task DrainAsync(HttpContext context)
    {
        _ = server.Drain.Begin("the admin interface");
        var report = new DrainReport(true, server.CallsActive, server.Config.Drain.SecondsMax);
        await Answer.JsonAsync(context, 202, report, AdminJson.Readable.DrainReport);
    }

    private async Task DrainPeerAsync(HttpContext context, bool drains)
    {
        string name = (string)context.Request.RouteValues["name"]!;
        Snapshot snapshot = server.Workers.Snapshots.Current;
        // A name with several addresses is drained as a whole.
        Peer[] peers = [.. snapshot.Peers.Where(peer => peer.ConfiguredName == name || peer.Name == name)];
        if (peers.Length == 0)
        {
            await Answer.ErrorAsync(context, 404, $"there is no peer \"{name}\"");
            return;
        }
        SharedCells cells = server.Workers.Cells;
        if (peers.Any(peer => cells.PeerIsDraining(peer.Id) != drains))
        {
            foreach (Peer peer in peers) cells.SetPeerDraining(peer.Id, drains);
            string what = drains ? "is drained: it gets no new calls" : "is resumed: it gets new calls";
            server.Log.Write(new LogLine(
                LogLevel.Info, drains ? "peer_drain" : "peer_resume", $"peer {name} {what}", ("peer", name)));
        }
        await Answer.JsonAsync(
            context, drains ? 202 : 200, AdminReports.Peer(peers[0], snapshot, cells), AdminJson.Readable.PeerReport);
    }

    private static Task TextAsync(HttpContext context, int status, string text) => Answer.BytesAsync(
        context, status, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text + "\n"));
}
