namespace Sbc.Engine.Config;

/// <summary><c>registrar</c>: who may register here, and where it is kept.</summary>
public sealed record RegistrarConfig
{
    public RegistrarMode Mode { get; init; } = RegistrarMode.Local;

    /// <summary><c>domains</c> that are served.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary><c>users</c>, where the registrar is local.</summary>
    public IReadOnlyList<RegistrarUserConfig> Users { get; init; } = [];

    /// <summary><c>users_file</c>: more of them, one a line.</summary>
    public string? UsersFile { get; init; }

    /// <summary><c>to</c>: peer or group that is the registrar, where mode is relay.</summary>
    public string? To { get; init; }

    /// <summary><c>store</c>: SQLite file. Default ./registrations.db.</summary>
    public string Store { get; init; } = "registrations.db";
}
