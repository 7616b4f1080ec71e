using Sbc.Perf.Subjects;

namespace Sbc.Perf.Registrations;

/// <summary>One row of the table of registrars, of <c>perf.example</c>.</summary>
internal abstract class Registrar
{
    public const string Domain = "perf.example";
    public const string Password = "perf";

    public abstract string Name { get; }

    /// <summary>It asks for digest credentials, each time.</summary>
    public abstract bool Challenges { get; }

    /// <summary>The others are compared with it.</summary>
    public virtual bool IsReference => false;

    public static string User(int number) => $"u{number:D7}";

    /// <summary>Why the row cannot run on this machine; null when it can.</summary>
    public abstract string? Missing(Workspace workspace);

    /// <summary>Starts it with that many users and returns when it serves; throws <see cref="RowFailed"/>.</summary>
    public abstract RunningSubject Start(Workspace workspace, string folder, int users);
}
