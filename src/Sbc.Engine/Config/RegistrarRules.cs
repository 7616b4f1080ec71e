namespace Sbc.Engine.Config;

/// <summary>What must hold for the registrar, and for the users of one of its own.</summary>
internal static class RegistrarRules
{
    private const int Md5Digits = 32;
    private const int Sha256Digits = 64;

    /// <summary>A user and his domain in bytes; what a canonical address-of-record may have.</summary>
    private const int UserCharactersMax = 128;

    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        bool isAsked = config.Routes.Any(route => route.To is { Kind: RouteTargetKind.Registered });
        foreach (RealmConfig realm in config.Realms)
        {
            if (realm.Authenticate && config.Registrar is not { Mode: RegistrarMode.Local })
                problems.Error($"realms.{realm.Name}.authenticate", "it needs a registrar with mode: local and users");
        }
        if (config.Registrar is not { } registrar)
        {
            if (isAsked) problems.Error("routes", "to: registered needs a registrar section");
            return;
        }
        Domains(registrar, problems);
        problems.Range("registrar.contacts_max", registrar.ContactsMax, 1, Limits.ContactsPerAorMax);
        problems.Range("registrar.registrations_max", registrar.RegistrationsMax, 1, Limits.BindingsMax);
        problems.Range("registrar.expires_seconds_min", registrar.ExpiresSecondsMin, 1, 3600);
        problems.Range("registrar.expires_seconds_max", registrar.ExpiresSecondsMax, 1, 31_536_000);
        problems.Range("registrar.nat_expires_seconds_max", registrar.NatExpiresSecondsMax, 1, 31_536_000);
        if (registrar.ExpiresSecondsMin > Math.Min(registrar.ExpiresSecondsMax, registrar.NatExpiresSecondsMax))
            problems.Error("registrar.expires_seconds_min", "the shortest expiry is longer than the longest one");
        if (registrar.Mode == RegistrarMode.Relay)
        {
            Relay(config, registrar, problems);
            return;
        }
        if (registrar.To is not null)
            problems.Error("registrar.to", "a registrar of its own sends nothing on; write mode: relay");
        foreach (string algorithm in registrar.Algorithms)
        {
            if (algorithm is not (RegistrarConfig.Sha256Word or RegistrarConfig.Md5Word))
                problems.Error("registrar.algorithms", $"\"{algorithm}\" is neither sha256 nor md5");
        }
        var names = new HashSet<string>();
        for (int i = 0; i < registrar.Users.Count; i++)
            User(registrar, registrar.Users[i], $"registrar.users[{i}]", names, problems);
        for (int i = 0; i < registrar.FileUsers.Count; i++)
            User(registrar, registrar.FileUsers[i], "registrar.users_file", names, problems);
        if (registrar.UsersTable is not null && registrar.UsersFile is not null)
            problems.Error("registrar.users_file", "the users are in a table already; leave one of the two out");
        if (registrar.UsersTable is { Users.Count: 0 })
            problems.Warning("registrar.users", "the table has no user of registrar.domains yet; it is read again when "
                + "the file changes");
        Algorithms(registrar, problems);
        RealmConfig? open = config.Realms.FirstOrDefault(realm => realm.Trust == RealmTrust.Untrusted);
        if (!registrar.Authenticate && open is not null)
            problems.Warning("registrar.authenticate", $"without it whoever reaches realm \"{open.Name}\" can register "
                + "as anybody and take his calls");
    }

    private static void Relay(SbcConfig config, RegistrarConfig registrar, ConfigProblems problems)
    {
        problems.Range("registrar.registrar_expires_seconds", registrar.RegistrarExpiresSeconds, 60, 86_400);
        problems.Range("registrar.registrations_per_second", registrar.RegistrationsPerSecond, 1, 1_000_000);
        if (registrar.Users.Count > 0 || registrar.FileUsers.Count > 0 || registrar.UsersTable is not null)
            problems.Error("registrar.users", "the users are the core registrar's; leave them out, or write "
                + "mode: local");
        if (registrar.RegistrarExpiresSeconds < 10 * registrar.NatExpiresSecondsMax)
            problems.Warning("registrar.registrar_expires_seconds", "less than ten of the phones' own expiries: the "
                + "registrar sees more than one REGISTER in ten");
        if (!registrar.Authenticate)
            problems.Error("registrar.authenticate", "the core registrar asks for credentials, not the box; leave it "
                + "out");
        if (registrar.To is not { } to)
        {
            problems.Error("registrar.to", "mode: relay needs the peer or group that is the registrar");
            return;
        }
        if (config.Peers.Any(peer => peer.Name == to) || config.Groups.Any(group => group.Name == to)) return;
        problems.Error("registrar.to", $"there is no peer or group \"{to}\"");
    }

    private static void Domains(RegistrarConfig registrar, ConfigProblems problems)
    {
        if (registrar.Domains.Count == 0)
            problems.Error("registrar.domains", "a registrar needs domains, such as [example.net]");
        for (int i = 0; i < registrar.Domains.Count; i++)
        {
            if (!SipHost.TryParse(registrar.Domains[i], out _))
                problems.Error($"registrar.domains[{i}]", $"\"{registrar.Domains[i]}\" is no domain name");
        }
    }

    private static void User(
        RegistrarConfig registrar, RegistrarUserConfig user, string path, HashSet<string> names,
        ConfigProblems problems)
    {
        int at = user.User.LastIndexOf('@');
        string name = at < 0 ? user.User : user.User[..at];
        string domain = at < 0 ? registrar.Domains.FirstOrDefault() ?? "" : user.User[(at + 1)..];
        if (name.Length == 0 || name.Length > UserCharactersMax || name.Any(char.IsControl) || name.Contains(':'))
            problems.Error(path, $"\"{user.User}\" is no user; write user: alice");
        else if (!registrar.Domains.Any(served => served.Equals(domain, StringComparison.OrdinalIgnoreCase)))
            problems.Error(path, $"\"{domain}\", the domain of \"{name}\", is not among registrar.domains");
        else if (!names.Add($"{name}@{domain.ToLowerInvariant()}"))
            problems.Error(path, $"user \"{user.User}\" is there twice");
        int forms = (user.Password is null ? 0 : 1) + (user.Ha1Md5 is null && user.Ha1Sha256 is null ? 0 : 1);
        if (forms != 1)
            problems.Error(path, $"user \"{user.User}\" needs either password_file (or password), or ha1_sha256 and "
                + "ha1_md5, which sbc hash makes");
        if (user.PasswordInline)
            problems.Warning(path, $"the password of \"{user.User}\" stands in the file for all to read; write "
                + "password_file, or the hashes that sbc hash makes");
        Hash(user.Ha1Md5, Md5Digits, $"{path}.ha1_md5", problems);
        Hash(user.Ha1Sha256, Sha256Digits, $"{path}.ha1_sha256", problems);
    }

    private static void Hash(Secret? hash, int digits, string path, ConfigProblems problems)
    {
        if (hash is not null && (hash.Value.Length != digits || !hash.Value.All(char.IsAsciiHexDigit)))
            problems.Error(path, $"it has {digits} hexadecimal digits; sbc hash makes it");
    }

    private static void Algorithms(RegistrarConfig registrar, ConfigProblems problems)
    {
        RegistrarUserConfig[] users = [.. registrar.Users, .. registrar.FileUsers];
        bool md5 = users.All(user => user.Password is not null || user.Ha1Md5 is not null);
        bool sha256 = users.All(user => user.Password is not null || user.Ha1Sha256 is not null);
        if (registrar.UsersTable is { } table) (md5, sha256) = (table.Users.HasMd5, table.Users.HasSha256);
        if (!registrar.CanAsk(md5, sha256))
            problems.Error("registrar.algorithms", "there is no algorithm that every user has a hash for");
    }
}
