using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary><c>registrar</c> to <see cref="RegistrarConfig"/>.</summary>
internal static class RegistrarBinder
{
    private const string NoStore = "none";

    public static RegistrarConfig Bind(MappingReader map)
    {
        var defaults = new RegistrarConfig();
        string? usersFile = map.File("users_file");
        RegistrarMode mode = map.Word("mode", ConfigWords.RegistrarMode) ?? RegistrarMode.Local;
        IReadOnlyList<string> domains = map.Texts("domains", single: true);
        bool isTable = map.Value("users") is { IsMapping: true };
        var registrar = new RegistrarConfig
        {
            Mode = mode,
            Domains = domains,
            Users = isTable ? [] : [.. map.Items("users").Select(item => User(item.Mapping()))],
            UsersTable = isTable ? UsersTable(map.Mapping("users")!, domains) : null,
            UsersFile = usersFile,
            FileUsers = usersFile is null ? [] : UsersFile.Read(usersFile, map),
            Algorithms = map.Value("algorithms") is null ? defaults.Algorithms : map.Texts("algorithms", single: true),
            ContactsMax = map.Whole("contacts_max") ?? defaults.ContactsMax,
            RegistrationsMax = map.Whole("registrations_max") ?? defaults.RegistrationsMax,
            ExpiresSecondsMin = map.Whole("expires_seconds_min") ?? defaults.ExpiresSecondsMin,
            ExpiresSecondsMax = map.Whole("expires_seconds_max") ??
                (mode == RegistrarMode.Relay ? RegistrarConfig.RelayExpiresSecondsMax : defaults.ExpiresSecondsMax),
            NatExpiresSecondsMax = map.Whole("nat_expires_seconds_max") ?? defaults.NatExpiresSecondsMax,
            To = map.Text("to"),
            RegistrarExpiresSeconds = map.Whole("registrar_expires_seconds") ?? defaults.RegistrarExpiresSeconds,
            RegistrationsPerSecond = map.Whole("registrations_per_second") ?? defaults.RegistrationsPerSecond,
            Path = map.Flag("path") ?? defaults.Path,
            Authenticate = map.Flag("authenticate") ?? defaults.Authenticate,
            Store = map.Text("store") == NoStore ? null
                : map.File("store") ?? SecretFile.Resolve(map.Reading.Folder, defaults.Store!),
        };
        map.Done();
        return registrar;
    }

    /// <summary>Null where it cannot be read (reported).</summary>
    private static UsersTableConfig? UsersTable(MappingReader map, IReadOnlyList<string> domains)
    {
        string? file = map.File("sqlite");
        string query = map.Text("query") ?? UsersTableConfig.QueryDefault;
        map.Done();
        if (file is null)
        {
            map.Fail("users is a list, or names the database that has them: {sqlite: users.db}");
            return null;
        }
        try
        {
            return UsersDatabase.Read(file, query, domains);
        }
        catch (UsersDatabaseException unreadable)
        {
            map.Fail(unreadable.Message);
            return null;
        }
    }

    private static RegistrarUserConfig User(MappingReader map)
    {
        var user = new RegistrarUserConfig
        {
            User = map.Text("user") ?? "",
            Password = map.Secret("password"),
            PasswordInline = map.Value("password") is not null,
            Ha1Md5 = map.Text("ha1_md5") is { } md5 ? new Secret(md5) : null,
            Ha1Sha256 = map.Text("ha1_sha256") is { } sha256 ? new Secret(sha256) : null,
        };
        map.Done();
        return user;
    }
}
