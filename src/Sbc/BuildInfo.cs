using System.Reflection;

namespace Sbc.Program;

/// <summary>Which build this is. The SDK stamps both as VERSION+COMMIT (SourceRevisionId).</summary>
public sealed record BuildInfo(string Version, string Commit)
{
    public static readonly BuildInfo Current = Read();

    public override string ToString() => $"{Version} (commit {Commit})";

    private static BuildInfo Read()
    {
        string stamp = typeof(BuildInfo).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = stamp.IndexOf('+');
        return plus < 0 ? new BuildInfo(stamp, "unknown") : new BuildInfo(stamp[..plus], stamp[(plus + 1)..]);
    }
}
