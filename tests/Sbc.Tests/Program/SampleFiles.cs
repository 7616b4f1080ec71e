using Xunit;

namespace Sbc.Tests.Program;

/// <summary>The sample configurations of the repository.</summary>
public static class SampleFiles
{
    public static IReadOnlyList<string> Paths()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sbc.sln"))) folder = folder.Parent;
        Assert.NotNull(folder);
        string[] paths = Directory.GetFiles(Path.Combine(folder.FullName, "appliance", "samples"), "*.yaml");
        Assert.NotEmpty(paths);
        return paths;
    }
}
