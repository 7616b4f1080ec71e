namespace Sbc.Engine.Config;

/// <summary>What a running box cannot change in this version: what its threads, and the media of its calls, were made
/// from.</summary>
public static class RestartRules
{
    /// <param name="next">As read; it may have errors of its own.</param>
    public static IReadOnlyList<ConfigProblem> Check(SbcConfig running, SbcConfig next, ISystemFacts facts)
    {
        var problems = new ConfigProblems();
        int processors = facts.ProcessorCount;
        Same("workers", running.Workers ?? processors, next.Workers ?? processors, problems);
        Same("media_workers", running.MediaWorkers ?? processors, next.MediaWorkers ?? processors, problems);
        if (running.Forward.Key?.Value != next.Forward.Key?.Value)
            problems.Error("forward.key", "the key of mode forward changes only by a restart");
        Same("admin.listen", running.Admin.Listen, next.Admin.Listen, problems);
        Same("registrar.mode", ModeOf(running), ModeOf(next), problems);
        if (running.Registrar is not null && next.Registrar is not null)
            Same("registrar.store", running.Registrar.Store ?? "none", next.Registrar.Store ?? "none", problems);
        bool anchors = running.Realms.Any(realm => realm.Media is not null);
        foreach (RealmConfig realm in next.Realms)
        {
            string path = $"realms.{realm.Name}";
            if (running.FindRealm(realm.Name) is { } old)
                Realm(old, realm, path, problems);
            else if (realm.Media is not null && !anchors)
            {
                problems.Error(
                    $"{path}.media", "there is no media worker yet; the first realm with media comes only "
                    + "by a restart");
            }
        }
        return problems.Items;
    }

    private static string ModeOf(SbcConfig config) =>
        config.Registrar is { } registrar ? ConfigWords.RegistrarMode.Name(registrar.Mode) : "off";

    private static void Realm(RealmConfig old, RealmConfig next, string path, ConfigProblems problems)
    {
        // How strangers' packets are steered to workers was decided when the socket was bound.
        Same($"{path}.trust", ConfigWords.Trust.Name(old.Trust), ConfigWords.Trust.Name(next.Trust), problems);
        if (old.Media is null != next.Media is null)
        {
            problems.Error($"{path}.media", "media is switched on or off for a realm only by a restart");
            return;
        }
        if (old.Media is null || next.Media is null) return;
        Same($"{path}.media.address", Hosts(old.Media), Hosts(next.Media), problems);
        Same($"{path}.media.quarantine_ms", old.Media.QuarantineMs, next.Media.QuarantineMs, problems);
    }

    private static string Hosts(RealmMediaConfig media) =>
        string.Join(", ", media.Addresses.Select(address => SipHost.Of(address).Text));

    private static void Same<T>(string path, T running, T next, ConfigProblems problems)
        where T : IEquatable<T>
    {
        if (running.Equals(next)) return;
        string key = path[(path.LastIndexOf('.') + 1)..];
        problems.Error(path, $"{key} changes only by a restart; running is {running}, the file says {next}");
    }
}
