using Xunit;

namespace Sbc.Tests.Program;

/// <summary>The sample configurations of the repository.</summary>
public static class SampleFiles
{
    public static IReadOnlyList<string> Paths()
    {
        string[] paths = Directory.GetFiles(Repository.Path("appliance", "samples"), "*.yaml");
        Assert.NotEmpty(paths);
        return paths;
    }
}
