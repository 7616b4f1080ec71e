namespace Sbc.Engine.Config;

/// <summary><c>registrar</c>: who may register here, and where it is kept.</summary>
public sealed record RegistrarConfig
{
    public RegistrarMode Mode { get; init; } = RegistrarMode.Local;

    /// <summary><c>domains</c> that are served. The box's own addresses and names stand for the first one.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary><c>users</c>, where the registrar is local.</summary>
    public IReadOnlyList<RegistrarUserConfig> Users { get; init; } = [];

    /// <summary><c>users_file</c>: more of them, one a line, as <c>sbc hash</c> prints it.</summary>
    public string? UsersFile { get; init; }

    /// <summary>The users of that file.</summary>
    public IReadOnlyList<RegistrarUserConfig> FileUsers { get; init; } = [];

    /// <summary><c>users</c> where it is a mapping: a table of a database has them. Null: it has not.</summary>
    public UsersTableConfig? UsersTable { get; init; }

    /// <summary><c>algorithms</c> that a challenge asks for, the best first. Default both: SHA-256 for those who know
    /// it, MD5 for old phones.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = [Sha256Word, Md5Word];

    /// <summary>Whether a challenge can ask everybody for something: what only some can answer would tell strangers
    /// who exists.</summary>
    /// <param name="md5">Every user has a hash of MD5.</param>
    /// <param name="sha256">The same of SHA-256.</param>
    public bool CanAsk(bool md5, bool sha256) =>
        (md5 && Algorithms.Contains(Md5Word)) || (sha256 && Algorithms.Contains(Sha256Word));

    public const string Sha256Word = "sha256";
    public const string Md5Word = "md5";

    /// <summary><c>contacts_max</c> of one user. Default 10: a desk, a mobile, a few more; each is rung by a call.
    /// </summary>
    public int ContactsMax { get; init; } = 10;

    /// <summary><c>registrations_max</c>. Default 1000000: 1 GB.</summary>
    public int RegistrationsMax { get; init; } = 1_000_000;

    /// <summary><c>expires_seconds_min</c>: who asks for less is told so (423). Default 60: below that a phone costs
    /// more than it is worth.</summary>
    public int ExpiresSecondsMin { get; init; } = 60;

    /// <summary><c>expires_seconds_max</c>: who asks for more gets this. Default 3600: a phone that is gone is
    /// forgotten within the hour.</summary>
    public int ExpiresSecondsMax { get; init; } = 3600;

    /// <summary><c>nat_expires_seconds_max</c>: the same for phones behind NAT, in realms with <c>nat: auto</c>.
    /// Default 90: the refresh keeps a binding of 120 s, the shortest that RFC 4787 recommends, open.</summary>
    public int NatExpiresSecondsMax { get; init; } = 90;

    /// <summary><c>expires_seconds_max</c> where mode is relay and nothing is written. A registrar that challenges each
    /// refresh and gives an hour then sees one REGISTER in ten.</summary>
    public const int RelayExpiresSecondsMax = 150;

    /// <summary><c>registrar_expires_seconds</c>: asked for at the core registrar. Default 3600.</summary>
    public int RegistrarExpiresSeconds { get; init; } = 3600;

    /// <summary><c>registrations_per_second</c>: REGISTERs that go to the core registrar; who finds it busy is told
    /// when to come again. Default 200.</summary>
    public int RegistrationsPerSecond { get; init; } = 200;

    /// <summary><c>path</c>: REGISTERs to the core registrar carry a Path of the box (RFC 3327). Default false: its
    /// Contact leads there already.</summary>
    public bool Path { get; init; }

    /// <summary><c>to</c>: peer or group that is the registrar, where mode is relay.</summary>
    public string? To { get; init; }

    /// <summary><c>authenticate</c>: who registers is asked for credentials. Default true; without it whoever reaches
    /// the box may register as anybody, so it is for networks whose phones are known by other means.</summary>
    public bool Authenticate { get; init; } = true;

    /// <summary><c>store</c>: SQLite file. Default ./registrations.db; null (<c>none</c>): memory only, so that a
    /// restart forgets who is registered until he refreshes.</summary>
    public string? Store { get; init; } = "registrations.db";
}
