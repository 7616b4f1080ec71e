using Sbc.Engine.Registrations;

namespace Sbc.Engine.Config;

/// <summary><c>registrar.users</c> as a mapping: users in a table of a SQLite database, which somebody else keeps.
/// </summary>
public sealed record UsersTableConfig
{
    /// <summary><c>query</c> where nothing is written: the table that <c>sbc hash --sql</c> writes rows of.</summary>
    public const string QueryDefault = "SELECT user, domain, ha1_md5, ha1_sha256 FROM users";

    /// <summary><c>sqlite</c>: the file.</summary>
    public required string File { get; init; }

    /// <summary><c>query</c>: user, domain, HA1 by MD5, HA1 by SHA-256; a domain of NULL is the first one that is
    /// served, a hash of NULL is not known.</summary>
    public string Query { get; init; } = QueryDefault;

    /// <summary>The users, as read: flat arrays, so that a million of them are no work for the collector.</summary>
    public UserTable Users { get; init; } = UserTable.Empty;

    /// <summary>What the file was when it was read: while that is the same, so are the users.</summary>
    public string Stamp { get; init; } = "";
}
