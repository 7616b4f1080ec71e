namespace Sbc.Engine.Config;

/// <summary>What must hold for workers, timers, drain, guard, registrar and the admin interface.</summary>
internal static class ServiceRules
{
    private const int TokenCharactersMin = 16;

    public static void Check(SbcConfig config, ISystemFacts facts, ConfigProblems problems)
    {
        Workers(config.Workers, "workers", facts, problems);
        Workers(config.MediaWorkers, "media_workers", facts, problems);
        Timers(config.Timers, problems);
        problems.Range("drain.seconds_max", config.Drain.SecondsMax, 0, 86400);
        problems.Range("guard.ban_seconds", config.Guard.BanSeconds, 1, 31_536_000);
        problems.Range("guard.ban_seconds_max", config.Guard.BanSecondsMax, 1, 31_536_000);
        Admin(config.Admin, problems);
    }

    private static void Workers(int? workers, string path, ISystemFacts facts, ConfigProblems problems)
    {
        problems.Range(path, workers, 1, ConfigValidator.WorkersMax);
        if (workers > facts.ProcessorCount && workers <= ConfigValidator.WorkersMax)
            problems.Warning(path, $"{workers} workers share {facts.ProcessorCount} processors, which costs and gains "
                + "nothing; write auto");
    }

    private static void Timers(TimersConfig timers, ConfigProblems problems)
    {
        problems.Range("timers.t1_ms", timers.T1Ms, 10, 60_000);
        problems.Range("timers.t2_ms", timers.T2Ms, 10, 600_000);
        problems.Range("timers.t4_ms", timers.T4Ms, 10, 600_000);
        problems.Range("timers.ringing_seconds_max", timers.RingingSecondsMax, 1, 86400);
        problems.Range("timers.duration_seconds_max", timers.DurationSecondsMax, 1, 31_536_000);
        if (timers.DialogProbeSeconds != 0)
            problems.Range("timers.dialog_probe_seconds", timers.DialogProbeSeconds, 30, 86400);
        if (timers.T2Ms < timers.T1Ms)
            problems.Error(
                "timers.t2_ms", $"t2_ms is the longest interval and t1_ms the first; write at least {timers.T1Ms}");
    }

    /// <summary>Whoever reaches the admin interface can drain the box and read who calls whom.</summary>
    private static void Admin(AdminConfig admin, ConfigProblems problems)
    {
        if (AddressRules.WhyNotLocal(admin.Listen) is { } why)
        {
            problems.Error("admin.listen", why);
            return;
        }
        if (admin.Https && admin.Tls is null)
            problems.Error("admin.listen", "https needs tls: {certificate: FILE, key_file: FILE} under admin");
        if (!admin.Https && admin.Tls is not null)
            problems.Error(
                "admin.listen", $"tls is configured, but the address says http; write https://{admin.Listen}");
        if (!admin.IsLoopback && (admin.Token is null || admin.Tls is null))
        {
            problems.Error("admin.listen", $"{admin.Listen} is not loopback, which needs token_file and tls; write "
                + $"http://127.0.0.1:{admin.Listen.Port}, or configure both");
        }
        if (admin.Token is { } token && token.Value.Length < TokenCharactersMin)
            problems.Error(
                "admin.token_file", $"the token is shorter than {TokenCharactersMin} characters and can be guessed");
    }
}
