using System.Text;
using Microsoft.AspNetCore.Http;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Network;
using Sbc.Program.Logging;
using Sbc.Program.Serving;
using Sbc.Runtime;
using LogLevel = Sbc.Engine.Config.LogLevel;

namespace Sbc.Program.Admin;

/// <summary>The location table for the operator: read without asking a worker, changed by the worker that owns it.
/// </summary>
internal sealed class RegistrationPages(Server server)
{
    private const int ListedMax = 1000;

    /// <summary>A worker answers between two turns.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    /// <summary><c>?user=</c> is the beginning of an address-of-record; without it all are listed.</summary>
    public Task ListAsync(HttpContext context)
    {
        string wanted = $"{context.Request.Query["user"]}";
        var found = new FoundBindings();
        var list = new List<RegistrationReport>();
        Snapshot snapshot = server.Workers.Snapshots.Current;
        byte[] name = new byte[AddressOfRecord.BytesMax];
        LocationTable locations = server.Workers.Locations;
        Instant now = MonotonicClock.Now;
        for (int worker = 0; worker < locations.Workers; worker++)
        {
            LocationShard shard = locations.Shard(worker);
            for (int row = 0; row < shard.RowsCreated && list.Count <= ListedMax; row++)
            {
                if (!shard.TryReadRow(row, now, found, name, out int length)) continue;
                string user = Encoding.UTF8.GetString(name.AsSpan(0, length));
                if (!user.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)) continue;
                for (int i = 0; i < found.Count; i++) list.Add(Report(user, found[i], found.Text(i), snapshot, now));
            }
        }
        bool isComplete = list.Count <= ListedMax;
        if (!isComplete) list.RemoveRange(ListedMax, list.Count - ListedMax);
        return Answer.JsonAsync(
            context, 200, new RegistrationsReport(locations.Count, isComplete, list),
            AdminJson.Readable.RegistrationsReport);
    }

    /// <summary>Takes all bindings of a user away; his phones come back with their next refresh.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        string user = (string)context.Request.RouteValues["user"]!;
        if (server.Workers.Snapshots.Current.Registrar is not { } registrar)
        {
            await Answer.ErrorAsync(context, 404, "there is no registrar");
            return;
        }
        if (!user.Contains('@')) user += "@" + Encoding.ASCII.GetString(registrar.Domains[0]);
        byte[] aor = Encoding.UTF8.GetBytes(user);
        if (aor.Length > AddressOfRecord.BytesMax)
        {
            await Answer.ErrorAsync(context, 404, "nobody has such a name");
            return;
        }
        var request = new ControlRequest(ControlKind.RemoveRegistrations) { Aor = aor };
        SignallingWorker owner = server.Workers.Signalling[server.Workers.Locations.OwnerOf(aor)];
        if (owner.Mailbox.TryPost(request)) owner.Doorbell.Ring();
        await Task.WhenAny(request.Done.Task, Task.Delay(AnswerMax, context.RequestAborted));
        if (!request.Done.Task.IsCompletedSuccessfully)
        {
            await Answer.ErrorAsync(context, 503, "the worker did not answer in time");
            return;
        }
        int removed = await request.Done.Task;
        if (removed == 0)
        {
            await Answer.ErrorAsync(context, 404, $"\"{user}\" is not registered");
            return;
        }
        server.Log.Write(new LogLine(
            LogLevel.Info, "registrations_removed", $"{removed} registrations of {user} were removed by the operator",
            ("user", user), ("removed", $"{removed}")));
        await Answer.JsonAsync(
            context, 200, new RegistrationsReport(server.Workers.Locations.Count, true, [], removed),
            AdminJson.Readable.RegistrationsReport);
    }

    private static RegistrationReport Report(
        string user, in Binding binding, BindingText text, Snapshot snapshot, Instant now)
    {
        Listener? listener = snapshot.ListenerOf(binding.Listener, binding.ListenerGeneration);
        return new RegistrationReport(
            user, Text(text.Contact), listener is null ? "" : snapshot.Realms[listener.RealmId].Name,
            listener is null ? "" : $"udp://{listener.Local}",
            $"{binding.Remote}", (binding.ExpiresAt - now) / 1_000_000, binding.Quality / 1000.0,
            binding.Traits.HasFlag(BindingTraits.Nat), Optional(text.Instance),
            binding.RegId == 0 ? null : binding.RegId, Optional(text.Path), Text(text.UserAgent), Text(text.CallId),
            binding.CSeq);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string? Optional(ReadOnlySpan<byte> bytes) => bytes.Length == 0 ? null : Text(bytes);
}
